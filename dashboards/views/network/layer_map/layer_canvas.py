"""The map of a layer on a canvas, which slides to that of another."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.layer_map.table import Named
from dashboards.widgets.component import Component, Nothing, source


class Shown(TypedDict):
    """What is drawn."""

    number: int  # messages about points say which one they mean
    columns: list[str]
    told: list[str]  # of each column: how much of its map is to be believed
    points: int
    of: int  # images that there are
    reach: float  # positions lie between it and its negative
    frame: list[float]  # left, bottom, right, top
    colors: list[str]
    names: list[Named]


class LayerCanvas(Component):
    """Actions: `layer` a column's name; `lasso` {column, x, y, shift, ctrl}; `pick` {number, point, shift,
    ctrl}; `hover` [number, point] or null; `look` [number, point]: the same by keys, to be told what it is.
    """

    shown: Shown | Nothing = param.Dict({}, doc="a `Shown`")  # type: ignore[assignment]
    position: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    group: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    selected: bytes = param.Bytes(b"", doc="bool (point,); empty: nothing is selected")  # type: ignore[assignment]
    at: int = param.Integer(0, doc="column that is shown")  # type: ignore[assignment]
    focus: int = param.Integer(-1, doc="point of the image under study; -1: none")  # type: ignore[assignment]
    looked: str = param.String("", doc="what is under the cursor of keys")  # type: ignore[assignment]
    ringed: int = param.Integer(-1, doc="point under the pointer in another view; -1: none")  # type: ignore[assignment]

    _esm = "views/network/layer_map/layer_canvas.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "layer_canvas.css")]
