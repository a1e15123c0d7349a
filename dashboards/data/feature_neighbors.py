"""Which images are nearest to another in the teacher's features, read once for all sessions."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.predictions import resident
from dashboards.data.recent import Recent
from dashboards.data.spreading import evenly
from deepvid.caching import newest_per_owner
from deepvid.neighbors import k_smallest
from deepvid.store import Run

BLOCK = 1 << 14  # samples of one product
REFERENCE_IMAGES = 200  # test images of a class, at most, that say what is usual of it


EUCLID, COSINE = METRICS = ("euclid", "cosine")
"""Distances between features; that by cosine is Euclid's on the sphere: |x/|x| - y/|y|| = √(2 - 2 cos)."""


class Near(NamedTuple):
    """Images by their distance, those as far as each other by their index."""

    sample: np.ndarray  # int64 (near,)
    distance: np.ndarray  # f64 (near,)


class Neighbors(NamedTuple):
    """Images near one, without itself."""

    training: Near
    test: Near


class Usual(NamedTuple):
    """How near the training images are to test images of one class: at most `REFERENCE_IMAGES` of them."""

    nearest: float  # median distance to the nearest one
    own: np.ndarray  # int64 (asked,): how many of the nearest are of the class itself; ascending

    def as_few(self, own: int) -> int:
        """How many of the test images have so few, or fewer, of their own class near them."""
        return int(np.searchsorted(self.own, own, side="right"))


class Space:
    """The teacher's features of all samples of a run, with their classes: int (sample,) each."""

    def __init__(
        self,
        features: xr.DataArray,
        label: np.ndarray,
        predicted: np.ndarray,
        test: np.ndarray,
        *,
        labeled: bool = True,
        metric: str = EUCLID,
    ) -> None:
        """Where images are not `labeled`, `label` is the predicted class.

        `features` are float32 (sample, feature); above `RESIDENT` they stay on disk, and are read anew for
        each image.
        """
        self._features, self._metric = resident(features), metric
        self.label, self.predicted, self.test, self.labeled = label, predicted, test, labeled
        self._square = np.concatenate([_squared(block) for block in self._blocks()])  # |x|²
        self._seen = ~np.isnan(self._square)  # a logged training may not use all images
        self._usual: dict[tuple[int, int], Usual | None] = {}

    def neighbors(self, sample: int, count: int) -> Neighbors:
        """The `count` nearest of the training and of the test images, of each as many as there are."""
        return Neighbors(*self._nearest(sample, (~self.test, self.test), count))

    def nearest(self, sample: int, among: np.ndarray) -> int | None:
        """The nearest other one of the images `among`, bool (sample,); None where there is none."""
        (near,) = self._nearest(sample, (among,), 1)
        return int(near.sample[0]) if len(near.sample) else None

    def like(self, samples: Sequence[int], count: int) -> list[int]:
        """The `count` test images nearest to the middle of some others, without these."""
        middle = self._of(np.unique(samples)).astype(np.float64).mean(axis=0)
        square = np.concatenate([_squared(block - middle) for block in self._blocks()])
        square[~(self.test & self._seen)] = np.inf
        square[list(samples)] = np.inf
        nearest = np.argsort(square, kind="stable")[:count]
        return nearest[np.isfinite(square[nearest])].tolist()

    def distances(self, sample: int) -> np.ndarray:
        """f64 (sample,): of every image to one, without a cancellation."""
        query = self._of(np.array([sample]))[0].astype(np.float64)
        square = [_squared(block.astype(np.float64) - query) for block in self._blocks()]
        return np.asarray(np.sqrt(np.concatenate(square)))

    def _nearest(self, sample: int, groups: Sequence[np.ndarray], count: int) -> list[Near]:
        query = self._of(np.array([sample]))[0]
        product = np.concatenate([block @ query for block in self._blocks()])
        square = self._square + self._square[sample] - 2 * product  # |x - q|²
        # What float32 loses in a sum of so many terms: a nearer image is never left out by rounding.
        lost = 2 * (len(query) + 4) * np.finfo(np.float32).eps * (self._square + self._square[sample])
        near = []
        for group in groups:
            others = np.flatnonzero(group & self._seen)
            others = others[others != sample]
            kept = others[_can_be_nearest(square[others], lost[others], count)]
            near.append(self._sorted(query, kept, count))
        return near

    def usual(self, label: int, count: int) -> Usual | None:
        """Usual nearness of a class among the `count` nearest; None where it has no test image.

        Slow the first time: a product of all features with those of `REFERENCE_IMAGES` images.
        """
        if (label, count) not in self._usual:
            self._usual[label, count] = self._measured(label, count)
        return self._usual[label, count]

    def knows_usual(self, label: int, count: int) -> bool:
        """Whether `usual` answers at once."""
        return (label, count) in self._usual

    def _measured(self, label: int, count: int) -> Usual | None:
        of_class = np.flatnonzero(self.test & (self.label == label))
        count = min(count, int(np.count_nonzero(self._seen & ~self.test)))
        if not len(of_class) or not count:
            return None
        asked = of_class[evenly(len(of_class), REFERENCE_IMAGES)]
        query, begin = self._of(asked), 0
        distance: np.ndarray = np.empty((len(asked), 0), np.float32)
        sample: np.ndarray = np.empty((len(asked), 0), np.int64)
        for block in self._blocks():
            rows = np.arange(begin, begin + len(block))
            begin += len(block)
            square = self._square[rows] - 2 * (query @ block.T)
            square[:, self.test[rows]] = np.inf
            distance = np.concatenate([distance, square], axis=1)
            sample = np.concatenate([sample, np.broadcast_to(rows, square.shape)], axis=1)
            nearest = k_smallest(distance, count)
            distance, sample = (np.take_along_axis(side, nearest, 1) for side in (distance, sample))
        own = np.count_nonzero(self.label[sample] == label, axis=1)
        nearest_of_all = np.sqrt(np.maximum(distance.min(axis=1) + self._square[asked], 0))
        return Usual(float(np.median(nearest_of_all)), np.sort(own))

    def _sorted(self, query: np.ndarray, samples: np.ndarray, count: int) -> Near:
        """The nearest of few samples, by distances without a cancellation."""
        parts = (samples[begin : begin + BLOCK] for begin in range(0, len(samples), BLOCK))
        square = [((self._of(part).astype(np.float64) - query) ** 2).sum(axis=1) for part in parts]
        distance = np.sqrt(np.concatenate([np.zeros(0), *square]))
        nearest = k_smallest(distance[None], count)[0]  # samples ascend
        return Near(samples[nearest], distance[nearest])

    def _of(self, samples: np.ndarray) -> np.ndarray:
        return self._scaled(self._features[samples].to_numpy())

    def _blocks(self) -> Iterator[np.ndarray]:
        return map(self._scaled, blocks(self._features))

    def _scaled(self, block: np.ndarray) -> np.ndarray:
        if self._metric == EUCLID:
            return block
        length = np.sqrt(_squared(block))[:, None]
        return np.asarray(block / np.where(length > 0, length, 1))


def blocks(array: xr.DataArray) -> Iterator[np.ndarray]:
    """An array in parts of `BLOCK` samples."""
    for begin in range(0, max(1, len(array)), BLOCK):
        yield array[begin : begin + BLOCK].to_numpy()


def _squared(block: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", block, block)


def _can_be_nearest(square: np.ndarray, lost: np.ndarray, count: int) -> np.ndarray:
    """bool: those that are among the `count` smallest for some values within `square` ± `lost`."""
    if len(square) <= count:
        return np.ones(len(square), np.bool_)
    return square - lost <= np.partition(square + lost, count - 1)[count - 1]


_spaces: Recent[Space] = Recent(3)  # of runs and metrics


def space(run: Run, metric: str = EUCLID) -> Space:
    """The features of a run's teacher; the same object until it has another teacher or others came."""
    teacher, dataset = run.stages["teacher"], run.stages["dataset"]
    key = str(run.address), teacher.key, dataset.key, metric
    return _spaces.get(key, lambda: _read(teacher.open("features", "logits"), dataset.open("test"), metric))


def _read(teacher: xr.Dataset, dataset: xr.Dataset, metric: str) -> Space:
    predicted = np.concatenate([block.argmax(axis=1) for block in blocks(teacher["logits"])])
    predicted, test, labeled = predicted.astype(np.int32), dataset["test"].to_numpy(), "label" in dataset
    label = dataset["label"].to_numpy() if labeled else predicted
    return Space(teacher["features"], label, predicted, test, labeled=labeled, metric=metric)


def features_of(run: Run, sample: int) -> np.ndarray:
    """f32 (feature,) of the penultimate layer; those of the last image that was asked for are kept."""
    return _features(run, (run.stages["teacher"].key, sample))


@newest_per_owner
def _features(run: Run, asked: tuple[str, int]) -> np.ndarray:
    return run.stages["teacher"].open("features")["features"].isel(sample=asked[1]).to_numpy()
