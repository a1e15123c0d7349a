"""Whether the files of a run's folder are those that were committed, also while somebody writes to it."""

from pathlib import Path

from deepvid.progress import SILENT, Progress
from deepvid.store.archive.contents import contents
from deepvid.store.archive.judgment import RunVerification, is_there, judge
from deepvid.store.archive.lines import read_lines
from deepvid.store.archive.sources import Sums, files_below, sum_all
from deepvid.store.archive.survey import JOURNAL, TREE
from deepvid.store.archive.tree import SKELETON, unsound


def verify_run(path: Path, *, progress: Progress = SILENT) -> RunVerification:
    """Verifies the directory of one run; while it is written to, as it was at one commit."""
    known: dict[str, Sums | None] = {}  # what is committed stays as it is: only what is new is read again
    while True:
        data = _read_journal(path)
        present = files_below(path, TREE)
        lines = read_lines(data)
        wanted = {name for group in contents(lines.commits, present) for name in group.names} | set(SKELETON)
        there = sorted(wanted & present.keys())
        known |= sum_all({name: present[name] for name in there if known.get(name) is None}, progress)
        sums = {name: known[name] for name in there}
        result = judge(path.resolve().name, lines, present, sums)
        wrong = {*result.damaged, *result.missing, *unsound(present)}
        if result.ok or _read_journal(path) == data:
            return result._replace(
                files=result.files + 1,
                bytes=result.bytes + len(data),
                damaged=tuple(sorted(name for name in wrong if is_there(name, present))),
                missing=tuple(sorted(name for name in wrong if not is_there(name, present))),
                extra=tuple(name for name in result.extra if name not in SKELETON),
            )


def _read_journal(path: Path) -> bytes:
    try:
        return (path / JOURNAL).read_bytes()
    except FileNotFoundError:
        return b""
