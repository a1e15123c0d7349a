"""How the classifier came to decide as it does: every epoch's map, and what it decides there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np
import panel as pn

from dashboards.data.population import Population
from dashboards.data.time_travel import Travel, travels
from dashboards.session.asking import Asking
from dashboards.session.gestures import EpochPolygon, Flips, Gesture, Samples
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.selection import Step
from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS
from dashboards.views.time_travel.landscape.landscape import Counted, Described, LandscapePlayer, Look
from dashboards.views.time_travel.landscape.table import Packed, flips, packed, told
from dashboards.views.time_travel.state import LANDSCAPE, Asked, Moment, TravelView, moment
from dashboards.widgets.help import Help
from dashboards.widgets.modifiers import mode_of
from dashboards.widgets.plot_bar import Bar, Choice, PlotBar
from deepvid.config import names
from deepvid.engine.requests import Refined, RefineLandscape
from deepvid.errors import DataError

FINE = 300  # cells a side of what is looked at from near
MOST_CLASSES = 127  # of which a cell's byte has room for one bit more
SWITCHES = (
    ("training", "Training", "Draw the training images that were drawn for the map"),
    ("test", "Test", "Draw the test images"),
    ("boundary", "Border", "Draw the points that the classifier cannot decide"),
    ("trust", "Trust", "Mark where the map is not to be believed"),
    ("trails", "Trails", "Draw the way of the images that are selected or under the pointer"),
    ("isolate", "Isolate", "Draw nothing but what is selected"),
)


class Prepared(NamedTuple):
    """What it will show."""

    owner: str
    table: Population
    shown: Moment
    packed: Packed
    selected: np.ndarray | None  # bool (point,)
    flips: Counted
    bar: Bar
    look: Look
    address: str | Path  # of the run
    refusal: str  # why nothing is computed; empty: it is


class LandscapeView(TravelView):
    """All epochs are in the browser: it plays them alone, and tells which one stands."""

    title = "Time travel"
    subject = "Time travel"
    needs = LANDSCAPE
    follows: ClassVar = ("run", "version", "facts", "mask", "focus")
    watched: ClassVar = ("form", "epoch", *(name for name, *_ in SWITCHES))
    help: ClassVar = Help(
        what="The map of every epoch. The ground shows what the classifier decides there: the hue is the "
        "class, the shade its lead over the second class, and where it cannot decide there is no hue.",
        use="Play, or drag the timeline, whose columns count the images that change class. Drag around test "
        "images to select them on every page; a click studies one. From near the ground is computed finer. "
        "Space plays, arrow keys go from epoch to epoch.",
        beware="The ground is decoded from two numbers, and so it is a guess where no image lies. Turn Trust "
        "on: images with few of their nearest here are hollow, and ground is hatched where no image of its "
        "class lies, or where what is decoded is like no image.",
        source="Yang et al. 2022, DeepVisualInsight. The margin is the largest probability less the second.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: Prepared | None = None
        self._top = PlotBar(
            {"choose": self._choose}, help=self.help, height=36, sizing_mode="stretch_width", margin=0
        )
        actions = {
            "epoch": self._rest,
            "flips": self._flips,
            "hover": self._hover,
            "pick": self._pick,
            "lasso": self._lasso,
            "refine": self._refine,
        }
        self._asking = Asking(session, lambda: None, of="landscape")
        self._player = LandscapePlayer(actions, sizing_mode="stretch_both", min_height=120, margin=0)
        self.link(pn.Column(self._top, self._player, sizing_mode="stretch_both", margin=0))

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
        look: Look = {
            "epoch": shown.epoch,
            **{name: scene.own[name] for name, *_ in SWITCHES},  # type: ignore[typeddict-item]
            "chosen": 0 if selected is None else int(selected.sum()),
            "focus": shown.travel.point_of(scene.focus),
        }
        return Prepared(
            f"{run.id}/{shown.travel.form}",
            table,
            shown,
            packed(shown.travel, table.class_names),
            selected,
            {"count": flips(shown.travel, selected), "of": among},
            _bar(shown, scene),
            look,
            run.address,
            scene.refusal,
        )

    def publish(self, prepared: Prepared) -> None:
        """The epochs travel once, and with them what is small."""
        before, self._shown = self._shown, prepared
        sent = prepared.packed
        changed: dict[str, Any] = {
            "look": prepared.look,
            "flips": prepared.flips,
            "selected": b"" if prepared.selected is None else prepared.selected.tobytes(),
        }
        if before is None or before.packed is not sent or before.owner != prepared.owner:
            changed |= {
                name: getattr(sent, name) for name in ("position", "answer", "kept", "label", "cells")
            }
            changed["travel"] = described(prepared)
        self._player.param.update(**changed)
        self._top.bar = prepared.bar

    def vacate(self, lacks: Missing) -> None:
        """A sentence stands in its place: what is shown next is sent whole."""
        super().vacate(lacks)
        self._shown = None

    # --- what a person does

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["form", str(form)]:
                with self.session.hold():
                    self.state.form = form
            case ["show", str(name)] if any(name == known for known, *_ in SWITCHES):
                with self.session.hold():
                    self.state.param.update(**{name: not getattr(self.state, name)})

    def _rest(self, value: Any) -> None:
        epoch = self._epoch(value)
        if epoch is not None:
            self.go(epoch)

    def _flips(self, value: Any) -> None:
        epoch = self._epoch(value)
        if epoch is not None and self._shown is not None:
            self._select(Flips(self._shown.shown.travel.form, epoch), None)

    def _epoch(self, value: Any) -> int | None:
        """The epoch, from 1, that a message names; None where it names none of what is shown."""
        shown = self._shown
        match value:
            case [str(owner), int(epoch)] if shown is not None and owner == shown.owner:
                return epoch if type(epoch) is int and 1 <= epoch <= shown.shown.travel.epochs else None
        return None

    def _hover(self, value: Any) -> None:
        shown, navigation = self._shown, self.session.navigation
        point = self._point(value[:2]) if isinstance(value, list) and len(value) == 3 else None
        with self.session.hold():
            if shown is None or point is None:
                navigation.hover = None
                return
            travel, table = shown.shown.travel, shown.table
            sample, epoch = int(travel.samples[point]), value[2]
            if type(epoch) is not int or not 1 <= epoch <= travel.epochs:
                return
            navigation.hover = sample if table.row_of(sample) is not None else None
            image = table.images_of(np.array([sample]))[0]
            self._player.param.update(
                tip={
                    "number": shown.packed.number,
                    "point": point,
                    "lines": told(travel, epoch - 1, point, table.class_names),
                    "shape": list(image.shape),
                },
                picture=image.tobytes(),
            )

    def _pick(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            return
        point, shown = self._point([value.get("number"), value.get("point")]), self._shown
        if point is None or shown is None:
            return
        sample = int(shown.shown.travel.samples[point])
        if shown.table.row_of(sample) is None:
            return  # a training image: what is known of it stands beside it
        mode = mode_of(_held(value))
        if mode is None:
            self.session.focus(sample)
        else:
            self.session.select(Step(mode, Samples((sample,))))

    def _lasso(self, value: Any) -> None:
        shown = self._shown
        if shown is None or not isinstance(value, Mapping) or value.get("owner") != shown.owner:
            return
        try:
            polygon = EpochPolygon.parse({**value, "form": shown.shown.travel.form})
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            must = "A lasso has three corners or more, all finite"
            self.session.fault(DataError(must, str(error), "Draw it anew"))
            return
        self._select(polygon, value)

    def _refine(self, value: Any) -> None:
        """The ground of what is looked at from near; where nothing is computed, it stays as it is."""
        shown = self._shown
        if shown is None or shown.refusal or not isinstance(value, Mapping):
            return
        epoch = self._epoch([value.get("owner"), value.get("epoch")])
        if epoch is None:
            return
        try:
            low, high = ((float(x), float(y)) for x, y in (value["low"], value["high"]))
        except (ValueError, TypeError, KeyError) as error:
            must = "What is looked at lies between two corners of the map"
            self.session.fault(DataError(must, str(error), "Press 0 to see all of it"))
            return
        form = cast(names.TimeTravelForm, shown.shown.travel.form)
        request = RefineLandscape(shown.address, form, epoch, low, high, FINE)
        self._asking.ask(shown.owner, request, lambda found: self._refined(shown.owner, request, found))

    def _refined(self, owner: str, request: RefineLandscape, found: Refined) -> None:
        if self._shown is None or self._shown.owner != owner or found.cell_class.max() > MOST_CLASSES:
            return
        with self.session.hold():
            self._player.param.update(
                fine={
                    "owner": owner,
                    "epoch": request.epoch,
                    "box": [*request.low, *request.high],
                    "side": request.resolution,
                },
                fine_cells=found.cell_class.astype(np.uint8).tobytes() + found.cell_margin.tobytes(),
            )

    def _select(self, gesture: Gesture, held: Any) -> None:
        mode = (held is not None and mode_of(_held(held))) or self.session.selection.mode
        self.session.select(Step(mode, gesture))

    def _point(self, value: Any) -> int | None:
        """The point that a message names; None where it names none of what is shown."""
        shown = self._shown
        match value:
            case [int(number), int(point)] if shown is not None and number == shown.packed.number:
                return point if type(point) is int and 0 <= point < len(shown.shown.travel.samples) else None
        return None


def _held(value: Mapping[str, Any]) -> Any:
    return {"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False}


def described(prepared: Prepared) -> Described:
    """What the browser is told beside the bytes."""
    travel, sent = prepared.shown.travel, prepared.packed
    return {
        "owner": prepared.owner,
        "number": sent.number,
        "points": len(travel.samples),
        "training": travel.training,
        "boundary": travel.boundary.shape[1],
        "epochs": travel.epochs,
        "planned": travel.planned,
        "side": len(travel.landscapes[0].decided),
        "colors": list(CLASS_COLORS),
        "frame": [float(side) for side in travel.frame.ravel()],
        "span": list(sent.span),
        "boxes": [[float(side) for side in scene.box.ravel()] for scene in travel.landscapes],
        "names": [
            {"text": text, "color": color, "at": [list(at) for at in where]}
            for text, color, where in sent.names
        ],
    }


def _bar(shown: Moment, scene: Scene) -> Bar:
    """The sentence about the epoch, and the switches."""
    assert scene.run is not None
    known = travels(scene.run)
    forms: list[Choice] = []
    if len(known) > 1:
        options = [[form, travel.name] for form, travel in known.items()]
        forms = [
            {"name": "form", "label": "form", "value": shown.travel.form, "options": options, "menu": True}
        ]
    return {
        "title": _sentence(shown, scene.own["epoch"]),
        "badge": None if shown.travel.finished else _partial(shown.travel),
        "choices": forms,
        "switches": [[name, text, hint, scene.own[name]] for name, text, hint in SWITCHES],
    }


def _sentence(shown: Moment, asked: int | None) -> str:
    travel, epoch = shown
    number = epoch + 1
    changed = int(travel.flips[epoch, travel.training :].sum())
    parts = (
        [f"{100 * travel.accuracy['test'][epoch]:.1f} % of test images right"]
        if "test" in travel.accuracy
        else []
    )
    if epoch:
        parts.append(f"{changed:,} changed class")
    missed = f" (there is no epoch {asked})" if asked is not None and asked != number else ""
    return f"Epoch {number} of {travel.epochs}{missed}: {', '.join(parts)}"


def _partial(travel: Travel) -> str:
    return f"partial: {travel.epochs} of {travel.planned} epochs are computed"
