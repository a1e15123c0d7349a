"""The runs of a store: the tail of each journal is enough, for every line carries the run's summary."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from deepvid.errors import DeepVIDError, StoreError
from deepvid.store.format import owner
from deepvid.store.format.disk import is_regular, open_regular
from deepvid.store.format.journal import Commit, decode
from deepvid.store.reading.location import (
    ARCHIVE,
    JOURNAL,
    Address,
    Archive,
    is_archive,
    is_url,
    open_archive,
    remote_archive,
)
from deepvid.store.reading.remote import Remote
from deepvid.store.reading.status import State, state_after

TAIL = 8192  # bytes; twice the longest line of a usual run
AT_ONCE = 16  # journals that are asked for at a time behind a URL

Read = Callable[[int], bytes]
"""The last so many bytes of a journal, or all where it has fewer."""


class RunListing(NamedTuple):
    """One row of a listing. `error` says why a run cannot be read; its summary is empty then.

    `path` opens it (`open_run`). An archive is listed by its file's name; as a run behind a URL, it is
    read only.
    """

    id: str
    path: Address
    time: str  # of the last commit; ISO 8601, UTC
    state: State
    summary: dict[str, Any]
    error: str | None = None
    read_only: bool = False


def list_runs(store: Address) -> list[RunListing]:
    """Every run of a store, the one written to last first; of a run or an archive, itself.

    None where there is no store on this machine. A run that cannot be read is a row that says so. Raises
    StoreError for a folder or a URL that cannot be read.
    """
    return _sorted(_listings(store))


def _sorted(listings: Iterable[RunListing | None]) -> list[RunListing]:
    known = [listing for listing in listings if listing is not None]
    return sorted(known, key=lambda run: (run.time, run.id), reverse=True)


Mark = tuple[tuple[int, ...] | None, tuple[int, ...] | None]
"""State of a run's folder, or of an archive's file, and of the journal in it."""


class StoreListing:
    """The runs of a store; another look reads only what has changed since. Safe from any thread."""

    def __init__(self, store: Address) -> None:
        self.store = store
        self._rows: dict[str, tuple[Mark, RunListing | None]] = {}
        self._lock = Lock()

    def look(self) -> list[RunListing]:
        """As `list_runs`, at the cost of two `stat` a run where nothing has changed."""
        path = Path(self.store)
        if is_url(self.store) or is_archive(path) or is_regular(path / JOURNAL):
            return list_runs(self.store)
        with self._lock:
            self._rows = {name: self._row(name) for name in _names(path)}
            return self._sorted()

    def look_at(self, name: str) -> list[RunListing]:
        """The runs as they are known, and the one of this name as it is now."""
        with self._lock:
            if name in self._rows:
                self._rows[name] = self._row(name)
                return self._sorted()
        return self.look()

    def _row(self, name: str) -> tuple[Mark, RunListing | None]:
        path = os.path.join(self.store, name)  # noqa: PTH118 - of 20,000 runs, objects take most of the time
        mark = _mark(path), _mark(f"{path}/{JOURNAL}")  # before the row: what changes then is read again
        known, row = self._rows.get(name, (None, None))
        alive = row is not None and row.state == "running"  # its process may end without a trace
        return (mark, row) if known == mark and not alive else (mark, _of_entry(Path(path)))

    def _sorted(self) -> list[RunListing]:
        return _sorted(row for _, row in self._rows.values())


def _mark(path: str) -> tuple[int, ...] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def find_listing(store: Address, run: str) -> RunListing:
    """The one run of a store whose id begins with `run`, or else the run whose folder `run` is.

    Raises as `choose` and `list_runs` do.
    """
    listed = list_runs(store)
    beginning = run and any(listing.id.startswith(run) for listing in listed)
    if run and not beginning and is_regular(Path(run) / JOURNAL):
        path = Path(run).resolve()
        listed, run = [listing for listing in (_of_folder(path),) if listing], path.name
    return choose(listed, run, store)


def find_address(store: Address, run: str) -> Address:
    """Address of the run that a person names: a URL, the file of an archive, else what `find_listing` finds.

    Raises as it and `require_begun` do.
    """
    if is_url(run) or (is_archive(run) and (os.path.lexists(run) or not is_listed(store, run))):
        return run
    return require_begun(find_listing(store, run)).path


def is_listed(store: Address, run: str) -> bool:
    """Whether a store has a run or an archive of this very id; raises as `list_runs` does."""
    return any(listing.id == run for listing in list_runs(store))


def require_begun(listing: RunListing) -> RunListing:
    """Raises StoreError for a run of which not one line is committed: there is nothing to open."""
    if listing.state == "empty":
        raise _lineless(listing.path)
    return listing


def _lineless(run: Address) -> StoreError:
    return StoreError(
        "The journal of a run has at least one line",
        f"none in {run}/{JOURNAL}",
        "Restore it from a copy, run its experiment again, or remove the run: deepvid rm RUN",
    )


def choose(listed: Iterable[RunListing], prefix: str, store: Address) -> RunListing:
    """The one run among those listed whose id begins with `prefix`.

    A whole id always wins, and a run over its archives. Raises StoreError where none or several do, and for
    an empty text, which names nothing: a variable that is not set removes no run.
    """
    if not prefix:
        raise StoreError("A run is named by its id", "an empty text", "List the runs: deepvid list")
    runs = {run.id: run for run in listed}
    matching = [prefix] if prefix in runs else sorted(run_id for run_id in runs if run_id.startswith(prefix))
    if len(matching) > 1:
        matching = [run_id for run_id in matching if not run_id.endswith(ARCHIVE)] or matching
    if len(matching) == 1:
        return runs[matching[0]]
    raise StoreError(
        f"{prefix!r} begins the id of one run in {store}",
        f"{', '.join(matching[:5])}"
        if matching
        else f"none; there are {', '.join(sorted(runs)[:5]) or 'no runs'}",
        "Type more of the id" if matching else "List the runs: deepvid list",
    )


def find_run(store: str | Path, run: str) -> Path:
    """The folder of the run that `find_listing` finds; raises as it and the two below do."""
    return Path(require_writable(require_begun(find_listing(store, run))).path)


def require_writable(listing: RunListing) -> RunListing:
    """Raises StoreError for an archive and a run behind a URL: they cannot be written to."""
    if listing.read_only:
        raise StoreError(
            f"{listing.id!r} is a run that can be written to",
            f"{listing.path}, which is read-only",
            f"Import it into a store first: deepvid import {listing.path}",
        )
    return listing


def _listings(store: Address) -> Iterable[RunListing | None]:
    if is_url(store):
        return _behind(str(store))
    path = Path(store)
    if is_archive(path):
        return [_named(path, _of_archive(path.name, path, lambda: open_archive(path)))]
    names = _names(path)
    itself = (
        [_of_folder(path.resolve())] if JOURNAL in names else []
    )  # an archive unpacked in a store is both
    return [*itself, *(_of_entry(path / name) for name in names)]


def _names(store: Path) -> list[str]:
    """Of what may be a run, or an archive of one; none where there is no store."""
    try:
        with os.scandir(store) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            "A store is a folder that can be read", str(error), "Change its permissions, or choose another"
        ) from error


def _named(address: Address, listing: RunListing | None) -> RunListing:
    """The row of an archive that was asked for. Raises StoreError for a file that is none, or not there."""
    if listing is None:
        raise StoreError("An archive is a zip with a journal.jsonl", f"none in {address}", "Check its name")
    return listing


def _of_entry(path: Path) -> RunListing | None:
    if path.suffix == ARCHIVE and is_regular(path):
        return _of_archive(path.name, path, lambda: open_archive(path))
    return _of_folder(path)


def _of_folder(path: Path) -> RunListing | None:
    with_state = partial(state_after, path)
    listing = _listing(path.name, path, lambda tail: _local_tail(path / JOURNAL, tail), with_state)
    creating = listing is not None and listing.state == "empty" and owner.alive(path)
    return None if creating else listing


def _of_archive(name: str, address: Address, archive: Callable[[], Archive]) -> RunListing | None:
    def read(tail: int) -> bytes:
        return archive().journal().read(0)

    listing = _listing(name, address, read, partial(state_after, None))
    return listing and listing._replace(read_only=True)


def _behind(url: str) -> list[RunListing | None]:
    """A listing costs one request, and one or two more for each run, side by side."""
    remote = Remote.at(url.removeprefix("zip::"))
    if is_archive(url):
        return [_named(url, _of_remote(remote, archive=True))]
    try:
        names = remote.names()
    except FileNotFoundError as error:
        raise StoreError(
            "A store behind a URL is a folder of runs", f"nothing at {url}", "Check the address"
        ) from error
    if JOURNAL in names:
        return [_of_remote(remote)]
    children = [remote.child(name) for name in names if not name.startswith(".")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda child: _of_remote(child, archive=child.url.endswith(ARCHIVE)), children))


def _of_remote(remote: Remote, archive: bool = False) -> RunListing | None:
    name = remote.url.rpartition("/")[2]
    if archive:
        return _of_archive(name, f"zip::{remote.url}", lambda: remote_archive(remote))
    journal = remote.child(JOURNAL)
    listing = _listing(name, remote.url, lambda tail: journal.read(-tail), partial(state_after, None))
    return listing and listing._replace(read_only=True)


def _listing(name: str, address: Address, read: Read, state: Callable[[Commit], State]) -> RunListing | None:
    """None for what is no run."""
    try:
        last = _last_commit(read, address)
        if last is None:  # its writer was killed before the first line, or the file system lost them all
            return RunListing(name, address, "", "empty", {}, str(_lineless(address)))
        return RunListing(name, address, last.time, state(last), last.summary)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except DeepVIDError as error:
        return RunListing(name, address, "", "failed", {}, str(error))
    except OSError as error:  # of somebody else, or no journal but something of its name
        unread = StoreError("A run can be read", str(error), "Ask its owner, or change its permissions")
        return RunListing(name, address, "", "failed", {}, str(unread))


def _last_commit(read: Read, address: Address) -> Commit | None:
    """Reads the last 8 kB, more only where the last line is longer."""
    tail = TAIL
    while True:
        data = read(tail)
        lines = data.split(b"\n")
        if len(lines) >= 3 or len(data) != tail:
            break
        tail *= 4
    return decode(lines[-2], address) if len(lines) >= 2 else None


def _local_tail(path: Path, tail: int) -> bytes:
    with open_regular(path) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - tail))
        return file.read(tail)
