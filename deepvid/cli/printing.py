"""Text on a terminal: names as they stand, numbers as people read them, and tables that cut no name."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 160  # columns of a table that goes to a file or a pipe
_COMMANDS = ("Cc", "Cs", "Zl", "Zp")  # control, half of a pair, other ends of a line
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """`text` with what a terminal would obey, or not show, as Python writes it: `\\x1b[31m`.

    Ends of lines and tabs stay.
    """
    return "".join(letter if _is_text(letter) else ascii(letter)[1:-1] for letter in text)


def _is_text(letter: str) -> bool:
    if letter in "\n\t":
        return True
    return unicodedata.category(letter) not in _COMMANDS and letter not in _DIRECTIONS


class Terminal(Console):
    """Rich's console without markup and emoji codes; styles are those of `Text`."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def open_console() -> Terminal:
    """Standard output: as wide as the terminal, or wide enough that a table in a pipe keeps whole words."""
    console = Terminal()
    return console if console.is_terminal else Terminal(width=PLAIN_WIDTH)


def duration(seconds: float) -> str:
    """`0.4 s`, `38 s`, `4 min 05 s`, `2 h 07 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def about(seconds: float) -> str:
    """As exact as an estimate deserves: `about 20 s`, `about 4 min`, `about 2 h 10 min`."""
    if seconds < 90:
        return f"about {10 * max(1, round(seconds / 10))} s"
    minutes = round(seconds / 60)
    return (
        f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60 // 10 * 10} min"
    )


def number(value: Any) -> str:
    """Three digits; whole numbers whole."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def moment(time: str) -> str:
    """An ISO 8601 time as local date and minute."""
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")


def ago(time: str) -> str:
    """How long ago an ISO 8601 time was, in its largest unit; the time itself where a clock was set back."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
    if seconds <= -60:
        return moment(time)
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"


def metrics_line(metrics: Mapping[str, Any]) -> str:
    """`test accuracy 0.874 · test loss 0.36`."""
    return " · ".join(f"{name.replace('_', ' ')} {number(value)}" for name, value in metrics.items())


APART = 2  # columns of the terminal between two of a table
FOLDED = 10  # the narrowest that a column gets whose words have no room

Cell = str | Text
Row = Mapping[str, Cell]
"""The cells of a row by the headings of their columns."""


def print_table(
    console: Console,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    least: Iterable[str] = (),
    right: Collection[str] = (),
) -> None:
    """Prints rows under their headings, without as many columns of `least` as it takes for whole words.

    The least useful is the first of them. What is left out is said below.
    """
    sizes = {column: _size(console, [column, *(row[column] for row in rows)]) for column in columns}
    shown = list(columns)
    for column in least:
        if _spare(console, [sizes[name] for name in shown]) >= 0:
            break
        shown.remove(column)
    table = Table(box=None, padding=(0, APART, 0, 0), pad_edge=False, header_style="dim")
    for column, width in zip(shown, _widths(console, [sizes[name] for name in shown]), strict=True):
        table.add_column(column, width=width, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(row[column] for column in shown))
    console.print(table)
    if others := [column for column in columns if column not in shown]:
        console.print(f"In a wider terminal: {', '.join(others)}", style="dim", soft_wrap=True)


def _widths(console: Console, sizes: Sequence[Measurement]) -> list[int]:
    """Spare room goes first to who lacks least; what is short is taken from the last, then the first."""
    widths, spare = [size.minimum for size in sizes], _spare(console, sizes)
    if spare < 0:
        short = min(-spare, max(0, widths[-1] - FOLDED))
        widths[-1] -= short
        widths[0] = max(1, widths[0] + spare + short)
        return widths
    for place in sorted(range(len(sizes)), key=lambda place: sizes[place].span):
        more = min(spare, sizes[place].span)
        widths[place] += more
        spare -= more
    return widths


def _spare(console: Console, sizes: Sequence[Measurement]) -> int:
    """Columns of the terminal that are left when every word has room."""
    return console.width - sum(size.minimum for size in sizes) - APART * (len(sizes) - 1)


def _size(console: Console, cells: Iterable[Cell]) -> Measurement:
    """The width of the longest word and of the longest line."""
    measured = [Measurement.get(console, console.options.update_width(10_000), cell) for cell in cells]
    return Measurement(max(size.minimum for size in measured), max(size.maximum for size in measured))
