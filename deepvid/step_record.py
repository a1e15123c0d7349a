"""The series that has the steps of a training: it stands beside the teacher's, under its key."""

import numpy as np
import xarray as xr

from deepvid.fields import TRAINING
from deepvid.store import RunWriter, SeriesWriter


class StepRecord:
    """Appends the record of every epoch. One that was trained without a record has rows of nan."""

    def __init__(self, writer: RunWriter, key: str, epochs: int) -> None:
        self._writer, self._key, self._epochs = writer, key, epochs
        self._series: SeriesWriter | None = writer.begun_series(TRAINING, key)

    @property
    def form(self) -> xr.Dataset | None:
        """The first epoch, whose names and shapes all have; None before it."""
        series = self._writer.run.series(TRAINING)
        begun = self._series is not None and series is not None and bool(series.epochs)
        return series.open_planned().isel(epoch=0) if begun and series is not None else None

    def append(self, record: xr.Dataset, epoch: int, steps: int) -> None:
        """Commits the record of an epoch from 0, before its epoch; one that is there was committed before its
        writer ended. Raises StoreError where the disk refused.
        """
        if (form := self.form) is not None:  # of an earlier version that recorded less
            record = record[[name for name in record.data_vars if name in form.data_vars]]
        series = self._series
        if series is None:
            series = self._series = self._writer.series(TRAINING, self._key, record, self._epochs)
        while series.committed < epoch:
            series.append(xr.full_like(record, np.nan), metrics={"steps": 0})
        if series.committed == epoch:
            series.append(record, metrics={"steps": steps})
