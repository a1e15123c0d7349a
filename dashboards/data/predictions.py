"""Predictions of the teacher for every row: its last ones, or its latest while it trains."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid.metrics import log_sigmoid
from deepvid.store import Run

RESIDENT = 512 * 2**20  # bytes; larger arrays stay on disk and are read by row
_CHUNK = 1 << 18
Link = Callable[[np.ndarray], np.ndarray]
"""From logits (..., class) to probabilities: `softmax`, or of independent classes `sigmoid`."""


class Predictions(NamedTuple):
    """Predictions in row order; a row that the teacher has not seen is -1 with confidence NaN."""

    predicted: np.ndarray  # int32 (row,)
    confidence: np.ndarray  # f32 (row,): probability of the predicted class
    logits: xr.DataArray  # (source, class)
    source: np.ndarray  # int32 (row,): where in `logits` a row is, or -1
    partial: str | None
    link: Link
    of_file: np.ndarray | None = None  # int32 (row,): what it gives the image as it was; -1: not asked


def read_predictions(run: Run, samples: np.ndarray) -> Predictions | None:
    """Reads the finished teacher, else its latest epoch; None before the first."""
    latest = _latest(run)
    if latest is None:
        return None
    logits, covered, partial = latest
    logits = resident(logits)
    source_of = np.full(int(max(samples.max(initial=-1), covered.max(initial=-1))) + 1, -1, np.int32)
    source_of[covered] = np.arange(len(covered), dtype=np.int32)
    link = link_of(run)
    predicted, confidence = _summarize(logits, link)
    source = source_of[samples]
    source[predicted[source] < 0] = -1
    return Predictions(
        np.where(source >= 0, predicted[source], -1).astype(np.int32),
        np.where(source >= 0, confidence[source], np.nan).astype(np.float32),
        logits,
        source,
        partial,
        link,
        _classes_of_files(run, samples, logits.sizes["class"]),
    )


def resident(array: xr.DataArray) -> xr.DataArray:
    """Loads an array into memory when it is small enough to stay there."""
    return array.load() if array.nbytes <= RESIDENT else array


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    exponential = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponential / exponential.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Probabilities of classes that do not exclude one another."""
    return np.exp(log_sigmoid(logits)).astype(logits.dtype)


def link_of(run: Run) -> Link:
    """The link of a run's classifier."""
    return sigmoid if run.independent else softmax


def _classes_of_files(run: Run, samples: np.ndarray, classes: int) -> np.ndarray | None:
    """None where images are stored as they were, or nobody asked; -1 for what is none of the classes."""
    if "teacher" not in run.stages or "class_of_file" not in (group := run.stages["teacher"].open()):
        return None
    answers = group["class_of_file"].to_numpy()[samples]
    return np.where((answers >= 0) & (answers < classes), answers, -1).astype(np.int32)


def _latest(run: Run) -> tuple[xr.DataArray, np.ndarray, str | None] | None:
    if "teacher" in run.stages:
        logits = run.stages["teacher"].open("logits")["logits"]
        return logits, np.arange(logits.sizes["sample"], dtype=np.int32), None
    series = run.series("teacher")
    if series is None or not series.epochs:
        return None
    dataset = series.open("test_logits", "sample")
    partial = f"teacher after epoch {series.epochs} of {series.planned}"
    return dataset["test_logits"].isel(epoch=series.epochs - 1), dataset["sample"].to_numpy(), partial


def _summarize(logits: xr.DataArray, link: Link) -> tuple[np.ndarray, np.ndarray]:
    count = logits.sizes["sample"]
    predicted, confidence = np.empty(count, np.int32), np.empty(count, np.float32)
    for begin in range(0, count, _CHUNK):
        chunk = slice(begin, begin + _CHUNK)
        probability = link(logits[chunk].to_numpy())
        unseen = np.isnan(probability).any(axis=1)  # a training image that was not in use
        predicted[chunk] = np.where(unseen, -1, probability.argmax(axis=1))
        confidence[chunk] = probability.max(axis=1)
    return predicted, confidence
