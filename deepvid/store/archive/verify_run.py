"""Whether the files of a run's folder are those that were committed, also while somebody writes to it."""

from pathlib import Path

from deepvid.progress import SILENT, Progress
from deepvid.store.archive.contents import contents
from deepvid.store.archive.judgment import RunVerification, judge
from deepvid.store.archive.lines import read_lines
from deepvid.store.format.disk import open_regular, read_regular
from deepvid.store.format.names import JOURNAL, TREE
from deepvid.store.format.sources import Sums, files_below, reading, sum_all
from deepvid.store.format.tree import SKELETON, unsound

DAMAGED, MISSING = "damaged", "missing"


def verify_run(path: Path, *, progress: Progress = SILENT) -> RunVerification:
    """Verifies the directory of one run; while it is written to, as it was at one commit."""
    known: dict[str, Sums | None] = {}  # what is committed stays as it is: only what is new is read again
    while True:
        data = _read_journal(path)
        present = files_below(path, TREE)
        tail = len(data) - (data.rfind(b"\n") + 1)  # torn: it counts for nothing, and the next writer cuts it
        lines = read_lines(data[: len(data) - tail])
        wanted = {name for group in contents(lines.commits, present) for name in group.names} | set(SKELETON)
        there = sorted(wanted & present.keys())
        known |= sum_all({name: present[name] for name in there if known.get(name) is None}, progress)
        sums = {name: known[name] for name in there}
        result = judge(path.resolve().name, lines, present, sums)
        wrong = sorted({*result.damaged, *result.missing, *unsound(present, reading(present))})
        if result.ok or _read_journal(path) == data:
            why = {name: _why(path / name) for name in wrong}
            torn = (f"{JOURNAL}, {tail} bytes behind its last line",) if tail else ()
            return result._replace(
                files=result.files + 1,
                bytes=result.bytes + len(data),
                damaged=tuple(name for name in wrong if why[name] == DAMAGED),
                missing=tuple(name for name in wrong if why[name] == MISSING),
                unread=tuple(
                    f"{name} ({why[name]})" for name in wrong if why[name] not in (DAMAGED, MISSING)
                ),
                extra=(*(name for name in result.extra if name not in SKELETON), *torn),
            )


def _why(path: Path) -> str:
    """DAMAGED of what can be read, MISSING of what is not there now, else why it cannot be read."""
    try:
        if not path.is_dir():
            open_regular(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    except OSError as error:
        return error.strerror or str(error)
    return DAMAGED


def _read_journal(path: Path) -> bytes:
    try:
        return read_regular(path / JOURNAL)
    except FileNotFoundError:
        return b""
