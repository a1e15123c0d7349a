"""Elements of numbers: rails, lines, a matrix, a histogram, a way."""

from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from dashboards.kit.elements import Children, Element, same_value


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
    """A small line through `values`, None where there is none, with a dot at the place `at`; another one
    `beside`, on the same scales, is dashed."""

    values: tuple[float | None, ...]
    at: int | None = None
    beside: tuple[float | None, ...] = ()


class Course(NamedTuple):
    """A line of a chart: its values from the first place on, None where there is none, with `intervals`. It
    may have `positions` of its own.
    """

    values: tuple[float | None, ...]
    look: str = ""  # of `kit.css`: "dotted", "ink", "faint", "beside", "selected"
    intervals: tuple[tuple[float, float] | None, ...] = ()
    positions: tuple[float, ...] = ()


class Level(NamedTuple):
    """A value that a chart has a line across at."""

    value: float
    look: str  # "dashed", "quiet"


@dataclass(frozen=True)
class Chart(Element):
    """Lines over `places` of equal width, or at `positions` in shares of the width, from the lower to the
    upper end of `span`; `at` one is marked.

    A click on a place that has one of the `hints` asks for `act` with its number, counted from `first`.
    `ends` are words for both ends of the span, `ticks` for values beside the lines, `marks` for places below.
    Where there is a `brush`, a drag, or arrow keys with Shift and then Enter, asks for that with {first,
    last, shift, ctrl}: places; those in `band` are marked.
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
    levels: tuple[Level, ...] = ()
    ratios: bool = False  # equal ratios of values are equally far apart
    says: tuple[str, ...] = ()  # of all places: in the place of `Read` of the one that is pointed at
    positions: tuple[float, ...] = ()
    brush: str = ""
    band: tuple[int, int] | None = None

    def offers(self, action: str, value: Any) -> bool:
        match value:
            case {"first": first, "last": last, "shift": bool(), "ctrl": bool()} if action == self.brush:
                return type(first) is type(last) is int and 0 <= first <= last < self.places
        return super().offers(action, value)

    def accepts(self, value: Any) -> bool:
        return type(value) is int and 0 <= value - self.first < len(self.hints)


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

    def accepts(self, value: Any) -> bool:
        match value:
            case {"name": self.name, "value": int(number)}:
                return number in self.numbers
        return False


@dataclass(frozen=True)
class Histogram(Element):
    """How often values occur in bins, of all and of the `chosen` ones, if any, below `children`.

    A drag asks for `act` with {name, low, high, shift, ctrl}; a range that was asked for is marked as `band`.
    Where values are `dated`, they are seconds.
    """

    act: str
    name: str
    edges: tuple[float, ...]  # one more than there are bins
    every: tuple[int, ...]
    chosen: tuple[int, ...] = ()
    band: tuple[float, float] | None = None
    children: Children = ()
    dated: bool = False

    def accepts(self, value: Any) -> bool:
        match value:
            case {"name": self.name, "low": low, "high": high, "shift": bool(), "ctrl": bool()}:
                return all(type(end) in (int, float) and isfinite(end) for end in (low, high))
        return False


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

    def accepts(self, value: Any) -> bool:
        match value:
            case {"sample": self.sample, "step": step}:
                return step is None or (type(step) is int and 0 <= step < len(self.positions))
        return False


class Head(NamedTuple):
    """Of a row, and of the column of the same number, and how each is read aloud."""

    name: str
    short: str
    color: str  # empty: of no class
    row: str
    column: str


class Frame(NamedTuple):
    """A cell that is selected, or was taken out of the selection."""

    row: int
    column: int
    out: bool


class Bulk(NamedTuple):
    """Counts uint32 (selected or all, row, column) of cells that are painted: the browser says them."""

    counts: bytes
    whose: tuple[str, ...]  # as images of a row are called
    partial: bool  # whether anything is selected


@dataclass(frozen=True)
class Counts(Element):
    """Cells in the colors of `levels`, int8 (row, column): percent, blue above zero and orange below.

    A click asks for `act` with {row, column, shift, ctrl}; one of the two is None for all of a column or row.
    """

    act: str
    sides: tuple[str, str]  # what rows and columns say
    heads: tuple[Head, ...]
    levels: bytes
    texts: tuple[str, ...] = ()  # of cells: "35", or "3 / 35" where three are selected
    hints: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    note: str = ""
    bulk: Bulk | None = None  # in the place of texts and hints

    def accepts(self, value: Any) -> bool:
        match value:
            case {"row": line, "column": column, "shift": bool(), "ctrl": bool()}:
                ends = [end for end in (line, column) if end is not None]
                return bool(ends) and all(type(end) is int and 0 <= end < len(self.heads) for end in ends)
        return False


class Rule(NamedTuple):
    """A vertical line at a value."""

    value: float
    hint: str
    look: str  # of `kit.css`: "dashed", "accent"; "above" or "below" where it is of one side


@dataclass(frozen=True)
class Bars(Element):
    """How often values occur in bins, of two kinds: one above a line, and one below it. With `lit` the rest
    is pale.

    A range of bins is dragged over, or chosen with arrows, Shift and Enter: asks for `act` with {name, low,
    high, shift, ctrl}, of which low and high are edges.
    """

    act: str
    name: str
    edges: tuple[float, ...]  # one more than there are bins
    kinds: tuple[str, str]
    counts: tuple[tuple[int, ...], tuple[int, ...]]
    hints: tuple[str, ...]  # of the bins
    axis: str
    lit: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    rules: tuple[Rule, ...] = ()

    def accepts(self, value: Any) -> bool:
        match value:
            case {"name": self.name, "low": low, "high": high, "shift": bool(), "ctrl": bool()}:
                edges = all(type(end) is not bool and end in self.edges for end in (low, high))
                return edges and bool(low < high)
        return False


class Dot(NamedTuple):
    """A point of a plane, in shares of its width and height, and the `value` that it asks for."""

    x: float
    y: float
    value: Any
    label: str
    look: str = ""
    style: str = ""
    stop: bool = False  # of the tab key


class Ring(NamedTuple):
    """A name for a dot, around it."""

    dot: int
    name: str
    look: str = ""


@dataclass(frozen=True)
class Scatter(Element):
    """Dots, each a button that asks for `act`, with a `line` through some places; ticks are of both axes."""

    act: str
    dots: tuple[Dot, ...]
    line: tuple[tuple[float, float], ...]
    rings: tuple[Ring, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]

    def accepts(self, value: Any) -> bool:
        return any(same_value(dot.value, value) for dot in self.dots)


class FactGroup(NamedTuple):
    """Names, and the texts of each dot; where it differs, that of the `usual` dot follows after a `word`."""

    names: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    usual: int | None = None
    word: str = ""


@dataclass(frozen=True)
class Facts(Element):
    """Texts of the dot that is pointed at in a `Scatter`, else of the one of that number."""

    titles: tuple[str, ...]  # of the dots
    groups: tuple[FactGroup, ...]
    dot: int
