"""Bokeh figures: live sources before anything is written into them, and no outline once they are clicked."""

from typing import Any

from bokeh.models import ColumnDataSource

NO_OUTLINE = ".bk-Canvas { --outline-width: 0px; }"
"""Bokeh draws a dotted line around a canvas after a click; its width is the only part that can be reached."""


def empty_sources(*kinds: type) -> list[ColumnDataSource]:
    """One for each kind of columns, a named tuple, in whose names it has a column without rows."""
    return [ColumnDataSource({column: [] for column in kind._fields}) for kind in kinds]  # type: ignore[attr-defined]


def write(source: ColumnDataSource, columns: Any) -> None:
    """Sends what of these columns has changed: what keeps its place in a source keeps that in the browser."""
    data: Any = source.data
    data.update({name: new for name, new in columns._asdict().items() if data[name] != new})
