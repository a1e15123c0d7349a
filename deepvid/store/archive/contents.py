"""The lines of a journal, as far as they can be trusted, and the files that they commit."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.format.journal import Chain, Commit, decode
from deepvid.store.format.names import JOURNAL, unsafe
from deepvid.store.reading.groups import series_of
from deepvid.store.reading.location import Folder


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


class Listed(NamedTuple):
    """Files that one line commits: `names` are relative to the run, those in `digest` to `root`.

    A run begun by an early DeepVID has no `sums`; its names are those that lie where such files do.
    """

    commit: Commit
    root: str
    digest: str
    names: tuple[str, ...]
    sums: Mapping[str, str] | None


def contents(commits: tuple[Commit, ...], present: Iterable[str] = ()) -> list[Listed]:
    """Files that each line commits; `present`, the names of all files, matters to early runs only."""
    present = list(present)
    series = series_of(Folder(Path()), commits)
    last = {begun.state_group for begun in series.values() if begun.state_group is not None}
    listed = []
    for commit in commits:
        if commit.kind in ("stage", "series", "epoch"):
            arrays = series[commit.name, commit.key].arrays if commit.kind != "stage" else ()
            pattern = _pattern(commit, arrays)
            listed.append(_listed(commit, commit.path, commit.digest, commit.details, pattern, present))
        state = commit.details.get("state") if commit.kind == "epoch" else None
        if state and state["path"] in last:
            listed.append(_listed(commit, state["path"], state["digest"], state, ".*", present))
    return listed


def label(commit: Commit) -> str:
    """A line for people."""
    if commit.kind == "epoch":
        return f"{commit.name} epoch {commit.details['epoch']}"
    return commit.name if commit.kind == "stage" else f"{commit.kind} {commit.name}".strip()


def _pattern(commit: Commit, arrays: tuple[str, ...]) -> str:
    """Pattern of the names below its group that a line commits."""
    grown = f"({'|'.join(map(re.escape, arrays)) or '(?!)'})"
    if commit.kind == "epoch":
        return rf"{grown}/c\.{commit.details['epoch']}(\..*)?"
    return rf"(?!{grown}/c\.).*"


def _listed(
    commit: Commit, root: str, digest: str, details: Mapping[str, Any], pattern: str, present: list[str]
) -> Listed:
    if "files" in details:
        sums = {f"{root}/{name}": value for name, value in details["files"].items()}
        return Listed(commit, root, digest, tuple(sums), sums)
    like = re.compile(f"{re.escape(root)}/{pattern}")
    return Listed(commit, root, digest, tuple(name for name in present if like.fullmatch(name)), None)
