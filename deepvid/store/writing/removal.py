"""The end of a run."""

from pathlib import Path

from deepvid.errors import StoreError
from deepvid.store.format.disk import remove
from deepvid.store.format.refusals import os_error_text, remedy
from deepvid.store.reading.location import JOURNAL
from deepvid.store.writing.leftovers import REMOVED, hidden, left
from deepvid.store.writing.lock import RunLock


def remove_run(path: str | Path) -> None:
    """Removes a run for good; of a link to one, the link.

    Raises LockedError where somebody writes to it, StoreError where none is, and where other runs lie in its
    folder: they would go with it.
    """
    path = Path(path)
    try:
        is_run = (path / JOURNAL).is_file()
    except OSError as error:
        raise _kept(path, error) from error
    if not is_run:
        raise StoreError(
            "Only a run is removed", f"no journal.jsonl in {path}", "List the runs: deepvid list"
        )
    if others := sorted(journal.parent.name for journal in path.glob(f"*/{JOURNAL}")):
        raise StoreError(
            "A run is removed only if its folder holds no other run",
            others[0],
            f"Remove {JOURNAL} and data.zarr of {path} by hand, or move the other runs elsewhere first",
        )
    try:
        lock = RunLock(path)
        try:
            gone = path.rename(hidden(path.parent, REMOVED))
        finally:
            lock.release()
    except OSError as error:
        raise _kept(path, error) from error
    for folder in [gone, *left(path.parent, REMOVED)]:
        remove(folder)


def _kept(path: Path, error: OSError) -> StoreError:
    return StoreError(
        "Removing a run needs write access to its store",
        os_error_text(error, path),
        remedy(error, "leave it where it is"),
    )
