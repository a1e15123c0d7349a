"""Adds something to a copy of the packages, in the files that CONTRIBUTING.md names for it and no others."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COMPILED = (".pyc", ".nbi", ".nbc")


class Edit(NamedTuple):
    """Text that stands in a file once, and what it becomes."""

    old: str
    new: str


Change = Mapping[str, str | tuple[Edit, ...]]
"""By path: the text of a new file, or the edits of one that is there."""


def rows() -> dict[str, list[str]]:
    """The table of CONTRIBUTING.md: to add what, in which files, as patterns with `<name>` in them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| to add | files, in this order |")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {name: re.findall(r"`([^`]+)`", files) for name, files, *_ in cells}


def added(kind: str, change: Change, folder: Path) -> Path:
    """A copy of the packages in `folder` with the change made; fails where the table names other files."""
    patterns = [re.compile(re.sub(r"<[^>]+>", "[^/]+", re.escape(path))) for path in rows()[kind]]
    unnamed = [path for path in change if not any(pattern.fullmatch(path) for pattern in patterns)]
    unused = [pattern.pattern for pattern in patterns if not any(map(pattern.fullmatch, change))]
    assert not unnamed, f"CONTRIBUTING names other files for {kind}"
    assert not unused, f"CONTRIBUTING names more files for {kind} than it takes"
    for package in ("deepvid", "dashboards", "data", "experiments"):
        shutil.copytree(ROOT / package, folder / package, ignore=_unfinished)
    for path, what in change.items():
        file = folder / path
        if isinstance(what, str):
            assert not file.exists()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(what, encoding="utf-8")
        else:
            file.write_text(_edited(file.read_text(encoding="utf-8"), what), encoding="utf-8")
    return folder


def run(packages: Path, code: str, *arguments: str) -> str:
    """Output of Python, which imports the packages from there."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(packages), str(ROOT / "tests")])}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, env=environment, cwd=packages, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _unfinished(folder: str, names: list[str]) -> list[str]:
    """Files that another process still compiles; a copy of an unchanged file is served by compiled code."""
    return [name for name in names if Path(folder).name == "__pycache__" and not name.endswith(COMPILED)]


def _edited(text: str, edits: tuple[Edit, ...]) -> str:
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
