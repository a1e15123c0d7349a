"""Maps of points in the browser: what all of them show, and what a person does with the points."""

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


class Drawn(NamedTuple):
    """The points of a map."""

    number: int  # messages name them by it
    table: Population
    samples: np.ndarray  # (point,); some may be none of the table


class PointActions(MapActions):
    """A subclass says what is `drawn`, what stands `beside` a point, and which `gesture` a lasso is.

    What names other points than those that are drawn does nothing.
    """

    def __init__(self, session: Session, component: type[PointMap], actions: Actions) -> None:
        """`actions` are those that this map has besides."""
        super().__init__(session)
        own = {"hover": self._hover, "pick": self._pick, "lasso": self._lasso}
        self.component = component({**own, **actions}, sizing_mode="stretch_both", min_height=120, margin=0)

    @property
    def drawn(self) -> Drawn | None:
        """None while there is nothing."""
        raise NotImplementedError

    def beside(self, drawn: Drawn, point: int, moment: list[Any]) -> tuple[list[str], np.ndarray | None]:
        """Lines about a point, and its image; `moment` is what else a message says."""
        raise NotImplementedError

    def gesture(self, value: Mapping[str, Any]) -> Gesture | None:
        """None where a lasso is on another map. Raises what `Gesture.parse` does."""
        raise NotImplementedError

    def point_of(self, sample: int | None) -> int:
        """The point of a sample; -1 where it has none."""
        drawn = self.drawn
        hit = [] if drawn is None or sample is None else np.flatnonzero(drawn.samples == sample).tolist()
        return int(hit[0]) if hit else -1

    def ring(self, *_: Any) -> None:
        """Rings what is under the pointer in another view."""
        with self._session.hold():
            self.component.ringed = self.point_of(self._session.navigation.hover)

    def _point(self, number: Any, point: Any) -> int | None:
        drawn = self.drawn
        if drawn is None or number != drawn.number or type(point) is not int:
            return None
        return point if 0 <= point < len(drawn.samples) else None

    def _sample(self, drawn: Drawn, point: int) -> int | None:
        """Of what is none of the table, only what is known stands beside it."""
        sample = int(drawn.samples[point])
        return None if drawn.table.row_of(sample) is None else sample

    def _hover(self, value: Any) -> None:
        number, point, *moment = value if isinstance(value, list) and len(value) > 1 else (None, None)
        drawn, at = self.drawn, self._point(number, point)
        with self._session.hold():
            if drawn is None or at is None:
                self._session.navigation.hover = None
                return
            self._session.navigation.hover = self._sample(drawn, at)
            lines, image = self.beside(drawn, at, moment)
            shape, picture = ([], b"") if image is None else (list(image.shape), image.tobytes())
            tip = Tip(number=drawn.number, point=at, lines=lines, shape=shape)
            self.component.param.update(tip=tip, picture=picture)

    def _pick(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            return
        drawn, point = self.drawn, self._point(value.get("number"), value.get("point"))
        sample = None if drawn is None or point is None else self._sample(drawn, point)
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
