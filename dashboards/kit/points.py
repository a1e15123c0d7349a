"""Maps of points in the browser: what all of them show, and what a person does with the points."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, TypedDict

import numpy as np
import param

from dashboards.data.population import Population
from dashboards.session.gestures import Gesture
from dashboards.session.modifiers import MapActions, held
from dashboards.session.session import Session
from dashboards.widgets.component import Actions, Component, Nothing, source
from deepvid.errors import DataError

STYLES = "base.css", "points/points.css"


class Tip(TypedDict):
    """Lines about the point under the pointer, and its picture."""

    number: int
    point: int
    lines: list[str]
    shape: list[int]  # of the picture


class PointMap(Component):
    """A map over modules of `dashboards/browser/kit/points`, which say `hover` [number, point, …] or null,
    `pick` {number, point, shift, ctrl} and `lasso` {x, y, shift, ctrl, and which map it is on}.
    """

    __abstract = True

    selected: bytes = param.Bytes(b"", doc="bool (point,); empty: nothing is selected")  # type: ignore[assignment]
    focus: int = param.Integer(-1, doc="point of the image under study; -1: none")  # type: ignore[assignment]
    ringed: int = param.Integer(-1, doc="point under the pointer in another view; -1: none")  # type: ignore[assignment]
    tip: Tip | Nothing = param.Dict({}, doc="`Tip`")  # type: ignore[assignment]
    picture: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]

    _stylesheets: ClassVar[list[str]] = [source(__file__, *STYLES)]


class PointSet(NamedTuple):
    """The points of a map."""

    number: int  # messages name them by it
    table: Population
    samples: np.ndarray  # (point,); some may be none of the table

    def find(self, number: Any, point: Any) -> int | None:
        """The point that a message means; None where it means another map's."""
        found = number == self.number and type(point) is int and 0 <= point < len(self.samples)
        return point if found else None

    def sample(self, point: int) -> int | None:
        """The sample of a point; None where it is none of the table."""
        sample = int(self.samples[point])
        return None if self.table.row_of(sample) is None else sample

    def point_of(self, sample: int | None) -> int:
        """The point of a sample; -1 where it has none."""
        hit = [] if sample is None else np.flatnonzero(self.samples == sample).tolist()
        return int(hit[0]) if hit else -1


class Description(NamedTuple):
    """Lines about a point, and its picture."""

    lines: list[str]
    image: np.ndarray | None = None


class PointActions(MapActions, ABC):
    """A subclass describes a point, and says which `gesture` a lasso is. What names other points than those
    that are shown does nothing.
    """

    def __init__(self, session: Session, component: type[PointMap], actions: Actions) -> None:
        """`actions` are those that this map has besides."""
        super().__init__(session)
        own = {"hover": self._hover, "pick": self._pick, "lasso": self._lasso}
        self.component = component({**own, **actions}, sizing_mode="stretch_both", min_height=120, margin=0)
        self._points: PointSet | None = None

    @property
    def points(self) -> PointSet | None:
        """None while nothing is shown."""
        return self._points

    def show(self, points: PointSet | None) -> None:
        """From now on, messages are about these."""
        self._points = points

    @abstractmethod
    def describe(self, points: PointSet, point: int, moment: list[Any]) -> Description | None:
        """A point, after the `moment` that a message says besides; None: there is nothing to say."""

    @abstractmethod
    def gesture(self, value: Mapping[str, Any]) -> Gesture | None:
        """None where a lasso is on another map. Raises what `Gesture.parse` does."""

    def ring(self, *_: Any) -> None:
        """Rings what is under the pointer in another view."""
        points = self.points
        with self._session.hold():
            hover = self._session.navigation.hover
            self.component.ringed = -1 if points is None else points.point_of(hover)

    def _hover(self, value: Any) -> None:
        number, point, *moment = value if isinstance(value, list) and len(value) > 1 else (None, None)
        points = self.points
        at = None if points is None else points.find(number, point)
        with self._session.hold():
            if points is None or at is None:
                self._session.navigation.hover = None
                return
            self._session.navigation.hover = points.sample(at)
            if (found := self.describe(points, at, moment)) is None:
                return
            shape, picture = ([], b"") if found.image is None else (found.image.shape, found.image.tobytes())
            tip = Tip(number=points.number, point=at, lines=found.lines, shape=list(shape))
            self.component.param.update(tip=tip, picture=picture)

    def _pick(self, value: Any) -> None:
        points = self.points
        if points is None or not isinstance(value, Mapping):
            return
        at = points.find(value.get("number"), value.get("point"))
        sample = None if at is None else points.sample(at)
        if sample is not None:
            self.pick(sample, held(value))

    def _lasso(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            return
        try:
            gesture = self.gesture(value)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            must = "A lasso has three corners or more, all finite"
            self._session.fault(DataError(must, str(error), "Draw it anew"))
            return
        if gesture is not None:
            self.brush(gesture, held(value))
