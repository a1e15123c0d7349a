"""Rows of what the pages of a store have started: what runs and how far it is, what waits, what ended."""

from typing import NamedTuple

from dashboards.data.computation import Computation
from dashboards.data.runs import catalog, reader
from dashboards.serving.computations import Entry, computations
from dashboards.widgets.work import WorkLine, status_line
from deepvid.config import words_of
from deepvid.errors import DeepVIDError
from deepvid.store import Address

STARTING: WorkLine = {"text": "Starting", "detail": "", "share": None, "end": ""}


class ComputationRow(NamedTuple):
    """One computation, for every page of the store."""

    entry: Entry
    run: str  # id; empty: a first run that is not there yet
    work: WorkLine | None  # while it runs
    waits_for: str  # while it waits: what runs before it

    @property
    def news(self) -> bool:
        """Whether it has ended, and nobody has looked."""
        return not self.entry.open and not self.entry.looked_at


def computation_rows(store: Address) -> tuple[ComputationRow, ...]:
    """All of them, the latest first."""
    entries = computations.entries(store)
    running = next((entry.computation for entry in entries if entry.state == "running"), None)
    before = f"{running.title} of {running.run}" if running and running.run else "the computation before it"
    return tuple(
        ComputationRow(
            entry,
            entry.computation.run or catalog(store).newest,
            _work(entry.computation) if entry.state == "running" else None,
            before if entry.state == "waiting" else "",
        )
        for entry in reversed(entries)
    )


def row_of(rows: tuple[ComputationRow, ...], computation: Computation | None) -> ComputationRow | None:
    """The last time that a computation was asked for; None: it was not."""
    return next((row for row in rows if row.entry.computation == computation), None)


def _work(computation: Computation) -> WorkLine:
    """How far it is, by what its run says."""
    newest = catalog(computation.store).newest
    run_id = newest if computation.writes_elsewhere else computation.run
    try:
        run = reader(computation.store / run_id)
        run.poll()
        status = run.status()
    except (DeepVIDError, OSError):
        return STARTING
    if status.state != "running":
        return STARTING
    return status_line(words_of(status.stage, run.teacher_source), status)
