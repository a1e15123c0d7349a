"""Holds the checksums of files against the lines that commit them."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from deepvid.store.archive.contents import Listed, contents, label
from deepvid.store.archive.lines import Lines, groups_of
from deepvid.store.format.disk import digest_of
from deepvid.store.format.group_form import faults_of_group, groups_in
from deepvid.store.format.sources import Source, Sums, reading, sizing


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
    """What is unfit in the groups that are whole, each with the number of the line that began its group."""
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
