"""The map of a layer, which slides to that of another, and what a person does on it."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypedDict

import param

from dashboards.data.captions import caption
from dashboards.kit.moving import Label
from dashboards.kit.points import STYLES, Description, PointActions, PointMap, PointSet
from dashboards.session.gestures import LayerPolygon
from dashboards.widgets.component import Nothing, source


class LayerMapMessage(TypedDict):
    """What is drawn."""

    number: int  # messages about points say which one they mean
    columns: list[str]
    told: list[str]  # of each column: how much of its map is to be believed
    points: int
    of: int  # images that there are
    span: list[float]  # left, bottom, right, top of what is packed into the positions
    frame: list[float]  # and of what is shown first
    colors: list[str]
    names: list[Label]


class LayerMap(PointMap):
    """Actions: those of a `PointMap`, whose lasso says its `column`, and `layer`, a column's name."""

    shown: LayerMapMessage | Nothing = param.Dict({}, doc="a `LayerMapMessage`")  # type: ignore[assignment]
    position: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    group: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    at: int = param.Integer(0, doc="column that is shown")  # type: ignore[assignment]

    _esm = "views/network/layer_map/layer_map.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, *STYLES, "layer_map.css")]


class LayerActions(PointActions):
    """A lasso is one in the layer that is shown."""

    columns: tuple[str, ...] = ()

    def describe(self, points: PointSet, point: int, moment: list[Any]) -> Description | None:
        """What the image is and what it was taken for."""
        return Description([caption(points.table, int(points.samples[point]))])

    def gesture(self, value: Mapping[str, Any]) -> LayerPolygon | None:
        """Of a layer that is none, nothing."""
        layer = value.get("column")
        return LayerPolygon.parse({**value, "layer": layer}) if layer in self.columns else None
