"""Points in three dimensions on a canvas of our own: turned, zoomed, picked and lassoed in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.kit.points import STYLES, PointMap
from dashboards.widgets.component import Nothing, source


class Named(TypedDict):
    """A name among the points."""

    at: list[float]  # (3,)
    text: str
    color: str


class Described(TypedDict):
    """What is drawn."""

    owner: str  # run and map: of the same a person's view stays, also when the run has grown
    number: int  # of the cloud: messages about points say which one they mean
    points: int
    note: str  # what of the map is not drawn; empty: nothing
    middle: list[float]  # (3,), of the map's coordinates
    radius: float
    colors: list[str]  # by shade; the first is not used: what is not selected has the theme's own
    front: list[bool]  # by shade: lies over what is not
    names: list[Named]


class Marked(TypedDict):
    """Where the sample under study and the one under the pointer are, drawn or not; None: not on the map."""

    focus: list[float] | None
    hover: list[float] | None


class PointCloud(PointMap):
    """Actions: those of a `PointMap`, whose lasso says `owner`, and `view` as `gestures.Polygon3D` has it."""

    cloud: Described | Nothing = param.Dict({}, doc="`Described`")  # type: ignore[assignment]
    position: bytes = param.Bytes(b"", doc="f32 (point, 3), little endian, at most 1 from the middle")  # type: ignore[assignment]
    shade: bytes = param.Bytes(b"", doc="uint8 (point,), an index of the colors")  # type: ignore[assignment]
    marked: Marked | Nothing = param.Dict({}, doc="`Marked`")  # type: ignore[assignment]

    _esm = "views/map/cloud/point_cloud.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, *STYLES, "point_cloud.css")]
