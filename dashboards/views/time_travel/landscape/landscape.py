"""Maps and landscapes of all epochs on a canvas of our own, played in the browser."""

from typing import ClassVar, TypedDict

import param

from dashboards.kit.moving import Label
from dashboards.kit.points import STYLES, PointMap
from dashboards.widgets.component import Nothing, source


class Described(TypedDict):
    """What is played."""

    owner: str  # run and form: of the same the time stays, also when the run has grown
    number: int  # messages about points say which one they mean
    points: int
    training: int  # the first of the points
    boundary: int
    epochs: int
    planned: int
    side: int  # cells of a landscape
    colors: list[str]
    frame: list[float]  # lowest x and y, highest x and y that are shown
    span: list[float]  # and of what is packed into the positions
    boxes: list[list[float]]  # (epoch, 4): the same of the cells' centers
    names: list[Label]


class Around(TypedDict):
    """Who is near the image under study after an epoch, from 0; the nearest points first."""

    epoch: int
    features: list[int]  # points
    map: list[int]
    says: str  # how many are both, or why there is nobody
    hint: str


class Look(TypedDict):
    """How it is drawn now."""

    epoch: int  # from 0
    training: bool
    test: bool
    boundary: bool
    trust: bool
    trails: bool
    neighbors: bool
    isolate: bool
    legend: list[list[str]]  # [sign, text, hint]
    chosen: int  # points that are selected
    follows: bool  # whether its time is that of the page's other player
    around: Around | None  # None: it is not asked for


class Counted(TypedDict):
    """How many images change class in each epoch."""

    count: list[int]  # (epoch,)
    of: str  # among whom


class Fine(TypedDict):
    """A part of one epoch's landscape in finer cells."""

    owner: str
    epoch: int
    box: list[float]  # lowest x and y, highest x and y of the cells' centers
    side: int  # cells


class LandscapePlayer(PointMap):
    """Actions: those of a `PointMap`, whose lasso says `owner` and `epoch`, and whose hover the epoch, too;
    `epoch` [owner, epoch]; `flips` [owner, epoch]; `refine` {owner, epoch, low, high}. Epochs count from 1.
    """

    travel: Described | Nothing = param.Dict({}, doc="`Described`")  # type: ignore[assignment]
    position: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    answer: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    kept: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    label: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    cells: bytes = param.Bytes(b"", doc="as `Packed`")  # type: ignore[assignment]
    look: Look | Nothing = param.Dict({}, doc="`Look`")  # type: ignore[assignment]
    flips: Counted | Nothing = param.Dict({"count": [], "of": ""}, doc="`Counted`")  # type: ignore[assignment]
    fine: Fine | Nothing = param.Dict({}, doc="`Fine`")  # type: ignore[assignment]
    fine_cells: bytes = param.Bytes(b"", doc="uint8 (2, y, x): class and margin; empty: no finer ground")  # type: ignore[assignment]

    _esm = "views/time_travel/landscape/landscape.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, *STYLES, "landscape.css")]
