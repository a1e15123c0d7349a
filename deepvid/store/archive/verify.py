"""Whether bytes are those that were committed: of a run, of an archive, or of all runs of a store."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deepvid.errors import DamagedError, StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.contents import Listed, contents, label
from deepvid.store.archive.sources import Source, Sums, files_below, sum_all
from deepvid.store.archive.survey import JOURNAL, TREE, unsafe
from deepvid.store.archive.tree import SKELETON, unsound
from deepvid.store.format.disk import digest_of
from deepvid.store.format.journal import START, Commit, decode


class RunVerification(NamedTuple):
    """What was found in one run or archive. Names are relative to it; `good` and `bad` name commits.

    `extra` are files that no line lists: in a run what an interrupted writer left, which counts for nothing.
    """

    run: str
    files: int
    bytes: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    journal_error: str | None
    good: tuple[str, ...]
    bad: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not (self.damaged or self.missing or self.bad or self.journal_error)


class Verification(NamedTuple):
    """What was found in all of `target`."""

    target: str
    runs: tuple[RunVerification, ...]

    @property
    def ok(self) -> bool:
        return all(run.ok for run in self.runs)

    @property
    def files(self) -> int:
        return sum(run.files for run in self.runs)

    @property
    def bytes(self) -> int:
        return sum(run.bytes for run in self.runs)


class Lines(NamedTuple):
    """A journal as far as it can be trusted; `doubtful` are whole lines behind the first that is damaged."""

    commits: tuple[Commit, ...]
    doubtful: tuple[Commit, ...]
    error: str | None


def verify(target: Path, *, progress: Progress = SILENT) -> Verification:
    """Reads every byte of a run's directory, an archive or a store and changes nothing.

    Raises StoreError where none of these is, NewerFormatError.
    """
    from deepvid.store.archive.verify_archive import verify_archive  # which needs what is here

    if target.is_file():
        return Verification(str(target), (verify_archive(target, progress=progress),))
    if (target / JOURNAL).is_file() or (target / TREE).is_dir():
        return Verification(str(target), (verify_run(target, progress=progress),))
    runs = sorted(path.parent for path in target.glob(f"*/{JOURNAL}") if not path.parent.name.startswith("."))
    if not runs:
        raise StoreError(
            "A run, an archive or a store with runs is verified",
            f"none of these at {target}",
            "List the runs: deepvid list --store STORE",
        )
    found = [verify_run(path, progress=progress.part(n, n + 1, len(runs))) for n, path in enumerate(runs)]
    return Verification(str(target), tuple(found))


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


def judge(
    name: str, lines: Lines, present: Mapping[str, Source], sums: Mapping[str, Sums | None]
) -> RunVerification:
    """Holds the sums of files against the lines that commit them; `present` are all files, by name."""
    listed = [group for group in contents(lines.commits, present) if not _superseded(group, lines, present)]
    wrong = [(group.commit.seq, file) for group in listed for file in _wrong(group, sums)]
    faulty = {seq for seq, _ in wrong}
    names = {file for _, file in wrong}
    known = {file for group in listed for file in group.names}
    claimed = tuple(f"{root}/" for commit in lines.doubtful for root in _roots(commit))
    good = [label(commit) for commit in lines.commits if commit.seq not in faulty]
    bad = [label(commit) for commit in lines.commits if commit.seq in faulty]
    return RunVerification(
        run=name,
        files=len(sums),
        bytes=sum(each.size for each in sums.values() if each),
        damaged=tuple(sorted(file for file in names if is_there(file, present))),
        missing=tuple(sorted(file for file in names if not is_there(file, present))),
        extra=tuple(sorted(file for file in set(present) - known if not file.startswith(claimed))),
        journal_error=lines.error,
        good=tuple(good),
        bad=(*bad, *map(label, lines.doubtful)),
    )


def _superseded(group: Listed, lines: Lines, present: Mapping[str, Source]) -> bool:
    """Whether a training state is rightly gone: a line that cannot be read may list the next one."""
    return lines.error is not None and group.root != group.commit.path and not is_there(group.root, present)


def _roots(commit: Commit) -> list[str]:
    """The groups that a line names."""
    state = commit.details.get("state") or {}
    return [root for root in (commit.path, state.get("path")) if root]


def is_there(name: str, present: Mapping[str, Source]) -> bool:
    """Whether a file, or any file of a group, is among those present."""
    return name in present or any(file.startswith(f"{name}/") for file in present)


def read_lines(data: bytes) -> Lines:
    """The lines of a journal up to the first that is damaged or torn. Raises NewerFormatError."""
    *whole, tail = data.split(b"\n")
    commits: list[Commit] = []
    doubtful: list[Commit] = []
    error: str | None = None
    for number, line in enumerate(whole, 1):
        commit, fault = _line(line, commits)
        if fault and error is None:
            error = f"line {number} of {JOURNAL} {fault}; the {len(commits)} before it are whole"
        if commit is not None:
            (commits if error is None else doubtful).append(commit)
    if error is None and (tail or not whole):
        found = "has no end and counts for nothing" if tail else "is missing"
        error = f"line {len(whole) + 1} of {JOURNAL} {found}; the {len(commits)} before it are whole"
    return Lines(tuple(commits), tuple(doubtful), error)


def _line(line: bytes, before: list[Commit]) -> tuple[Commit | None, str]:
    """The commit, and what is wrong with it; a right checksum does not make a line one of ours."""
    try:
        commit = decode(line, Path(JOURNAL))
        roots = _roots(commit)
    except DamagedError:
        return None, "is damaged"
    except (KeyError, TypeError, ValueError, AttributeError):
        return None, "is no line of a journal"
    if commit.seq != len(before) or commit.prev != (before[-1].sum if before else START):
        return commit, "does not follow the one before it"
    begun = (each.name == commit.name and each.key == commit.key for each in before if each.kind == "series")
    if commit.kind == "epoch" and not any(begun):
        return None, "is an epoch of a series that was not begun"
    if away := [root for root in roots if unsafe(root) or not root.startswith(f"{TREE}/")]:
        return None, f"leads to {away[0]!r}"
    return commit, ""


def _wrong(group: Listed, sums: Mapping[str, Sums | None]) -> list[str]:
    """The files of a group that are not what was committed; the group itself where nobody knows which."""
    found = {name: each.sha256 if (each := sums.get(name)) else "" for name in group.names}
    if group.sums is not None:
        return [name for name, value in found.items() if value != group.sums[name]]
    inner = {name[len(group.root) + 1 :]: value for name, value in found.items()}
    return [] if digest_of(inner) == group.digest else [group.root]


def _read_journal(path: Path) -> bytes:
    try:
        return (path / JOURNAL).read_bytes()
    except FileNotFoundError:
        return b""
