"""Live sources of a figure, before anything is written into them."""

from bokeh.models import ColumnDataSource


def empty_sources(*kinds: type) -> list[ColumnDataSource]:
    """One for each kind of columns, a named tuple, in whose names it has a column without rows."""
    return [ColumnDataSource({column: [] for column in kind._fields}) for kind in kinds]  # type: ignore[attr-defined]
