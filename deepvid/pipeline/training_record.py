"""The record of a training: a series beside the teacher's, under its key."""

from typing import Any

import numpy as np
import xarray as xr

from deepvid import fields, training
from deepvid.pipeline.stage import StageContext
from deepvid.step_numbers import OF_KERNEL, OF_STEP, STATISTICS, measure_names, number_names
from deepvid.store import SeriesWriter, dataset_of


class TrainingRecord:
    """Appends the record of every epoch. An epoch that was trained without one has rows of nan."""

    def __init__(self, context: StageContext, epochs: int) -> None:
        self._writer, self._key, self._epochs = context.writer, context.key, epochs
        self._series: SeriesWriter | None = None

    def append(self, snapshot: training.Snapshot) -> None:
        """Commits the record, before its epoch; one that is there was committed before its writer ended.

        Raises StoreError where the disk refused.
        """
        record = _group(snapshot.record)
        series = self._series = self._series or self._begun(record)
        while series.committed < snapshot.epoch:
            series.append(xr.full_like(record, np.nan), metrics={"steps": 0})
        if series.committed == snapshot.epoch:
            series.append(record, metrics={"steps": snapshot.record.steps})

    def _begun(self, record: xr.Dataset) -> SeriesWriter:
        begun = self._writer.begun_series(fields.TRAINING, self._key)
        return begun or self._writer.series(fields.TRAINING, self._key, record, self._epochs)


def _group(epoch: training.EpochRecord) -> xr.Dataset:
    units = {number.name: number.unit for number in (*OF_STEP, *OF_KERNEL)}
    names, ticks = number_names(epoch.kernels), epoch.ticks
    attributes: dict[str, Any] = {
        "numbers": list(names),
        "units": [units[name.partition(" ")[0]] for name in names],
        "kernels": list(epoch.kernels),
        "statistics": list(STATISTICS),
        "measures": list(measure_names(ticks.layers)),
        "layers": list(ticks.layers),
        "layer_units": list(ticks.units),
    }
    arrays = {
        "step_number": epoch.numbers,
        "tick_number": np.concatenate([ticks.numbers, ticks.unit_active], axis=1),
    }
    return dataset_of(fields.TRAINING_EPOCH, arrays, attributes)
