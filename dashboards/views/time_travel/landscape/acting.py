"""What a person does on the map of an epoch, as its player says it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.session.engine_task import EngineTask
from dashboards.session.gestures import EpochPolygon, Flips, Samples
from dashboards.session.modifiers import MapActions, held
from dashboards.session.session import Session
from dashboards.views.time_travel.landscape.landscape import LandscapePlayer
from dashboards.views.time_travel.landscape.table import told
from dashboards.views.time_travel.state import Moment
from deepvid.config import names
from deepvid.engine.requests import Refined, RefineLandscape
from deepvid.errors import DataError

FINE = 300  # cells a side of what is looked at from near
MOST_CLASSES = 127  # of which a cell's byte has room for one bit more


class Played(NamedTuple):
    """What a player shows."""

    owner: str
    number: int  # messages about points say which one they mean
    table: Population
    shown: Moment
    turned: bool  # whether it is another run's, in the plane of the one that is open
    address: str | Path  # of the run that is open
    refusal: str  # why nothing is computed; empty: it is
    beside: str  # what the page's state had beside the map, where it is that; empty: it is the map itself


class PlayerActing(MapActions):
    """What is said of another map than the one that is played means nothing."""

    def __init__(
        self, session: Session, go: Callable[[int], None], beside: Callable[[], str], *, of: str
    ) -> None:
        """`go` shows an epoch, from 1; `beside` is as `Played` has it; `of` tells two players apart."""
        super().__init__(session)
        self.shown: Played | None = None
        self._go, self._beside = go, beside
        self._asking = EngineTask(session, lambda: None, of=of)
        actions = {
            "epoch": self._rest,
            "flips": self._flips,
            "hover": self._hover,
            "pick": self._pick,
            "lasso": self._lasso,
            "refine": self._refine,
        }
        self.player = LandscapePlayer(actions, sizing_mode="stretch_both", min_height=120, margin=0)

    @property
    def played(self) -> Played | None:
        """None while what is shown is of a run, or beside it one, that was left a moment ago."""
        shown, run = self.shown, self._session.run
        known = shown is not None and run is not None and shown.address == run.address
        return shown if known and shown is not None and shown.beside == self._beside() else None

    def _rest(self, value: Any) -> None:
        epoch = self._epoch(value)
        if epoch is not None:
            self._go(epoch)

    def _flips(self, value: Any) -> None:
        epoch, played = self._epoch(value), self.played
        if epoch is None or played is None:
            return
        travel = played.shown.travel
        if played.turned:
            self.brush(
                self._found(travel.flips[epoch - 1], f"whose class changed in epoch {epoch} there"), None
            )
        else:
            self.brush(Flips(travel.form, epoch), None)

    def _epoch(self, value: Any) -> int | None:
        """The epoch, from 1, that a message names; None where it names none of what is shown."""
        played = self.played
        match value:
            case [str(owner), int(epoch)] if played is not None and owner == played.owner:
                return epoch if type(epoch) is int and 1 <= epoch <= played.shown.travel.epochs else None
        return None

    def _hover(self, value: Any) -> None:
        played, navigation = self.played, self._session.navigation
        point = self._point(value[:2]) if isinstance(value, list) and len(value) == 3 else None
        with self._session.hold():
            if played is None or point is None:
                navigation.hover = None
                return
            travel, table = played.shown.travel, played.table
            sample, epoch = int(travel.samples[point]), value[2]
            if type(epoch) is not int or not 1 <= epoch <= travel.epochs:
                return
            navigation.hover = sample if table.row_of(sample) is not None else None
            image = table.images_of(np.array([sample]))[0]
            self.player.param.update(
                tip={
                    "number": played.number,
                    "point": point,
                    "lines": told(travel, epoch - 1, point, table.class_names),
                    "shape": list(image.shape),
                },
                picture=image.tobytes(),
            )

    def _pick(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            return
        point, played = self._point([value.get("number"), value.get("point")]), self.played
        if point is None or played is None:
            return
        sample = int(played.shown.travel.samples[point])
        if played.table.row_of(sample) is not None:  # of a training image, what is known stands beside it
            self.pick(sample, held(value))

    def _lasso(self, value: Any) -> None:
        played = self.played
        if played is None or not isinstance(value, Mapping) or value.get("owner") != played.owner:
            return
        if self._epoch([value.get("owner"), value.get("epoch")]) is None:
            return
        try:
            polygon = EpochPolygon.parse({**value, "form": played.shown.travel.form})
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            must = "A lasso has three corners or more, all finite"
            self._session.fault(DataError(must, str(error), "Draw it anew"))
            return
        if not played.turned:
            self.brush(polygon, held(value))
            return
        travel = played.shown.travel
        x, y = travel.position[polygon.epoch - 1].astype(np.float32).T
        drawn = Map(travel.form, np.ascontiguousarray(x), np.ascontiguousarray(y), {}, {})
        inside = drawn.inside(*polygon.corners)
        self.brush(self._found(inside, f"in the lasso of epoch {polygon.epoch} there"), held(value))

    def _found(self, points: np.ndarray, words: str) -> Samples:
        """Test images of a map that is not this run's, which no gesture of this run names."""
        assert self.played is not None
        travel = self.played.shown.travel
        found = travel.samples[travel.training :][points[travel.training :]]
        return Samples(tuple(found.tolist()), words)

    def _refine(self, value: Any) -> None:
        """The ground of what is looked at from near; where nothing is computed, it stays as it is."""
        played = self.played
        if played is None or played.refusal or played.turned or not isinstance(value, Mapping):
            return
        epoch = self._epoch([value.get("owner"), value.get("epoch")])
        if epoch is None:
            return
        try:
            low, high = ((float(x), float(y)) for x, y in (value["low"], value["high"]))
        except (ValueError, TypeError, KeyError) as error:
            must = "What is looked at lies between two corners of the map"
            self._session.fault(DataError(must, str(error), "Press 0 to see all of it"))
            return
        form = cast(names.TimeTravelForm, played.shown.travel.form)
        request = RefineLandscape(played.address, form, epoch, low, high, FINE)
        self._asking.ask(played.owner, request, lambda found: self._refined(played.owner, request, found))

    def _refined(self, owner: str, request: RefineLandscape, found: Refined) -> None:
        if self.played is None or self.played.owner != owner or found.cell_class.max() > MOST_CLASSES:
            return
        with self._session.hold():
            self.player.param.update(
                fine={
                    "owner": owner,
                    "epoch": request.epoch,
                    "box": [*request.low, *request.high],
                    "side": request.resolution,
                },
                fine_cells=found.cell_class.astype(np.uint8).tobytes() + found.cell_margin.tobytes(),
            )

    def _point(self, value: Any) -> int | None:
        """The point that a message names; None where it names none of what is shown."""
        played = self.played
        match value:
            case [int(number), int(point)] if played is not None and number == played.number:
                return point if type(point) is int and 0 <= point < len(played.shown.travel.samples) else None
        return None
