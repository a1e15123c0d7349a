"""Runs in a table, the first of them in an order."""

from typing import ClassVar, TypedDict

import param

from dashboards.data.runs import RunRow
from dashboards.widgets.component import Component, source


class Listing(TypedDict):
    """What the table shows."""

    rows: list[RunRow]
    matching: int  # runs that have the words sought
    all: int  # runs
    bytes: int  # of all runs
    by: str  # field of the order
    rising: bool


class RunTable(Component):
    """Actions: `choose` an id to read about, `open` one to study, `seek` words, `sort` by [field, rising]."""

    columns: list[list[str]] = param.List([], doc="[field, heading, text | percent | count | size | time]")  # type: ignore[assignment]
    listing: Listing = param.Dict({}, doc="a `Listing`")  # type: ignore[assignment]
    chosen: str = param.String("", doc="id of the run that is marked")  # type: ignore[assignment]
    store: str = param.String("", doc="where the runs are")  # type: ignore[assignment]
    first: str = param.String("", doc="command that makes a first run; empty: none can be made")  # type: ignore[assignment]

    _esm = "views/archive/runs/run_table.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "run_table.css")]
