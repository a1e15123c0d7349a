"""The end of a run, and hidden names for work under way.

Names of this form are ours alone, and nothing else is ever collected: a random text of 32 hexadecimal digits
behind a known beginning, and no link.
"""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from deepvid.errors import StoreError
from deepvid.store.format.disk import os_error_text, remedy, remove
from deepvid.store.reading.location import JOURNAL
from deepvid.store.writing.lock import RunLock

IMPORTED, REMOVED, ARCHIVED = ".import-", ".removed-", ".archive-"
"""How names begin: folders of runs that come into a store or leave it, files of archives that are written."""


def hidden(folder: Path, beginning: str) -> Path:
    """A name in `folder` that nobody else takes."""
    return folder / f"{beginning}{uuid.uuid4().hex}"


def left(folder: Path, beginning: str) -> Iterator[Path]:
    """Paths with such a name: files for ARCHIVED, folders for the others."""
    form = re.compile(re.escape(beginning) + "[0-9a-f]{32}")
    with os.scandir(folder) as entries:
        for entry in entries:
            known = entry.is_file if beginning == ARCHIVED else entry.is_dir
            if form.fullmatch(entry.name) and known(follow_symlinks=False):
                yield Path(entry.path)


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
