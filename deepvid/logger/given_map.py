"""A map whose coordinates a person gives, as those that another program has computed."""

import hashlib
from typing import Any

import numpy as np
import xarray as xr

from deepvid import fields
from deepvid.errors import DataError
from deepvid.logger.samples import floats_of
from deepvid.store import RunWriter, dataset_of

METHOD = "given"


def given_map(positions: Any, order: np.ndarray) -> xr.Dataset:
    """Of `positions` (sample, 2) or (sample, 3), in the order given; `order` is that of the store.

    Raises DataError for what are no such coordinates.
    """
    array = floats_of(positions, "Positions", ("sample", "dimension"))
    if array.shape[0] != len(order) or array.shape[1] not in (2, 3) or not np.isfinite(array).all():
        found = f"shape {array.shape}" if np.isfinite(array).all() else "coordinates that are not finite"
        raise DataError(
            f"Positions have two or three coordinates for each of {len(order):,} samples",
            found,
            "Give one row per sample, or leave positions out",
        )
    settings = {"method": METHOD, "dimensions": array.shape[1]}
    arrays = {"position": array[order], "sample": np.arange(len(order), dtype=np.int32)}
    return dataset_of(fields.PROJECTION, arrays, {"projection": settings})


def commit_map(writer: RunWriter, group: xr.Dataset) -> None:
    """Commits it unless it is there."""
    name = f"projection-{METHOD}-{group.sizes['dimension']}d"
    key = hashlib.sha256(group["position"].to_numpy().tobytes()).hexdigest()[:12]
    if not writer.has(name, key):
        writer.commit_stage(name, key, group, metrics={}, summary={})
