"""Tables for people: no name is cut, and where a terminal is narrow, columns go by their use."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

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
    """What is spare goes first to who lacks least; what is short is taken from the last, then the first."""
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
