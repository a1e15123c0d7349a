"""What a person does on the map of an epoch, as its player says it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.kit.points import Description, PointActions, PointSet
from dashboards.session.engine_task import EngineTask
from dashboards.session.gestures import EpochPolygon, Flips, Gesture, Samples
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


class PlayerActing(PointActions):
    """What is said of another map than the one that is played means nothing."""

    def __init__(
        self, session: Session, go: Callable[[int], None], beside: Callable[[], str], *, of: str
    ) -> None:
        """`go` shows an epoch, from 1; `beside` is as `Played` has it; `of` tells two players apart."""
        actions = {"epoch": self._rest, "flips": self._flips, "refine": self._refine}
        super().__init__(session, LandscapePlayer, actions)
        self.shown: Played | None = None
        self._go, self._beside = go, beside
        self._asking = EngineTask(session, lambda: None, of=of)

    @property
    def played(self) -> Played | None:
        """None while what is shown is of a run, or beside it one, that was left a moment ago."""
        shown, run = self.shown, self._session.run
        known = shown is not None and run is not None and shown.address == run.address
        return shown if known and shown is not None and shown.beside == self._beside() else None

    @property
    def points(self) -> PointSet | None:
        """Training images are points, too; of those, what is known stands beside them."""
        played = self.played
        return played and PointSet(played.number, played.table, played.shown.travel.samples)

    def describe(self, points: PointSet, point: int, moment: list[Any]) -> Description | None:
        """Of the epoch, from 1, that a message names; of one that there is not, nothing."""
        played = self.played
        assert played is not None
        epoch = self._epoch([played.owner, *moment])
        if epoch is None:
            return None
        image = points.table.images_of(points.samples[point : point + 1])[0]
        lines = told(played.shown.travel, epoch - 1, point, points.table.class_names)
        return Description(lines, image)

    def gesture(self, value: Mapping[str, Any]) -> Gesture | None:
        """A lasso in an epoch; of another run, the images in it."""
        played = self.played
        if played is None or self._epoch([value.get("owner"), value.get("epoch")]) is None:
            return None
        travel = played.shown.travel
        polygon = EpochPolygon.parse({**value, "form": travel.form})
        if not played.turned:
            return polygon
        x, y = travel.position[polygon.epoch - 1].astype(np.float32).T
        lies = Map(travel.form, np.ascontiguousarray(x), np.ascontiguousarray(y), {}, {})
        return self._found(lies.inside(*polygon.corners), f"in the lasso of epoch {polygon.epoch} there")

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
            self.component.param.update(
                fine={
                    "owner": owner,
                    "epoch": request.epoch,
                    "box": [*request.low, *request.high],
                    "side": request.resolution,
                },
                fine_cells=found.cell_class.astype(np.uint8).tobytes() + found.cell_margin.tobytes(),
            )
