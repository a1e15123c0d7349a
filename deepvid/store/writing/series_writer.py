"""Appends epochs to a series: data first, then the line, then the older training state goes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import StoreError
from deepvid.store.format.disk import Sealed, publish, remove, seal, seal_files, sync_directory
from deepvid.store.format.journal import Commit
from deepvid.store.format.layout import prepare, write_epoch
from deepvid.store.format.names import directory_name
from deepvid.store.format.schema import STATE
from deepvid.store.format.state import pack
from deepvid.store.reading.groups import Series
from deepvid.store.writing.commit import Committer

Shape = tuple[tuple[Any, ...], tuple[int, ...], np.dtype[Any]]


class SeriesWriter:
    """One series of the run that `committer` writes to; made by `RunWriter.series`."""

    def __init__(self, committer: Committer, name: str, key: str) -> None:
        self._committer, self._name, self._key = committer, name, key
        self._expected = _shapes(self._series.open_planned().isel(epoch=0))

    def require(self, template: xr.Dataset, epochs: int) -> None:
        """Raises StoreError unless the series was begun with this form and this many epochs."""
        self._check(_shapes(template), "the template")
        if self._series.planned != epochs:
            raise _changed(self._name, f"{epochs} epochs instead of {self._series.planned}")

    @property
    def committed(self) -> int:
        """How many epochs are committed; the next one has this index."""
        return self._series.epochs

    def state(self) -> dict[str, np.ndarray] | None:
        """The whole training state after the last committed epoch; None where none was kept."""
        return self._series.state()

    def append(
        self,
        dataset: xr.Dataset,
        *,
        metrics: Mapping[str, Any],
        state: Mapping[str, np.ndarray] | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> Commit:
        """Commits the next epoch and, with `state`, what training continues from; the older state is removed.

        Raises StoreError where the epoch does not fit the series or the disk refused.
        """
        series = self._series
        self._check(_shapes(dataset), f"epoch {series.epochs}")
        if series.epochs == series.planned:
            raise _changed(self._name, f"an epoch more than the {series.planned} it was begun with")
        with self._committer.attempt(f"epoch {series.epochs} of {self._name}"):
            kept = {} if state is None else self._write_state(state)
            sealed = self._write(dataset)
            replaced = kept.get("bytes", 0) - series.state_bytes
            commit = self._committer.line(
                "epoch",
                self._name,
                key=self._key,
                path=series.path.relative_to(self._committer.run.path).as_posix(),
                sealed=sealed._replace(bytes=sealed.bytes + replaced),
                metrics=metrics,
                details={"epoch": series.epochs, "state": kept or None},
                summary=summary or {},
            )
        if series.state_path is not None:
            remove(series.state_path)
        return commit

    def _write(self, dataset: xr.Dataset) -> Sealed:
        """The epoch's shards at their final names, invisible until the line lists the epoch."""
        path = self._series.path
        sealed = seal_files(path, write_epoch(path, self.committed, dataset))
        for name in self._series.arrays:
            sync_directory(path / name)
        return sealed

    def _write_state(self, state: Mapping[str, np.ndarray]) -> dict[str, Any]:
        run = self._committer.run.path
        path = f"data.zarr/state/{directory_name(self._name, self._key)}-{self.committed}"
        wip = prepare(run, pack(state), STATE, fields.STATE)
        try:
            sealed = seal(wip)
            publish(wip, run / path)
        finally:
            remove(wip)
        return {"path": path, "digest": sealed.digest, "files": sealed.files, "bytes": sealed.bytes}

    @property
    def _series(self) -> Series:
        series = self._committer.run.series(self._name)
        assert series is not None
        return series

    def _check(self, shapes: dict[str, Shape], what: str) -> None:
        for name in sorted(self._expected.keys() | shapes.keys()):
            if self._expected.get(name) != shapes.get(name):
                described = (
                    f"{shapes.get(name)} for {name!r}, where the series has {self._expected.get(name)}"
                )
                raise _changed(self._name, f"{what} with {described}")


def _shapes(dataset: xr.Dataset) -> dict[str, Shape]:
    return {
        str(name): (variable.dims, variable.shape, variable.dtype)
        for name, variable in dataset.data_vars.items()
    }


def _changed(name: str, found: str) -> StoreError:
    return StoreError(
        f"Every epoch of {name!r} has the form the series was begun with",
        found,
        "Raise the stage's version, so that it gets a key and a series of its own",
    )
