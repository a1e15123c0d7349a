"""Elements of images, and of signed maps over them."""

from dataclasses import dataclass
from typing import NamedTuple

from dashboards.kit.elements import Children, Element


@dataclass(frozen=True)
class Thumbnail(Element):
    """An image, or a text, in a frame of its class's color, about `side` CSS pixels; its upper right corner
    has the color of the class that it was taken for.
    """

    pixels: bytes
    shape: tuple[int, ...]
    color: str
    corner: str = ""
    side: int = 52
    words: str = ""  # of a text, in the place of pixels


@dataclass(frozen=True)
class Badge(Element):
    """The sign of a `deepvid.trust.Verdict`, as on the tiles of the grid."""

    verdict: int
    color: str


@dataclass(frozen=True)
class Picture(Element):
    """An image: uint8 (y, x, channel), the last of four channels its opacity. A `marked` one shows the window
    that is pointed at in a map.
    """

    pixels: bytes
    shape: tuple[int, ...]
    marked: bool = False


class Windows(NamedTuple):
    """Squares of an image, one for every cell of a map: all of a grid."""

    top: tuple[int, ...]
    left: tuple[int, ...]
    side: int
    shape: tuple[int, ...]  # of the image


class Reading(NamedTuple):
    """How a cell of a map is told: `name` value·`factor` `unit`, and in parentheses value·`other[0]`."""

    name: str
    unit: str
    factor: float = 1.0
    other: tuple[float, str] | None = None
    always: bool = False  # also where another map is pointed at


@dataclass(frozen=True)
class Heat(Element):
    """A signed map with float32 `values` (v, u), blue above zero; its colors end at ±`end`."""

    values: bytes
    grid: tuple[int, ...]
    end: float
    texts: tuple[str, ...] = ()  # of all cells, drawn in them; none: a canvas
    hints: tuple[str, ...] = ()  # of all cells with texts
    sizes: tuple[tuple[int, ...], ...] = ()  # of rows, and of columns; none: all alike
    windows: Windows | None = None
    reading: Reading | None = None
    says: str = ""  # in the place of `Read` of the cell that is pointed at: its {value}, {row} and {column}
    levels: bool = False  # values are int8 instead, in 127ths of the end
    signs: bool = True  # else all are gray, and only magnitudes are seen


@dataclass(frozen=True)
class Read(Element):
    """The cell of a map that is pointed at, told after `template`, or as it `says`; else `children`.

    The template may say {row}, {column}, {rows} and {columns}, which a window spans.
    """

    template: str
    children: Children = ()


@dataclass(frozen=True)
class Scale(Element):
    """The colors of a signed map from one end to the other, with a word for each."""

    low: str
    high: str
    signs: bool = True


@dataclass(frozen=True)
class Cut(Element):
    """A part of an image: its `box` has the top, the left, a height and a width, also beyond the image."""

    pixels: bytes
    shape: tuple[int, ...]
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Overlay(Element):
    """An image, and a signed map int8 (y, x) over it where there is one: `text` says which, and a slider sets
    its opacity. The first of `children` stands beside that, the others below the image.
    """

    pixels: bytes
    shape: tuple[int, ...]
    values: bytes = b""
    text: str = ""
    sides: tuple[str, ...] = ()  # that positive and negative pixels speak for, or none
    children: Children = ()
    main: bool = False  # the page saves its card as the picture of the image


@dataclass(frozen=True)
class Lens(Element):
    """Any map in `children` is enlarged while the pointer is on it."""

    children: Children = ()
