"""Decoding by the model that a run has of an epoch: a part of its landscape, and one image's position."""

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.special import softmax

from deepvid.engine.requests import Decoded, DecodeSample, Refined, RefineLandscape
from deepvid.errors import ConfigError, StoreError
from deepvid.pipeline.history import head_at
from deepvid.progress import Progress
from deepvid.store import Run, Series, open_run
from deepvid.timetravel.autoencoder import Decoder
from deepvid.timetravel.contract import Head
from deepvid.timetravel.landscape import Box, landscape
from deepvid.timetravel.stored import arrays_in, decoder_in

CACHED_LANDSCAPES = 16


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
    series = _mapped(open_run(request.run), request)
    decoder, head = _parts(request.run, series.name, series.key, request.epoch)
    where = Box(np.array(request.low, np.float32), np.array(request.high, np.float32))
    seen = landscape(decoder, head, where, request.resolution)
    return Refined(seen.predicted, seen.margin)


def decode_sample(request: DecodeSample, progress: Progress) -> Decoded:
    """softmax(head(h)) and softmax(head(decoder(y))) of an image with features h that lies at y.

    Raises ConfigError for an image that is no test image of the map, StoreError for an epoch that has none.
    """
    progress.update(0, 1, "decoding")
    run = open_run(request.run)
    series = _mapped(run, request)
    features, position = _of_sample(run, series, request)
    decoder, head = _parts(request.run, series.name, series.key, request.epoch)
    logits = np.asarray(head(np.concatenate([features, decoder.invert(position)])))
    before, after = softmax(logits.astype(np.float32), axis=1)
    return Decoded(before, after)


def _mapped(run: Run, request: RefineLandscape | DecodeSample) -> Series:
    """The maps of the form that is asked about; raises StoreError where that has none of the epoch."""
    name = f"time-travel-{request.form}"
    series = run.series(name)
    if series is None or not 1 <= request.epoch <= series.epochs:
        raise StoreError(
            f"Decoding a position needs a map of its epoch in {name}",
            f"epoch {request.epoch} of {0 if series is None else series.epochs}",
            "Map it first: deepvid time-travel RUN",
        )
    return series


def _of_sample(run: Run, series: Series, request: DecodeSample) -> tuple[np.ndarray, np.ndarray]:
    """Features f32 (1, feature) and position f32 (1, 2) of a test image after an epoch."""
    teacher = run.series("teacher")
    if teacher is None:
        raise StoreError(
            "Decoding an image needs what the teacher made of it in that epoch",
            f"{run.id}, which has no epochs of its teacher",
            "Open the run itself, or an archive that was made with everything",
        )
    return _row(teacher, "test_features", request), _row(series, "position", request)


def _row(series: Series, variable: str, request: DecodeSample) -> np.ndarray:
    epochs = series.open(variable, "sample")
    (rows,) = np.nonzero(epochs["sample"].to_numpy() == request.sample)
    if not len(rows):
        raise ConfigError(
            "The image to decode is a test image of the map",
            f"#{request.sample}, which is not",
            "Name one of the test images on it",
        )
    return np.asarray(epochs[variable][request.epoch - 1, rows[:1]].to_numpy(), np.float32)


@lru_cache(maxsize=CACHED_LANDSCAPES)
def _parts(address: str | Path, name: str, key: str, epoch: int) -> tuple[Decoder, Head]:
    run = open_run(address)
    series = run.series(name)
    assert series is not None  # of this key
    maps: xr.Dataset = series.open("model", "model_layout")
    vector = maps["model"][epoch - 1].to_numpy()
    return decoder_in(arrays_in(vector, maps.attrs["model_layout"])), head_at(run, epoch - 1)
