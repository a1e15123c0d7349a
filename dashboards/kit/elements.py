"""Elements that a card is made of: what the page draws, as immutable data that a test can read.

An element is sent as `message` has it; `dashboards/browser/kit` draws each kind, with one module for every
class here that is no box of others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, NamedTuple, Union

Child = Union["Element", str, None]
Children = tuple[Child, ...]
# fmt: off
Tag = Literal[
    "div", "p", "span", "b", "i", "small", "strong", "code", "header", "h2", "h3", "h4", "section", "ol",
    "ul", "li", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
]
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Element:
    """Attributes that all have: `look` names classes of `kit.css`, `data` is set as `data-*`."""

    kind: ClassVar[str]
    hint: str = ""  # shown where the pointer rests
    label: str = ""  # read aloud
    look: str = ""
    style: str = ""  # CSS, where a number of it is computed
    data: Mapping[str, str | int] = field(default_factory=dict)

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__.lower()

    def message(self) -> dict[str, Any]:
        """The same for the browser: names of what is not empty, bytes as they are."""
        told = {each.name: _message(getattr(self, each.name)) for each in fields(self)}
        return {"kind": self.kind} | {
            name: value for name, value in told.items() if value not in ("", {}, None)
        }


@dataclass(frozen=True)
class Box(Element):
    """Others in a row, a column, a line of text, as its look has it.

    The buttons in a `roving` one are one stop of the tab key, from which arrow keys lead to the others; where
    they stand in a table, no arrow leads around its edge. One whose data says that it is "alone" is a stop of
    its own. A list `about` something else than before begins at its top.
    """

    children: Children = ()
    tag: Tag = "div"
    role: str = ""
    roving: bool | Literal["table"] = False
    about: str = ""
    focusable: bool = False  # what scrolls without a button in it
    follows: str = (
        ""  # name of the pressed button of a roving one: it comes into view when another is pressed
    )


@dataclass(frozen=True)
class Button(Element):
    """A person asks for something: `act` with `value`, or, with `keys`, with {...value, shift, ctrl}.

    `hover` is what is told with the action of that name while the pointer is on it, and None after that.
    """

    children: Children = ()
    act: str = ""
    value: Any = None
    keys: bool = False
    pressed: bool | None = None
    expanded: bool | None = None
    disabled: bool = False
    hover: int | None = None
    current: bool = False  # where one is, of those that it is among
    says: str = ""  # in the place of `Read` while the pointer is on it


@dataclass(frozen=True)
class Choice(Element):
    """One of several, in a list or, with `segments`, side by side: asks for `act` with its value."""

    act: str
    options: tuple[tuple[str, str, str], ...]  # value, text, hint
    chosen: str
    segments: bool = False
    disabled: tuple[str, ...] = ()  # values that cannot be chosen; their hints say why


@dataclass(frozen=True)
class Slider(Element):
    """A number from 0 to `most`: asks for `act` with {name, value} when it is let go."""

    act: str
    name: str
    text: str  # before it
    value: float
    spoken: str  # the value in words
    most: float
    step: float
    disabled: bool = False


@dataclass(frozen=True)
class Rail(Element):
    """A bar from `start` to `value`, the line of its `interval`, and a `mark`: shares of the rail's width."""

    value: float
    interval: tuple[float, float] | None = None
    mark: float | None = None
    fill: str = ""  # color; empty: quiet
    start: float = 0.0


@dataclass(frozen=True)
class Curve(Element):
    """A small line through `values`, None where there is none, with a dot at the place `at`."""

    values: tuple[float | None, ...]
    at: int | None = None


@dataclass(frozen=True)
class Framed(Element):
    """An image in a frame of its class's color, about `side` CSS pixels; its upper right corner has the
    color of the class that it was taken for.
    """

    pixels: bytes
    shape: tuple[int, ...]
    color: str
    corner: str = ""
    side: int = 52


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


@dataclass(frozen=True)
class Icon(Element):
    """A line drawing: SVG path data in a square of 16."""

    path: str


@dataclass(frozen=True)
class Shelf(Element):
    """A heading, and `children` in one line below it: as many as fit; the heading tells how many."""

    title: str
    children: Children = ()
    notes: tuple[str, ...] = ()  # at the end of the heading
    none: str = ""  # said where there are no children


@dataclass(frozen=True)
class Shelves(Element):
    """Shelves one below the other; the images in frames on them are as large as all have room."""

    children: tuple[Shelf, ...]


@dataclass(frozen=True)
class Close(Button):
    """Puts away what a pressed button has opened: by a click, or by Escape, unless a person types."""


class Course(NamedTuple):
    """A line of a chart: its values from the first place on, None where there is none."""

    values: tuple[float | None, ...]
    look: str = ""  # of `kit.css`: "dotted"


@dataclass(frozen=True)
class Chart(Element):
    """Lines over `places` of equal width, from the lower to the upper end of `span`; `at` one is marked.

    A click on a place that has one of the `hints` asks for `act` with its number, counted from `first`.
    `ends` are words for both ends of the span, `ticks` for values beside the lines, `marks` for places below.
    """

    lines: tuple[Course, ...]
    places: int
    span: tuple[float, float]
    at: int | None = None
    hints: tuple[str, ...] = ()
    act: str = ""
    first: int = 0
    ends: tuple[str, str] = ("", "")
    ticks: tuple[tuple[float, str], ...] = ()
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class HelpButton(Element):
    """A "?" that opens `what` the `subject` shows, how to use it, and what can mislead in it."""

    subject: str
    what: str
    use: str
    beware: str
    source: str


class MatrixRow(NamedTuple):
    """A set of images: its `short` name stands beside it, with the `color` of its class if it has one."""

    name: str
    short: str
    color: str
    images: int


@dataclass(frozen=True)
class Matrix(Element):
    """Rows of float32 values (row, column) with their errors, in colors of a signed map that end at ±`end`.

    With `bars` a further row comes first: that of bars, which end at ±`reach`, of how the first two differ.
    One column is chosen, by a click or like a slider: asks for `act` with {name, value}, one of `numbers`.
    """

    act: str
    name: str
    word: str  # for a column
    numbers: tuple[int, ...]  # of the columns
    spoken: tuple[str, ...]  # of each column, beside its bar
    rows: tuple[MatrixRow, ...]
    mean: bytes
    error: bytes
    bars: bool
    end: float
    reach: float
    at: int  # column that is chosen
    widest: int  # CSS pixels of a column
    left: int = 0  # rows that are not here


@dataclass(frozen=True)
class Cut(Element):
    """A part of an image: its `box` has the top, the left, a height and a width, also beyond the image."""

    pixels: bytes
    shape: tuple[int, ...]
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Histogram(Element):
    """How often values occur in bins, of all and of the `chosen` ones, if any, below `children`.

    A drag asks for `act` with {name, low, high, shift, ctrl}; a range that was asked for is marked as `band`.
    """

    act: str
    name: str
    edges: tuple[float, ...]  # one more than there are bins
    every: tuple[int, ...]
    chosen: tuple[int, ...] = ()
    band: tuple[float, float] | None = None
    children: Children = ()


class Area(NamedTuple):
    """The share of one class at each point of a way, or of all that have no area, from below upwards."""

    name: str
    short: str
    color: str  # empty: the rest
    value: tuple[float, ...]


class Change(NamedTuple):
    """Where an answer changes."""

    position: float
    text: str


@dataclass(frozen=True)
class Way(Element):
    """A way from a `sample` to another image, with what is said on it, that can be played.

    Asks for `act` with {sample, step} when it shows one of its images, and with step None when none any more.
    """

    act: str
    sample: int
    title: str
    note: str
    below: str
    pixels: bytes  # uint8 (step, y, x, channel)
    shape: tuple[int, ...]
    positions: tuple[float, ...]  # of the steps, 0 to 1
    answers: tuple[str, ...]  # at each step
    points: tuple[float, ...]  # where areas are known: at steps and changes
    areas: tuple[Area, ...]
    changes: tuple[Change, ...]
    children: Children = ()  # beside what plays it


def row(*children: Child, **look: Any) -> Box:
    """Side by side."""
    return _box("row", children, look)


def column(*children: Child, **look: Any) -> Box:
    """One below the other."""
    return _box("column", children, look)


def title(text: str) -> Box:
    """The sentence that a card says first, whole in its hint where it is cut."""
    return Box((text,), "h3", hint=text)


def text(*children: Child, tag: Tag = "span", **look: Any) -> Box:
    """Words, and what stands among them."""
    return Box(children, tag, **look)


def header(words: str, *choices: Child) -> Box:
    """The line above a card: a sentence, whole in its hint where it is cut, and choices."""
    return Box((text(words, tag="h2", look="title", hint=words), *choices), "header", look="head above")


def quiet(*children: Child, **look: Any) -> Box:
    """Words of the second rank."""
    return _box("quiet", children, look, tag="span")


def swatch(color: str) -> Box:
    """A square of a class's color."""
    return Box((), "i", look="swatch", style=f"background:{color}")


def with_label(choice: Choice) -> Box:
    """A choice behind its label, which is only read aloud where there is little room."""
    return Box((text(choice.label, look="word"), choice), "span", look="labeled")


def walk(element: Child) -> Iterator[Element]:
    """An element, and all inside it."""
    if isinstance(element, Element):
        yield element
        for child in getattr(element, "children", ()):
            yield from walk(child)


def words(element: Child) -> str:
    """All that stands in an element, in its order."""
    if isinstance(element, str):
        return element
    return "".join(words(child) for child in getattr(element, "children", ()))


def _box(name: str, children: Children, look: dict[str, Any], tag: Tag = "div") -> Box:
    return Box(children, **{"tag": tag, **look, "look": f"{name} {look.get('look', '')}".strip()})


def _message(value: Any) -> Any:
    if isinstance(value, Element):
        return value.message()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _message(each) for name, each in value._asdict().items()}
    return [_message(each) for each in value] if isinstance(value, tuple) else value
