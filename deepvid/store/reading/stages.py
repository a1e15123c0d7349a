"""Stages: the immutable groups that the journal lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr

from deepvid.errors import StoreError
from deepvid.fields import READS, of_stage
from deepvid.store.format.chain import Commit
from deepvid.store.format.group_form import Group
from deepvid.store.format.layout import open_group
from deepvid.store.reading.location import Location, require_folder


def require_contents(dataset: xr.Dataset, needed: Sequence[str], group: str) -> xr.Dataset:
    """The data set, which has all these variables and attributes. Raises StoreError where it lacks one.

    It is no damage: variables and attributes came with versions, and archives can be made without some.
    """
    lacking = [name for name in needed if name not in dataset.variables and name not in dataset.attrs]
    if lacking:
        raise StoreError(
            f"{group} has the variables to read",
            f"no {', '.join(lacking)}",
            "Open a run that has it, or run its experiment anew in another store",
        )
    return dataset


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
    files: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)  # sha256 by name

    @classmethod
    def of(cls, run: Location, commit: Commit) -> "Stage":
        """The stage that a line of the journal lists."""
        files = commit.details.get("files", {})
        return cls(
            commit.name, commit.key, run, commit.path, commit.time, commit.digest, commit.metrics, files
        )

    @property
    def path(self) -> Path:
        """Its folder. Raises StoreError in an archive or behind a URL."""
        return require_folder(self.location, "A stage's folder") / self.group

    @property
    def family(self) -> str:
        """What its batches have in common."""
        return self.name.partition("/")[0]

    @cached_property
    def reads(self) -> Mapping[str, str]:
        """The keys of stages that may be computed again beside it, as it has read them."""
        reads: dict[str, str] = self.open().attrs.get(READS, {})
        return reads

    def open(self, *needed: str) -> xr.Dataset:
        """Its variables, read when they are asked for; `needed` variables and attributes are among them.

        Raises StoreError where it lacks one of those, DamagedError, then or now, where a file is not the one
        that was committed.
        """
        dataset = open_group(self.location.group(Group(self.group, self.files, declared=of_stage(self.name))))
        return require_contents(dataset, needed, f"{self.location.name}/{self.group}")
