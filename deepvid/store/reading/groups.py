"""Committed groups: stages, which never change, and series, which grow by one epoch a commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from deepvid.errors import DamagedError, StoreError
from deepvid.fields import READS, STATE, of_series, of_stage
from deepvid.store.format.group_form import Group
from deepvid.store.format.journal import Commit
from deepvid.store.format.layout import open_group
from deepvid.store.format.state import unpack
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
    computed: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)  # on what
    listed_samples: str = field(default="", repr=False)  # the samples that its line says it is of

    @classmethod
    def of(cls, run: Location, commit: Commit) -> "Stage":
        """The stage that a line of the journal lists."""
        files, computed = (commit.details.get(name, {}) for name in ("files", "computed"))
        said = commit.details.get("samples", "")
        known = commit.time, commit.digest, commit.metrics, files, computed, said
        return cls(commit.name, commit.key, run, commit.path, *known)

    @property
    def path(self) -> Path:
        """Its folder. Raises StoreError in an archive or behind a URL."""
        return require_folder(self.location, "A stage's folder") / self.group

    @property
    def family(self) -> str:
        """Name that its batches have in common."""
        return self.name.partition("/")[0]

    @property
    def samples(self) -> tuple[int, ...]:
        """Those that a batch is of, in its order; of an earlier version's the group is opened."""
        if self.listed_samples:
            return tuple(map(int, self.listed_samples.split(" ")))
        return tuple(self.open("sample")["sample"].to_numpy().tolist())

    def open_batch(self) -> xr.Dataset:
        """`open` of a batch. Raises DamagedError, too, where it is not of the samples that its line says."""
        batch = self.open("sample")
        held = batch["sample"].to_numpy().tolist()
        if self.listed_samples and held != list(self.samples):
            raise DamagedError(
                f"{self.location.name}/{self.group} is of the samples that its line says",
                f"{len(held)} samples where the line says {len(self.samples)}, or others",
                "Remove that run or restore it from a copy",
            )
        return batch

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


@dataclass(frozen=True)
class Series:
    """The committed epochs of one series. `planned` is how many there is room for."""

    name: str
    key: str
    location: Location = field(repr=False)
    group: str  # relative to the run
    time: str  # of the last commit; ISO 8601, UTC
    planned: int
    arrays: tuple[str, ...]  # that have the dimension epoch
    files: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)  # and the first epoch's
    metrics: list[dict[str, Any]] = field(default_factory=list, hash=False)  # one dict an epoch
    state_group: str | None = None
    state_files: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)
    state_bytes: int = 0  # as the summary counts them; 0 where the line does not say

    @classmethod
    def of(cls, run: Location, commit: Commit) -> "Series":
        """The empty series that a line of the journal lists."""
        details = commit.details
        arrays = tuple(details["arrays"])
        files = details.get("files", {})
        return cls(commit.name, commit.key, run, commit.path, commit.time, details["epochs"], arrays, files)

    def grown(self, commit: Commit) -> "Series":
        """This series after one more epoch."""
        state = commit.details["state"] or {}
        first = {} if self.metrics else commit.details.get("files", {})
        return replace(
            self,
            time=commit.time,
            files={**self.files, **first} if first else self.files,
            metrics=[*self.metrics, commit.metrics],
            state_group=state.get("path"),
            state_files=state.get("files", {}),
            state_bytes=state.get("bytes", 0),
        )

    @property
    def path(self) -> Path:
        """Its folder. Raises StoreError in an archive or behind a URL."""
        return require_folder(self.location, "A series' folder") / self.group

    @property
    def state_path(self) -> Path | None:
        """The folder of its last training state; None where none was kept."""
        if self.state_group is None:
            return None
        return require_folder(self.location, "A training state's folder") / self.state_group

    @property
    def epochs(self) -> int:
        """How many epochs are committed."""
        return len(self.metrics)

    @property
    def state_nbytes(self) -> int:
        """Bytes of the last training state, read from its metadata; 0 where none was kept."""
        return 0 if self.state_group is None else self._open_state(self.state_group).nbytes

    def open(self, *needed: str) -> xr.Dataset:
        """The committed epochs, read when they are asked for; raises as `Stage.open` does."""
        dataset = require_contents(self.open_planned(), needed, f"{self.location.name}/{self.group}")
        return dataset.isel(epoch=slice(0, self.epochs)) if self.arrays else dataset

    def open_planned(self) -> xr.Dataset:
        """All epochs there is room for; reading one that is not committed raises DamagedError."""
        group = Group(self.group, self.files, self.arrays, min(1, self.epochs), of_series(self.name))
        return open_group(self.location.group(group))

    def state(self) -> dict[str, np.ndarray] | None:
        """The whole training state after the last committed epoch; None where none was kept."""
        return None if self.state_group is None else unpack(self._open_state(self.state_group))

    def _open_state(self, group: str) -> xr.Dataset:
        dataset = open_group(self.location.group(Group(group, self.state_files, declared=STATE)))
        return require_contents(dataset, ("bytes", "layout"), f"{self.location.name}/{group}")


def series_of(run: Location, commits: tuple[Commit, ...]) -> dict[tuple[str, str], Series]:
    """Every series of a run by (name, key), in the order in which they were begun."""
    series: dict[tuple[str, str], Series] = {}
    for commit in commits:
        if commit.kind == "series":
            series[commit.name, commit.key] = Series.of(run, commit)
        elif commit.kind == "epoch":
            series[commit.name, commit.key] = series[commit.name, commit.key].grown(commit)
    return series
