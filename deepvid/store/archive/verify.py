"""Whether bytes are those that were committed: of a run, of an archive, or of all runs of a store."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from deepvid.errors import StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.contents import Lines, Listed, contents, groups_of, label, read_lines
from deepvid.store.format.archive_form import (
    DOCUMENT,
    LARGEST,
    SKELETON,
    Survey,
    by_headers,
    faults_of_texts,
    lacking,
    parse_manifest,
    strangers,
    survey,
    unsound,
)
from deepvid.store.format.disk import digest_of, is_regular, open_regular, os_error_text, read_regular, remedy
from deepvid.store.format.group_form import faults_of_group, groups_in
from deepvid.store.format.names import JOURNAL, MANIFEST, TREE
from deepvid.store.format.sources import Source, Sums, files_below, read, reading, size_of, sizing, sum_all


class RunVerification(NamedTuple):
    """How one run or archive compares with what was committed.

    Names are relative to it; `good` and `bad` name commits. `extra` are files that no line lists: in a run
    what an interrupted writer left, which counts for nothing. `unread` says of files why they could not be
    read: nobody knows what they are. `unfit` says of files that are what was committed why no reader takes
    them all the same: whoever computes the sums anew can commit any document.
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
    unread: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        amiss = self.damaged or self.missing or self.bad or self.unread or self.unfit
        return not (amiss or self.journal_error)


class Verification(NamedTuple):
    """How every run of `target` compares with what was committed."""

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


def verify(target: Path, *, progress: Progress = SILENT) -> Verification:
    """Reads every byte of a run's directory, an archive or a store and changes nothing.

    A run that is itself a store of others comes first. Raises StoreError where none of these is, or where
    the folder or the archive cannot be read, NewerFormatError.
    """
    try:
        if is_regular(target):
            return Verification(str(target), (verify_archive(target, progress=progress),))
        runs = [path for path in (target, *sorted(target.iterdir())) if _is_run(path, itself=path == target)]
    except OSError as error:
        raise StoreError(
            "The files to verify can be read", os_error_text(error, target), remedy(error, "verify a copy")
        ) from error
    if not runs:
        raise StoreError(
            "A run, an archive or a store with runs can be verified",
            f"none of these at {target}",
            "List the runs: deepvid list --store STORE",
        )
    verified = [_verified(path, progress.part(n, n + 1, len(runs))) for n, path in enumerate(runs)]
    return Verification(str(target), tuple(verified))


def _is_run(path: Path, *, itself: bool) -> bool:
    """Whether a folder is a run, as far as it lets look; one that was asked for, also without its journal."""
    if path.name.startswith(".") and not itself:
        return False
    try:
        return (path / JOURNAL).lstat() is not None
    except FileNotFoundError:
        return itself and (path / TREE).is_dir()
    except NotADirectoryError:
        return False
    except OSError:
        return True


def _verified(path: Path, progress: Progress) -> RunVerification:
    name = path.resolve().name
    try:
        result = verify_run(path, progress=progress)
    except OSError as error:
        return _unread(name, f"{JOURNAL} ({error.strerror or error})")
    if result.ok or path.is_dir():
        return result
    return _unread(name, "all of it: the run was removed or moved while it was read")


def _unread(name: str, why: str) -> RunVerification:
    return RunVerification(name, 0, 0, (), (), (), None, (), (), (why,))


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


def verify_archive(path: Path, *, progress: Progress = SILENT) -> RunVerification:
    """Reads every byte. Where the list of members is damaged, their own headers are followed instead."""
    surveyed = survey(path)
    result = examine(path, surveyed, sum_all(surveyed.members, progress))
    if surveyed.faults and (other := by_headers(path, surveyed.faults)):
        return min(result, examine(path, other, sum_all(other.members, progress)), key=_badness)
    return result


def _faults_of(surveyed: Survey, sums: Mapping[str, Sums | None], manifest: Mapping[str, str]) -> set[str]:
    """The members that the zip's checksums or the manifest's say are damaged, and those it misses.

    Two witnesses tell a damaged member from a damaged manifest.
    """
    sound = {name for name, summed in sums.items() if summed and summed.crc32 == surveyed.crc32[name]}
    faulty = set(sums) - sound
    if MANIFEST in sound:
        said = {name: summed.sha256 for name, summed in sums.items() if summed and name != MANIFEST}
        faulty |= {name for name, value in manifest.items() if said.get(name) != value}
        faulty |= {MANIFEST for name in said if name not in manifest}
    return faulty


def examine(path: Path, surveyed: Survey, sums: Mapping[str, Sums | None]) -> RunVerification:
    """Verdict on an archive whose members have these checksums: the one opinion on it."""
    members: Mapping[str, Source] = surveyed.members

    def text(name: str) -> bytes:
        source = members.get(name, b"")
        return read(source) if size_of(source) <= LARGEST.get(name, DOCUMENT) else b""

    tree = {name: source for name, source in members.items() if name.startswith(f"{TREE}/")}
    lines = read_lines(text(JOURNAL))
    result = judge(path.name, lines, tree, sums)
    wrong = {*result.damaged, *result.missing, *_faults_of(surveyed, sums, parse_manifest(text(MANIFEST)))}
    wrong |= set(lacking(members))
    if not wrong and lines.error is None:  # only of what is whole more can be asked
        wrong = {name for name, _ in faults_of_texts(members, text, lines.commits)}
    structure = {name for name, _ in surveyed.faults}
    extra = {*strangers(members, (*lines.commits, *lines.doubtful)), *result.extra} - {*SKELETON}
    unlisted = f"{JOURNAL} does not list {min(extra)}" if extra else None
    return result._replace(
        damaged=tuple(sorted({name for name in wrong if is_there(name, members)} | structure)),
        missing=tuple(sorted(name for name in wrong if not is_there(name, members))),
        extra=tuple(sorted(extra)),
        journal_error=result.journal_error or unlisted,
    )


def _badness(result: RunVerification) -> tuple[int, int]:
    """Of two readings of one file, the one that finds more commits is right."""
    return -len(result.good), len(result.damaged) + len(result.missing) + len(result.bad)


def judge(
    name: str, lines: Lines, present: Mapping[str, Source], sums: Mapping[str, Sums | None]
) -> RunVerification:
    """Holds the sums of files against the lines that commit them; `present` are all files, by name."""
    listed = [group for group in contents(lines.commits, present) if not _superseded(group, lines, present)]
    wrong = [(group.commit.seq, file) for group in listed for file in _wrong(group, sums)]
    names = {file for _, file in wrong}
    unfit = _unfit(listed, names, lines, present)
    faulty = {seq for seq, _ in (*wrong, *unfit)}
    known = {file for group in listed for file in group.names}
    claimed = tuple(f"{root}/" for commit in lines.doubtful for root in groups_of(commit))
    good = [label(commit) for commit in lines.commits if commit.seq not in faulty]
    bad = [label(commit) for commit in lines.commits if commit.seq in faulty]
    return RunVerification(
        run=name,
        files=len(sums),
        bytes=sum(summed.size for summed in sums.values() if summed),
        damaged=tuple(sorted(file for file in names if is_there(file, present))),
        missing=tuple(sorted(file for file in names if not is_there(file, present))),
        extra=tuple(sorted(file for file in set(present) - known if not file.startswith(claimed))),
        journal_error=lines.error,
        good=tuple(good),
        bad=(*bad, *map(label, lines.doubtful)),
        unfit=tuple(sorted(text for _, text in unfit)),
    )


def is_there(name: str, present: Mapping[str, Source]) -> bool:
    """Whether a file, or any file of a group, is among those present."""
    return name in present or any(file.startswith(f"{name}/") for file in present)


def _superseded(group: Listed, lines: Lines, present: Mapping[str, Source]) -> bool:
    """Whether a training state is rightly gone: a line that cannot be read may list the next one."""
    return lines.error is not None and group.root != group.commit.path and not is_there(group.root, present)


def _unfit(
    listed: Sequence[Listed], wrong: Collection[str], lines: Lines, present: Mapping[str, Source]
) -> list[tuple[int, str]]:
    """Unfit files of groups that are whole, each with the number of the line that began its group."""
    damaged = {group.root for group in listed if any(name in wrong for name in (group.root, *group.names))}
    begun = {group.root: group.commit.seq for group in reversed(listed) if group.root not in damaged}
    return [
        (begun[group.path], " ".join(fault))
        for group in groups_in(lines.commits)
        if group.path in begun
        for fault in faults_of_group(group, reading(present), sizing(present))
    ]


def _wrong(group: Listed, sums: Mapping[str, Sums | None]) -> list[str]:
    """The files of a group that are not what was committed; the group itself where nobody knows which."""
    hashes = {name: summed.sha256 if (summed := sums.get(name)) else "" for name in group.names}
    if group.sums is not None:
        return [name for name, value in hashes.items() if value != group.sums[name]]
    inner = {name[len(group.root) + 1 :]: value for name, value in hashes.items()}
    return [] if digest_of(inner) == group.digest else [group.root]
