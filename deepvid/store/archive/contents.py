"""Which files the lines of a journal commit, with the sha256 of each."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deepvid.store.format.chain import Commit
from deepvid.store.reading.location import Folder
from deepvid.store.reading.series import series_of


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
    """What all lines commit together; `present`, the names of all files, matters to early runs only."""
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
    """What the names below its group look like that a line commits."""
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
