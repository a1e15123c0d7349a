"""Runs in a table that sorts and filters in the browser."""

from typing import ClassVar

import param

from dashboards.data.runs import RunRow
from dashboards.widgets.component import Component, source


class RunTable(Component):
    """Actions: `choose` id (to be read about), `open` id (to be studied)."""

    columns: list[list[str]] = param.List([], doc="[field, heading, text | percent | count | size | time]")  # type: ignore[assignment]
    rows: list[RunRow] = param.List([], doc="a `RunRow` of each run")  # type: ignore[assignment]
    chosen: str = param.String("", doc="id of the run that is marked")  # type: ignore[assignment]
    store: str = param.String("", doc="where the runs are")  # type: ignore[assignment]
    first: str = param.String("", doc="command that makes a first run; empty: none can be made")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "help.js", "format.js", "run_table.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "run_table.css")]
