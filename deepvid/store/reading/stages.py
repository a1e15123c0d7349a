"""Stages: immutable groups, prepared anywhere, committed by the owner of the lock."""

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from deepvid.errors import StoreError
from deepvid.store.format.disk import remove
from deepvid.store.format.journal import Commit
from deepvid.store.format.layout import open_group, settle, write_group
from deepvid.store.format.schema import STAGE, described
from deepvid.store.reading.location import Location, require_folder

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9_-]+)?")


@dataclass(frozen=True)
class Stage:
    """A committed group of a run. `name` is `family` or, for batches of what grows, `family/batch`."""

    name: str
    key: str
    location: Location = field(repr=False)
    group: str  # relative to the run
    time: str  # ISO 8601, UTC
    digest: str = field(repr=False)
    metrics: dict[str, Any] = field(hash=False)

    @classmethod
    def of(cls, run: Location, commit: Commit) -> "Stage":
        """The stage that a line of the journal lists."""
        return cls(commit.name, commit.key, run, commit.path, commit.time, commit.digest, commit.metrics)

    @property
    def path(self) -> Path:
        """Its folder. Raises StoreError in an archive or behind a URL."""
        return require_folder(self.location, "A stage's folder") / self.group

    @property
    def family(self) -> str:
        """What its batches have in common."""
        return self.name.partition("/")[0]

    def open(self) -> xr.Dataset:
        """Its variables, read when they are asked for."""
        return open_group(self.location.group(self.group))


def write_wip(run: Path, dataset: xr.Dataset, *, encoding: str = STAGE) -> Path:
    """Writes a group that no line lists yet; any process may, without the lock.

    Hand the path to the owner of the lock, who commits it with `RunWriter.commit_prepared`.
    """
    path = run / "wip" / uuid.uuid4().hex
    try:
        write_group(path, described(dataset, encoding))
    except BaseException:
        settle()
        remove(path)
        raise
    return path


def directory_name(name: str, key: str) -> str:
    """The directory of a stage or series. Raises StoreError for a name or key that cannot be one."""
    if not _NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-zA-Z]{8,}", key):
        raise StoreError(
            "A stage is named in small letters, digits, - and _, with at most one /; its key is hexadecimal",
            f"name {name!r}, key {key!r}",
            "Rename it",
        )
    return f"{name.replace('/', '.')}-{key[:12]}"
