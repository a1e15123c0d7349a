"""Evidence of causes: the images of a run and its answers, and what an answer loses with each place."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from deepvid import config
from deepvid.attribution import bare_case, drops_by_place
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.causes import Copies, Evidence
from deepvid.fitted import fitted
from deepvid.neighbors import nearest
from deepvid.pipeline.stage import labels_of
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.store import Run

CHECK = config.DataCheck.stage
MOST_KNOWN = 20_000  # training images that stand for the others
TOGETHER = 64  # errors between two reports


class CauseSources(NamedTuple):
    """Images, labels and answers of a run, by sample."""

    images: xr.DataArray  # uint8 (sample, y, x, channel), not read yet
    label: np.ndarray
    test: np.ndarray
    logits: np.ndarray
    features: np.ndarray
    flips: np.ndarray  # late ones, f32 (sample,), nan of what was not followed
    check: xr.Dataset | None  # of its data; None: nobody looked for copies
    seed: int

    @classmethod
    def read(
        cls, run: Run, open_stage: Callable[..., xr.Dataset], *, seed: int, checked: bool
    ) -> "CauseSources | None":
        """None without labels. `open_stage(stage, *needed)` opens what the run has."""
        dataset = open_stage("dataset", "image", "test", "class_names")
        label = labels_of(dataset)
        if label is None:
            return None
        group = open_stage("teacher", "logits", "features").load()
        check = open_stage(CHECK).load() if checked else None
        logits, features = group["logits"].to_numpy(), group["features"].to_numpy()
        test, flips = dataset["test"].to_numpy(), _late_flips(run, len(label))
        return cls(dataset["image"], label, test, logits, features, flips, check, seed)

    @property
    def answered(self) -> np.ndarray:
        """bool (sample,): a logged teacher has not always answered."""
        return ~np.isnan(self.logits).any(axis=1) & ~np.isnan(self.features).any(axis=1)

    @property
    def wrong(self) -> np.ndarray:
        """bool (sample,): misclassified."""
        return self.answered & (self.logits.argmax(axis=1) != self.label)

    @property
    def reference(self) -> np.ndarray:
        """Training images that stand for all, in rising order."""
        samples = np.flatnonzero(fitted(self.test) & self.answered)
        return np.sort(np.random.default_rng(self.seed).permutation(samples)[:MOST_KNOWN])

    @property
    def tested(self) -> np.ndarray:
        """Test images that stand for all, in rising order."""
        samples = np.flatnonzero(self.test & self.answered)
        return np.sort(np.random.default_rng(self.seed).permutation(samples)[:MOST_KNOWN])

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of places."""
        return PlaceDrops().grid(self.images.shape[1:])

    def most_confident(self, errors: np.ndarray, most: int) -> np.ndarray:
        """Places among the errors, in rising order."""
        margin = self.logits[errors].max(axis=1) - self.logits[errors, self.label[errors]]
        return np.sort(np.argsort(-margin, kind="stable")[:most])

    def lost(self, opened: TrainedRun, errors: np.ndarray, progress: Progress) -> np.ndarray:
        """float32 (error, place): what the margin over the label loses with each place, in logits."""
        classes = np.stack([self.logits[errors].argmax(axis=1), self.label[errors]], axis=1)
        neighbors = _nearest_of_label(self.label, self.reference, errors, self.features)
        return _drops(_Questions(opened, errors, classes, neighbors, self.seed), PlaceDrops(), progress)

    def evidence(self, errors: np.ndarray, lost: np.ndarray) -> Evidence:
        """Of these errors, of which `lost` says what they lose with each place; nan: they were not asked."""
        known, tested = self.reference, self.tested
        samples = np.union1d(np.union1d(known, tested), errors)
        return Evidence(
            self.images.isel(sample=samples).to_numpy(),
            self.label[samples],
            np.isin(samples, known) & ~self.test[samples],
            self.logits[samples],
            self.features[samples],
            np.searchsorted(samples, errors),
            lost,
            None if self.check is None else _copies(self.check, self.label, errors),
            self.flips[errors],
            np.searchsorted(samples, tested),
        )


def _late_flips(run: Run, samples: int) -> np.ndarray:
    """How often the answers to test images changed from one epoch to the next in the second half."""
    flips, series = np.full(samples, np.nan, np.float32), run.series("teacher")
    if series is None or series.epochs < 2:
        return flips
    epochs = series.open("test_logits", "sample")
    count = epochs.sizes["epoch"]
    late = [epochs["test_logits"][one].to_numpy().argmax(axis=1) for one in range((count - 1) // 2, count)]
    flips[epochs["sample"].to_numpy()] = (np.diff(late, axis=0) != 0).sum(axis=0)
    return flips


def _nearest_of_label(
    label: np.ndarray, known: np.ndarray, errors: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """To each error the nearest other image with its label, by features; -1: there is none."""
    found, place = np.full(len(errors), -1), np.full(len(label), -1)
    for one in np.unique(label[errors]):
        rows = np.flatnonzero(label[errors] == one)
        among = known[label[known] == one]
        place[among] = np.arange(len(among))
        if len(among) > 1:
            own = place[errors[rows]]
            found[rows] = among[nearest(features[among], features[errors[rows]], 1, own=own)[:, 0]]
    return found


class _Questions(NamedTuple):
    """Errors whose places a teacher is asked about."""

    opened: TrainedRun
    errors: np.ndarray
    classes: np.ndarray  # int (error, 2): predicted and true
    neighbors: np.ndarray  # samples, -1: there is none
    seed: int


def _drops(asking: _Questions, places: PlaceDrops, progress: Progress) -> np.ndarray:
    """Float32 (error, place). What is asked at once has one size, so that it is compiled once."""
    opened, errors, classes, neighbors, seed = asking
    key, size, found = jax.random.key(seed), min(TOGETHER, len(errors)), []
    for begin in range(0, len(errors), size):
        progress.update(begin, len(errors), "places of errors")
        rows = np.arange(begin, begin + size) % len(errors)
        cases = bare_case(
            jnp.asarray(_unit(opened, errors[rows])),
            jnp.asarray(classes[rows]),
            jnp.stack([jax.random.fold_in(key, sample) for sample in errors[rows].tolist()]),
            jnp.tile(jnp.asarray(opened.mean_color), (size, 1)),
        )
        of_label = _unit(opened, np.maximum(neighbors[rows], 0))
        of_label[neighbors[rows] < 0] = np.nan
        cases = cases._replace(neighbor=jnp.asarray(of_label))
        found.append(np.asarray(drops_by_place(opened.teacher, cases, places)))
    return np.concatenate(found)[: len(errors)]


def _unit(opened: TrainedRun, samples: np.ndarray) -> np.ndarray:
    return opened.images(samples.tolist()).astype(np.float32) / 255


def _copies(check: xr.Dataset, label: np.ndarray, errors: np.ndarray) -> Copies:
    """Labels of what shows the same as each error, or else nearly the same."""
    other, distance = np.full(len(errors), -1), np.full(len(errors), np.nan)
    copy, near = check["copy_of"].to_numpy(), check["nearest"].to_numpy()
    for row in np.flatnonzero(check["two_labels"].to_numpy()[errors]):
        sample = int(errors[row])
        first = min(sample, int(copy[sample]))
        same = np.flatnonzero((copy == first) | (np.arange(len(copy)) == first))
        differing = same[label[same] != label[sample]]
        if len(differing):
            other[row], distance[row] = label[differing[0]], 0
    rows = np.flatnonzero((other < 0) & (near[errors] >= 0))
    other[rows] = label[near[errors[rows]]]
    distance[rows] = check["nearness"].to_numpy()[errors[rows]]
    return Copies(other, distance)
