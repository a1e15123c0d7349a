"""The record of a training: a series beside the teacher's, under its key."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from deepvid import fields, training
from deepvid.pipeline.stage import StageContext
from deepvid.step_numbers import measure_names, record_attributes
from deepvid.step_record import StepRecord
from deepvid.store import dataset_of


def training_record(context: StageContext, epochs: int) -> Callable[[training.Snapshot], None]:
    """Commits the record of each epoch, before its epoch. Raises StoreError where the disk refused."""
    record = StepRecord(context.writer, context.key, epochs)
    return lambda snapshot: record.append(_group(snapshot.record), snapshot.epoch, snapshot.record.steps)


def _group(epoch: training.EpochRecord) -> xr.Dataset:
    ticks = epoch.ticks
    attributes = {
        **record_attributes(epoch.kernels),
        "measures": list(measure_names(ticks.layers)),
        "layers": list(ticks.layers),
        "layer_units": list(ticks.units),
    }
    arrays = {
        "step_number": epoch.numbers,
        "tick_number": np.concatenate([ticks.numbers, ticks.unit_active], axis=1),
        "judged_logits": epoch.judged_logits,
        "judged_sample": epoch.judged.astype(np.int32),
    }
    return dataset_of(fields.TRAINING_EPOCH, arrays, attributes)
