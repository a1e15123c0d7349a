"""Series: arrays that grow by one epoch a commit; readers see the committed epochs and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from deepvid.fields import STATE, of_series
from deepvid.store.format.chain import Commit
from deepvid.store.format.group_form import Group
from deepvid.store.format.layout import open_group
from deepvid.store.format.state import unpack
from deepvid.store.reading.location import Location, require_folder
from deepvid.store.reading.stages import require_contents


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
