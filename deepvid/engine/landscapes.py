"""A part of an epoch's landscape in finer cells, decoded by the model that the run has of it."""

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid.engine.requests import Refined, RefineLandscape
from deepvid.errors import ConfigError, StoreError
from deepvid.pipeline.history import head_at
from deepvid.progress import Progress
from deepvid.store import open_run
from deepvid.timetravel.autoencoder import Decoder, inverted
from deepvid.timetravel.contract import Head
from deepvid.timetravel.landscape import Box, landscape
from deepvid.timetravel.stored import arrays_in, decoder_in

KEPT = 16


class Half(NamedTuple):
    """Of a visualization model what a landscape needs."""

    decoder: Decoder

    def invert(self, position: np.ndarray) -> np.ndarray:
        return inverted(self.decoder, position)


def refine_landscape(request: RefineLandscape, progress: Progress) -> Refined:
    """Raises ConfigError for a part that is none, StoreError for an epoch that has no map."""
    progress.update(0, 1, "decoding")
    numbers = (*request.low, *request.high)
    if not all(map(math.isfinite, numbers)) or not (np.array(request.low) < np.array(request.high)).all():
        raise ConfigError(
            "A part of a map lies between two corners, the first below and left of the second",
            f"{request.low} and {request.high}",
            "Zoom out once, and in again",
        )
    run = open_run(request.run)
    name = f"time-travel-{request.form}"
    series = run.series(name)
    if series is None or not 1 <= request.epoch <= series.epochs:
        raise StoreError(
            f"A landscape is refined where {name} has a map of the epoch",
            f"epoch {request.epoch} of {0 if series is None else series.epochs}",
            "Map it first: deepvid time-travel RUN",
        )
    decoder, head = _parts(request.run, name, series.key, request.epoch)
    where = Box(np.array(request.low, np.float32), np.array(request.high, np.float32))
    seen = landscape(Half(decoder), head, where, request.resolution)
    return Refined(seen.predicted, seen.margin)


@lru_cache(maxsize=KEPT)
def _parts(address: str | Path, name: str, key: str, epoch: int) -> tuple[Decoder, Head]:
    run = open_run(address)
    series = run.series(name)
    assert series is not None  # of this key
    maps: xr.Dataset = series.open("model", "model_layout")
    vector = maps["model"][epoch - 1].to_numpy()
    return decoder_in(arrays_in(vector, maps.attrs["model_layout"])), head_at(run, epoch - 1)
