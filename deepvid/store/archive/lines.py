"""The lines of a journal that may be damaged, as far as they can be trusted."""

from pathlib import Path
from typing import NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.archive.survey import JOURNAL, TREE, unsafe
from deepvid.store.format.journal import START, Commit, decode


class Lines(NamedTuple):
    """A journal as far as it can be trusted; `doubtful` are whole lines behind the first that is damaged."""

    commits: tuple[Commit, ...]
    doubtful: tuple[Commit, ...]
    error: str | None


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
        fault = "has no end and counts for nothing" if tail else "is missing"
        error = f"line {len(whole) + 1} of {JOURNAL} {fault}; the {len(commits)} before it are whole"
    return Lines(tuple(commits), tuple(doubtful), error)


def _line(line: bytes, before: list[Commit]) -> tuple[Commit | None, str]:
    """The commit, and what is wrong with it."""
    try:
        commit = decode(line, Path(JOURNAL))
        groups = groups_of(commit)
    except DamagedError as error:
        return None, f"is damaged ({error.found})"
    if commit.seq != len(before) or commit.prev != (before[-1].sum if before else START):
        return commit, "does not follow the one before it"
    begun = (line.name == commit.name and line.key == commit.key for line in before if line.kind == "series")
    if commit.kind == "epoch" and not any(begun):
        return None, "is an epoch of a series that was not begun"
    if away := [root for root in groups if unsafe(root) or not root.startswith(f"{TREE}/")]:
        return None, f"leads to {away[0]!r}"
    return commit, ""


def groups_of(commit: Commit) -> list[str]:
    """The groups that a line names."""
    state = (commit.details["state"] if commit.kind == "epoch" else None) or {}
    return [root for root in (commit.path, state.get("path")) if root]
