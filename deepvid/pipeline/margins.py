"""Area under the margin: how far an image's label led while the teacher was trained.

Source: Pleiss et al. (2020), Identifying Mislabeled Data using the Area Under the Margin Ranking, NeurIPS.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid import training
from deepvid.pipeline.history import classifier_at
from deepvid.progress import Progress
from deepvid.store import Run

MOST = 10_000  # training images that are asked again at every epoch


class Margins(NamedTuple):
    """Of the test images, and of some training images."""

    sample: np.ndarray  # int32 (tracked,)
    area: np.ndarray  # f32 (tracked,): mean over the epochs of the label's logit less the largest other
    rival: np.ndarray  # int32 (tracked,): the other class that led the others on average


def margins(run: Run, image: xr.DataArray, label: np.ndarray, *, seed: int, progress: Progress) -> Margins:
    """Empty where the training has fewer than two epochs that can be asked."""
    series = run.series("teacher")
    if series is None or series.epochs < 2:
        return NONE
    epochs = series.open("test_logits", "sample")
    test = epochs["sample"].to_numpy()
    known = np.setdiff1d(np.arange(len(label)), test)
    places = np.sort(np.random.default_rng(seed).permutation(len(known))[:MOST])
    if "training_logits" in epochs:
        asked: Iterator[np.ndarray] = _logged(epochs, places)
    elif "parameters" in epochs:
        asked = _asked(run, epochs, image.isel(sample=known[places]).to_numpy(), progress)
    else:
        places, asked = places[:0], (np.zeros((0, epochs.sizes["class"])) for _ in range(series.epochs))
    samples = np.concatenate([test, known[places]])
    of_label, count = label[samples], np.zeros(len(samples))
    area, total = np.zeros(len(samples)), np.zeros((len(samples), epochs.sizes["class"]))
    for number, of_training in enumerate(asked):
        logits = np.concatenate([epochs["test_logits"][number].to_numpy(), of_training]).astype(np.float64)
        used = ~np.isnan(logits).any(axis=1)  # at this epoch, of a training that was logged
        logits[~used] = 0
        own = np.take_along_axis(logits, of_label[:, None], axis=1)[:, 0]
        area += own - _without(logits, of_label).max(axis=1)
        total += logits
        count += used
    seen = np.flatnonzero(count > 1)
    mean = area[seen] / count[seen]
    rival = _without(total[seen], of_label[seen]).argmax(axis=1)
    return Margins(samples[seen].astype(np.int32), mean.astype(np.float32), rival.astype(np.int32))


NONE = Margins(np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.int32))


def _without(logits: np.ndarray, label: np.ndarray) -> np.ndarray:
    others = logits.copy()
    np.put_along_axis(others, label[:, None], -np.inf, axis=1)
    return others


def _logged(epochs: xr.Dataset, places: np.ndarray) -> Iterator[np.ndarray]:
    for number in range(epochs.sizes["epoch"]):
        yield epochs["training_logits"][number].to_numpy()[places]


def _asked(run: Run, epochs: xr.Dataset, images: np.ndarray, progress: Progress) -> Iterator[np.ndarray]:
    for number in range(epochs.sizes["epoch"]):
        part = progress.part(number, number + 1, epochs.sizes["epoch"])
        yield training.predict(classifier_at(run, epochs, number), images, progress=part).logits
