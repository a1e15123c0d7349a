"""The runs of a store: one reader a run and one list for the whole process, menus, and rows of a table."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypedDict

from deepvid.store import Address, Run, RunListing, StoreListing, choose, is_url, open_run

_READERS: dict[Address, Run] = {}
_LOCK = Lock()

COLUMNS = (
    ("id", "Run", "text"),
    ("state", "State", "text"),
    ("source", "Images", "text"),
    ("accuracy", "Test accuracy", "percent"),
    ("calibration", "Calibration error", "percent"),
    ("students", "Students", "count"),
    ("bytes", "Size", "size"),
    ("created", "Created", "time"),
    ("time", "Last commit", "time"),
)
"""(field of a `RunRow`, heading, how its values are shown)."""


class RunRow(TypedDict):
    """One run of the table; what is not known is None."""

    id: str
    state: str  # or `unreadable`
    source: str | None  # of the images
    accuracy: float | None  # 0 to 1, as the next one
    calibration: float | None
    students: int | None
    bytes: int | None
    created: str | None  # ISO 8601
    time: str | None  # of the last commit, ISO 8601


def reader(address: Address) -> Run:
    """The process-wide reader of a run; sessions share what it has parsed."""
    with _LOCK:
        if address not in _READERS:
            _READERS[address] = open_run(address)
        return _READERS[address]


def forget(address: Address) -> None:
    """Lets go of the reader of a run that is no more."""
    with _LOCK:
        _READERS.pop(address, None)


MOST_CHOICES = 50


def run_choices(runs: Iterable[RunListing], shown: str = "", sought: str = "") -> list[list[str]]:
    """[id, text] for a menu: the latest runs that can be read and have `sought` in their id, and `shown`."""
    found = (run.id for run in runs if sought in run.id and (run.error is None or run.id == shown))
    ids = list(islice(found, MOST_CHOICES))
    return [[run_id, run_id] for run_id in ([*ids, shown] if shown and shown not in ids else ids)]


def runs_beside(
    runs: Iterable[RunListing], own: str, suits: Callable[[RunListing], bool], chosen: str = ""
) -> dict[str, Address]:
    """By id, where the latest runs are that can stand beside that with the id `own`, and the chosen one."""
    others = [run for run in runs if run.id != own and run.error is None]
    latest = {run.id: run.path for run in islice(filter(suits, others), MOST_CHOICES)}
    # A link may name an older one, or one that does not suit yet, as a list knows it.
    return latest | {run.id: run.path for run in others if run.id == chosen}


MOST_ROWS = 200


class RunTableRows(NamedTuple):
    """The rows of a table that shows so many at most."""

    rows: list[RunRow]  # at most `MOST_ROWS`, in order
    matching: int  # runs that have all words
    all: int
    bytes: int  # of all runs


def run_rows(
    runs: Iterable[RunListing], by: str = "time", *, rising: bool = False, sought: str = ""
) -> RunTableRows:
    """Rows for the table of `COLUMNS`: those that have every word of `sought` in any column, by one of its
    fields. What is not known stands last.
    """
    rows, words = [_row(run) for run in runs], sought.lower().split()
    found = [row for row in rows if all(word in _text(row) for word in words)] if words else rows
    known = sorted((row for row in found if row[by] is not None), key=itemgetter(by), reverse=not rising)  # type: ignore[literal-required]
    unknown = [row for row in found if row[by] is None]  # type: ignore[literal-required]
    size = sum(row["bytes"] or 0 for row in rows)
    return RunTableRows([*known, *unknown][:MOST_ROWS], len(found), len(rows), size)


def _text(row: RunRow) -> str:
    """The words of a row, as the table shows them, in small letters."""
    shares = (f"{100 * share:.1f} %" for share in (row["accuracy"], row["calibration"]) if share is not None)
    dates = ((row[name] or "")[:10] for name in ("created", "time"))
    students = "" if row["students"] is None else f"{row['students']:,}"
    return " ".join([row["id"], row["state"], row["source"] or "", *shares, students, *dates]).lower()


def _row(run: RunListing) -> RunRow:
    metrics = run.summary.get("metrics", {})
    return {
        "id": run.id,
        "state": "unreadable" if run.error else run.state,
        "source": run.summary.get("source"),
        "accuracy": metrics.get("test_accuracy"),
        "calibration": metrics.get("calibration_error"),
        "students": metrics.get("students"),
        "bytes": run.summary.get("bytes"),
        "created": run.summary.get("created"),
        "time": run.time or None,
    }


RESTING = 2_000_000_000  # ns since the last change of a store after which its runs are listed for good
QUICK = 0.05  # s of a look at a store for which a page may wait
SELDOM = 30  # times as long as a look takes, a slow one is not repeated

_CATALOGS: dict[Address, "RunCatalog"] = {}
_EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="deepvid-listing")


def catalog(store: Address) -> "RunCatalog":
    """The process-wide catalog of a store; sessions share its rows."""
    with _LOCK:
        return _CATALOGS.setdefault(store, RunCatalog(store))


class RunCatalog:
    """The runs of one store as they were when anybody last looked, the latest first."""

    def __init__(self, store: Address) -> None:
        self.store = store
        self.runs: list[RunListing] = []
        self.version = 0  # of the runs
        self._listing = StoreListing(store)
        self._looking = Lock()
        self._modified: int | None = -1  # when the store last was, as of the last look
        self._took, self._last = 0.0, 0.0  # seconds of the last look, and when it ended
        self._coming: Future[None] | None = None

    def look(self) -> None:
        """Lists the runs. Raises StoreError for a store that cannot be read."""
        with self._looking:
            begun, modified = time.monotonic(), _modified(self.store)
            resting = modified is None or abs(time.time_ns() - modified) > RESTING
            self._take(self._listing.look())
            self._modified = modified if resting else 0  # a run's folder is there before its journal
            self._last = time.monotonic()
            self._took = self._last - begun

    def look_at(self, run_id: str) -> None:
        """Lists one run anew."""
        with self._looking:
            self._take(self._listing.look_at(run_id))

    def look_for_page(self) -> None:
        """Lists the runs for a page that opens; where that is slow and no run was added or taken away, in a
        thread, and seldom. Raises as `look`.
        """
        if self.changed or self._took < QUICK:
            self.look()
        elif time.monotonic() - self._last > SELDOM * self._took:
            self._look_in_thread()

    def look_for_poll(self) -> None:
        """Lists the runs if one was added or taken away, in a thread where that is slow. Raises as `look`."""
        if self.changed:
            self.look() if self._took < QUICK else self._look_in_thread()

    def _look_in_thread(self) -> None:
        if self._coming is None or self._coming.done():
            self._coming = _EXECUTOR.submit(self.look)

    def _take(self, runs: list[RunListing]) -> None:
        if runs != self.runs:
            self.runs, self.version = runs, self.version + 1

    @property
    def changed(self) -> bool:
        """Whether a run was added or taken away since the last look, as far as a `stat` tells."""
        return self._modified != _modified(self.store)

    @property
    def newest(self) -> str:
        """The id of the latest run that can be read; empty where there is none."""
        return next((run.id for run in self.runs if run.error is None), "")

    def find(self, prefix: str) -> RunListing:
        """The one run whose id begins so. Raises StoreError where none does, or several."""
        return choose(self.runs, prefix, self.store)


def _modified(store: Address) -> int | None:
    """When a run was last added to a store on this machine or taken away; else None."""
    try:
        return None if is_url(store) else Path(store).stat().st_mtime_ns
    except OSError:
        return None
