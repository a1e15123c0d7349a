"""The lines of a journal that may be damaged, as far as they can be trusted."""

from pathlib import Path
from typing import NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.format.chain import Chain, Commit
from deepvid.store.format.journal import decode
from deepvid.store.format.names import JOURNAL, unsafe


class Lines(NamedTuple):
    """A journal as far as it can be trusted; `doubtful` are whole lines behind the first that is damaged."""

    commits: tuple[Commit, ...]
    doubtful: tuple[Commit, ...]
    error: str | None


def read_lines(data: bytes) -> Lines:
    """The lines of a journal up to the first that is damaged or torn. Raises NewerFormatError."""
    *whole, tail = data.split(b"\n")
    chain = Chain()
    doubtful: list[Commit] = []
    error: str | None = None
    for number, line in enumerate(whole, 1):
        commit, fault = _line(line)
        if error is None and commit is not None:
            fault = fault or chain.add(commit)
        if fault and error is None:
            error = f"line {number} of {JOURNAL} {fault}; the {len(chain.commits)} before it are whole"
        if commit is not None and error is not None:
            doubtful.append(commit)
    if error is None and (tail or not whole):
        fault = "has no end and counts for nothing" if tail else "is missing"
        error = f"line {len(whole) + 1} of {JOURNAL} {fault}; the {len(chain.commits)} before it are whole"
    return Lines(tuple(chain.commits), tuple(doubtful), error)


def _line(line: bytes) -> tuple[Commit | None, str]:
    """The commit, and what is wrong with it by itself."""
    try:
        commit = decode(line, Path(JOURNAL))
    except DamagedError as error:
        return None, f"is damaged ({error.found})"
    away = [root for root in groups_of(commit) if unsafe(root)]
    return commit, f"leads to {away[0]!r}" if away else ""


def groups_of(commit: Commit) -> list[str]:
    """The groups that a line names."""
    state = (commit.details["state"] if commit.kind == "epoch" else None) or {}
    return [root for root in (commit.path, state.get("path")) if root]
