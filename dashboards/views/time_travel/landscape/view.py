"""How the classifier came to decide as it does: every epoch's map, and what it decides there."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import panel as pn

from dashboards.data.memberships import MEMBERSHIPS, joined, members
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.landscape.acting import Played, PlayerActing
from dashboards.views.time_travel.landscape.landscape import Counted, Look
from dashboards.views.time_travel.landscape.table import Packed, flips, packed
from dashboards.views.time_travel.landscape.words import SWITCHES, bar, described
from dashboards.views.time_travel.state import LANDSCAPE, Asked, TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.plot_bar import Bar, PlotBar


class Prepared(NamedTuple):
    """What it will show."""

    played: Played
    packed: Packed
    selected: np.ndarray | None  # bool (point,): those highlighted, too
    flips: Counted
    bar: Bar
    look: Look


class LandscapeView(TravelView):
    """All epochs are in the browser: it plays them alone, and tells which one stands."""

    title = "Time travel"
    subject = "Time travel"
    needs = LANDSCAPE
    follows: ClassVar = ("run", "version", "facts", "mask", "focus")
    watched: ClassVar = ("form", "epoch", "among", *(name for name, *_ in SWITCHES))
    help: ClassVar = Help(
        what="The map of every epoch. The ground shows what the classifier decides there: the hue is the "
        "class, the shade its lead over the second class, and where it cannot decide there is no hue.",
        use="Play, or drag the timeline, whose columns count the images that change class. Drag around test "
        "images to select them on every page; a click studies one. The menu highlights training images: "
        "misclassified, and where the run knows them noisy, labeled or newly come in. From near, the ground "
        "is computed finer. Space plays, arrow keys go from epoch to epoch.",
        beware="The ground is decoded from two numbers, and so it is a guess where no image lies. Turn Trust "
        "on: images with few of their nearest here are hollow, and ground is hatched where no image of its "
        "class lies, or where what is decoded is like no image.",
        source="Yang et al. 2022, DeepVisualInsight. The margin is the largest probability less the second.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._top = PlotBar(
            {"choose": self._choose}, help=self.help, height=36, sizing_mode="stretch_width", margin=0
        )
        self._acting = PlayerActing(session, self.go, of="landscape")
        self.link(pn.Column(self._top, self._acting.player, sizing_mode="stretch_both", margin=0))

    def own(self) -> dict[str, Any]:
        """What the page's state says."""
        return {name: getattr(self.state, name) for name in self.watched}

    def prepare(self, scene: Scene) -> Prepared:
        table, run = scene.table, scene.run
        assert table is not None
        assert table.epochs is not None
        assert run is not None
        shown = moment(scene, Asked(scene.own["form"], scene.own["epoch"]))
        selected = table.epochs.points(shown.travel, scene.mask)
        among = "test images" if selected is None else "those selected"
        drawn = joined(selected, members(shown.travel, shown.epoch, scene.own["among"]))
        look: Look = {
            "epoch": shown.epoch,
            **{name: scene.own[name] for name, *_ in SWITCHES},  # type: ignore[typeddict-item]
            "chosen": 0 if drawn is None else int(drawn.sum()),
            "focus": shown.travel.point_of(scene.focus),
        }
        sent = packed(shown.travel, table.class_names)
        owner = f"{run.id}/{shown.travel.form}"
        return Prepared(
            Played(owner, sent.number, table, shown, run.address, scene.refusal),
            sent,
            drawn,
            {"count": flips(shown.travel, selected), "of": among},
            bar(shown, scene, scene.own),
            look,
        )

    def publish(self, prepared: Prepared) -> None:
        """The epochs travel once, and with them what is small."""
        before, self._acting.played = self._acting.played, prepared.played
        sent, played = prepared.packed, prepared.played
        changed: dict[str, Any] = {
            "look": prepared.look,
            "flips": prepared.flips,
            "selected": b"" if prepared.selected is None else prepared.selected.tobytes(),
        }
        if before is None or before.number != played.number or before.owner != played.owner:
            changed |= {
                name: getattr(sent, name) for name in ("position", "answer", "kept", "label", "cells")
            }
            changed["travel"] = described(played.owner, played.shown.travel, sent)
        self._acting.player.param.update(**changed)
        self._top.bar = prepared.bar

    def vacate(self, lacks: Missing) -> None:
        """A sentence stands in its place: what is shown next is sent whole."""
        super().vacate(lacks)
        self._acting.played = None

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["form", str(form)]:
                with self.session.hold():
                    self.state.form = form
            case ["among", str(among)] if not among or among in MEMBERSHIPS:
                with self.session.hold():
                    self.state.param.update(among=among, training=bool(among) or self.state.training)
            case ["show", str(name)] if any(name == known for known, *_ in SWITCHES):
                with self.session.hold():
                    self.state.param.update(**{name: not getattr(self.state, name)})
