"""How the classifier came to decide as it does: every epoch's map, and what it decides there."""

from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

import numpy as np
import panel as pn

from dashboards.data.memberships import MEMBERSHIPS, joined, members
from dashboards.kit.plot_header import Bar, PlotHeader
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.theme import NARROW
from dashboards.views.time_travel.landscape.acting import Played, PlayerActing
from dashboards.views.time_travel.landscape.around import around
from dashboards.views.time_travel.landscape.landscape import Around, Counted, Look
from dashboards.views.time_travel.landscape.table import Packed, flips, packed
from dashboards.views.time_travel.landscape.words import SWITCHES, above, above_beside, described, legend
from dashboards.views.time_travel.state import LANDSCAPE, Asked, Moment, TravelView, beside, frame, moment
from dashboards.widgets.help import Help
from deepvid.errors import DataError

HALF = {"flex": "1 1 0", "min-width": "0"}
STACKED = f"{NARROW} {{ :host {{ flex-direction: column !important; }} }}"


class Prepared(NamedTuple):
    """What it will show."""

    played: Played
    packed: Packed
    selected: np.ndarray | None  # bool (point,): those highlighted, too
    flips: Counted
    bar: Bar
    look: Look
    focus: int  # point of the image under study; -1: it has none
    frame: np.ndarray  # f64 (2, 2): corners of what is seen of the plane


class Own(NamedTuple):
    """What the page's state says."""

    asked: Asked
    switches: dict[str, bool]


class Drawn(NamedTuple):
    """Which epoch of what is drawn, under which words."""

    owner: str
    moment: Moment
    bar: Bar
    frame: np.ndarray  # f64 (2, 2): corners of what is seen of the plane
    beside: str = ""  # what the page's state has beside the map, where it is that
    follows: bool = False  # whether it goes where the page's epoch goes
    turned: bool = False  # whether it is another run's


class EpochMap(TravelView):
    """A player of one form. All its epochs are in the browser: it plays them alone, and says which stands."""

    needs = LANDSCAPE
    follows: ClassVar = ("run", "version", "facts", "mask", "focus")
    player: ClassVar = ""  # tells the questions of two apart

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._top = PlotHeader(
            {"choose": self._choose}, help=self.help, height=36, sizing_mode="stretch_width", margin=0
        )
        self._acting = PlayerActing(session, self.go, self.beside, of=self.player)
        self._frame = np.zeros((2, 2))  # that the player has
        self.showing.watch(session.navigation, "hover", self._acting.ring)
        self.link(self._room())

    def beside(self) -> str:
        """What the page's state has beside the map, where this is that."""
        return ""

    def _room(self) -> pn.Column:
        return pn.Column(self._top, self._acting.component, sizing_mode="stretch_both", margin=0)

    def local_state(self) -> Own:
        """What the page's state says."""
        return Own(self.asked, {name: getattr(self.state, name) for name, *_ in SWITCHES})

    def drawn(self, scene: Scene, drawn: Drawn) -> Prepared:
        """What is shown of it: points of what is selected, and the switches, as in every map of the page."""
        table, run = scene.table, scene.run
        assert table is not None
        assert table.epochs is not None
        assert run is not None
        travel, epoch = drawn.moment
        selected = table.epochs.points(travel, scene.mask)
        highlighted = joined(selected, members(travel, epoch, scene.own.asked.among))
        look: Look = {  # type: ignore[typeddict-item]
            "epoch": epoch,
            **scene.own.switches,
            "legend": legend(scene.own.switches),
            "chosen": 0 if highlighted is None else int(highlighted.sum()),
            "follows": drawn.follows,
            "around": self._around(scene, drawn),
        }
        sent, focus = packed(travel, table.class_names), travel.point_of(scene.focus)
        return Prepared(
            Played(
                f"{drawn.owner}/{travel.form}",
                sent.number,
                table,
                drawn.moment,
                drawn.turned,
                run.address,
                scene.refusal,
                drawn.beside,
            ),
            sent,
            highlighted,
            {
                "count": flips(travel, selected),
                "of": "test images" if selected is None else "those selected",
            },
            drawn.bar,
            look,
            -1 if focus is None else focus,
            drawn.frame,
        )

    def _around(self, scene: Scene, drawn: Drawn) -> Around | None:
        """Of another run the features are not this one's."""
        if drawn.turned or not scene.own.switches["neighbors"]:
            return None
        assert scene.run is not None
        return around(scene.run, drawn.moment, scene.focus)

    def publish(self, prepared: Prepared) -> None:
        """The epochs travel once, and with them what is small."""
        before, self._acting.shown = self._acting.shown, prepared.played
        sent, played = prepared.packed, prepared.played
        changed: dict[str, Any] = {
            "look": prepared.look,
            "focus": prepared.focus,
            "flips": prepared.flips,
            "selected": b"" if prepared.selected is None else prepared.selected.tobytes(),
        }
        anew = before is None or before.number != played.number or before.owner != played.owner
        if anew:
            changed |= {
                name: getattr(sent, name) for name in ("position", "answer", "kept", "label", "cells")
            }
        if anew or not np.array_equal(self._frame, prepared.frame):
            self._frame = prepared.frame
            changed["travel"] = described(played.owner, played.shown.travel, sent, prepared.frame)
        self._acting.component.param.update(**changed)
        self._top.bar = prepared.bar

    def show_placeholder(self, lacks: Missing) -> None:
        """A sentence stands in its place: what is shown next is sent whole."""
        super().show_placeholder(lacks)
        self._acting.shown = None

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["form", str(form)]:
                self._update(form=form)
            case ["among", str(among)] if not among or among in MEMBERSHIPS:
                self._update(among=among, training=bool(among) or self.state.training)
            case ["beside", str(run)]:
                self._update(beside=run, beside_epoch=None)
            case ["show", "together"]:
                self._update(beside_epoch=None)
            case ["show", str(name)] if any(name == known for known, *_ in SWITCHES):
                self._update(**{name: not getattr(self.state, name)})

    def _update(self, **values: Any) -> None:
        with self.session.hold():
            self.state.param.update(**values)


class LandscapeView(EpochMap):
    """The epoch that the page is about. What stands beside it has a place in `maps`."""

    title = "Time travel"
    subject = "Time travel"
    player = "landscape"
    watched: ClassVar = ("form", "epoch", "among", "beside", *(name for name, *_ in SWITCHES))
    help: ClassVar = Help(
        what="The map of every epoch. The ground shows what the classifier decides there: the hue is the "
        "class, the shade its lead over the second class, and where it cannot decide there is no hue.",
        use="Play, or drag the timeline, whose columns count the images that change class. Drag around test "
        "images to select them on every page; a click studies one. The menu highlights training images: "
        "misclassified, and where the run knows them noisy, labeled or newly come in. From near the ground "
        "is computed finer. "
        "Space plays, arrow keys go from epoch to epoch; with Shift they move a cursor, where Enter does "
        "what a click does and L sets the corners of a lasso. Neighbors draws who is near the image under "
        "study in the features, and who is near it here.",
        beware="The ground is decoded from two numbers, and so it is a guess where no image lies. Turn Trust "
        "on: images with few of their nearest here are hollow, and ground is hatched where no image of its "
        "class lies, or where what is decoded is like no image.",
        source="Yang et al. 2022, DeepVisualInsight. The margin is the largest probability less the second.",
    )

    def prepare(self, scene: Scene) -> Prepared:
        own, run = scene.own, scene.run
        assert run is not None
        shown = moment(scene, own.asked)
        bar = above(shown, run, own.asked, own.switches)
        other = None
        with suppress(DataError):  # which the map beside it says
            other = beside(scene, own.asked)
        return self.drawn(scene, Drawn(run.id, shown, bar, frame(shown, other)))

    def publish(self, prepared: Prepared) -> None:
        """Of two maps, each has its sentence over itself."""
        super().publish(prepared)
        two = bool(self.state.beside)
        self._own.param.update(visible=two, bar={"title": prepared.bar["title"]} if two else {})
        if two:
            self._top.bar = {**prepared.bar, "title": "Two maps"}

    def _room(self) -> pn.Column:
        self._own = PlotHeader({}, visible=False, height=36, sizing_mode="stretch_width", margin=0)
        map_ = pn.Column(self._own, self._acting.component, sizing_mode="stretch_both", margin=0, styles=HALF)
        self.maps = pn.Row(map_, sizing_mode="stretch_both", margin=0, stylesheets=[STACKED])
        return pn.Column(self._top, self.maps, sizing_mode="stretch_both", margin=0)


class BesideView(EpochMap):
    """Another epoch, or the same of another run, turned so that its images lie as near as they can."""

    title = "Beside it"
    subject = "The map beside it"
    player = "beside"
    watched: ClassVar = ("form", "epoch", "among", "beside", "beside_epoch", *(name for name, *_ in SWITCHES))
    help: ClassVar = Help(
        what="Another epoch of this run, or another run, with the same images in the same colors. The map of "
        "another run is turned, mirrored and scaled as a whole until its images lie as near to their places "
        "in this run as they can.",
        use="It has a timeline of its own. Another run goes with the epochs of this one until that is moved; "
        "Together makes it follow again. What is selected, under study or under the pointer is "
        "marked in both. Differences, on the right, says whose answers differ.",
        beware="Two maps of the same classifier differ, too, by their random beginnings: believe what the "
        "classifier answers, and of places only what the explained share allows.",
        source="Procrustes analysis: Gower 1975.",
    )

    def prepare(self, scene: Scene) -> Prepared:
        own, run = scene.own, scene.run
        assert run is not None
        other = beside(scene, own.asked)
        if other is None:  # hidden
            shown = moment(scene, own.asked)
            return self.drawn(scene, Drawn(run.id, shown, {}, frame(shown, None)))
        turned = other.explained is not None
        owner = f"{other.run} beside {run.id}" if turned else run.id
        seen = frame(moment(scene, own.asked), other)
        chosen = own.asked.beside
        return self.drawn(
            scene, Drawn(owner, other.moment, above_beside(other), seen, chosen, other.follows, turned)
        )

    def beside(self) -> str:
        """It is what the state says."""
        return str(self.state.beside)

    def go(self, epoch: int) -> None:
        """Shows an epoch, from 1, in this map alone."""
        self._update(beside_epoch=epoch)
