"""Points in three dimensions on a canvas of our own: turned, zoomed, picked and lassoed in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


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
    """Where the sample under study and the one under the pointer are; None: not on the map."""

    focus: list[float] | None
    hover: list[float] | None
    url: str  # picture of the sample under the pointer; empty: none
    text: str


class Keys(TypedDict):
    """What was held during a click or a drag."""

    shift: bool
    ctrl: bool


class Lassoed(Keys):
    """A message: a person has drawn around points."""

    owner: str
    view: list[float]  # as `dashboards.session.gestures.Polygon3D`
    x: list[float]
    y: list[float]


class Picked(Keys):
    """A message: a person has clicked a point."""

    cloud: int
    point: int


class PointCloud(Component):
    """Actions: `lasso` `Lassoed`, `pick` `Picked`, `hover` [cloud, point] or null."""

    cloud: Described | Nothing = param.Dict({}, doc="`Described`")  # type: ignore[assignment]
    position: bytes = param.Bytes(b"", doc="f32 (point, 3), little endian, at most 1 from the middle")  # type: ignore[assignment]
    shade: bytes = param.Bytes(b"", doc="uint8 (point,), an index of the colors")  # type: ignore[assignment]
    marked: Marked | Nothing = param.Dict({}, doc="`Marked`")  # type: ignore[assignment]

    _esm = "views/map/cloud/point_cloud.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "point_cloud.css")]
