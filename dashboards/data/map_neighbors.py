"""The test images nearest to another after an epoch, in the features and on its map, and their rings."""

from typing import NamedTuple

import numpy as np

from dashboards.data.epochs import held
from dashboards.data.recent import Recent
from dashboards.data.time_travel import NEIGHBORS, Travel, places_of
from deepvid.neighbors import k_smallest
from deepvid.store import Run, Series


class NeighborRings(NamedTuple):
    """Where they lie on one map of one run, with the color of each."""

    run: str
    map: str
    sample: int
    x: list[float]
    y: list[float]
    color: list[str]
    neighbors: int  # in all: as many or fewer are here
    exact: bool  # their places are those that the map's method gives

    @property
    def words(self) -> str:
        """The words of a map for them."""
        count, total = len(self.x), self.neighbors
        number = f"{total:,}" if count == total else f"{count:,} of {total:,}"
        return f"rings: {number} neighbors of #{self.sample}{'' if self.exact else ', places approximate'}"


CACHED_EPOCHS = 4  # epochs, of all sessions; some 10 MB each


class Near(NamedTuple):
    """Points by their distance, the nearest first; those as far as each other by their number."""

    features: np.ndarray  # int64 (near,)
    placed: np.ndarray  # int64 (near,): on the map

    @property
    def both(self) -> int:
        """How many are near in the features and on the map."""
        return len(np.intersect1d(self.features, self.placed))


def has_features(run: Run) -> bool:
    """Whether the run has the teacher's features of the test images after each epoch."""
    return held(run, "teacher", "test_features")


def near(run: Run, travel: Travel, epoch: int, point: int, count: int = NEIGHBORS) -> Near | None:
    """The `count` test images nearest to one after an epoch, from 0, where `has_features`, among those with
    a place and features then; None for what is no test image."""
    row = point - travel.training
    if row < 0:
        return None
    position = travel.position[epoch, travel.training :].astype(np.float32)
    features = _features(run, travel, epoch)
    seen = np.isfinite(position).all(axis=1) & np.isfinite(features).all(axis=1)
    if not seen[row]:
        return None
    seen[row] = False
    others = np.flatnonzero(seen)
    nearest = (_nearest(space, row, others, count) for space in (features, position))
    return Near(*(travel.training + others[near] for near in nearest))


def _nearest(space: np.ndarray, row: int, others: np.ndarray, count: int) -> np.ndarray:
    away = space[others] - space[row]
    return k_smallest(np.einsum("ij,ij->i", away, away)[None], count)[0]


_epochs: Recent[np.ndarray] = Recent(CACHED_EPOCHS)


def _features(run: Run, travel: Travel, epoch: int) -> np.ndarray:
    """f32 (test image of the map, feature)."""
    series = run.series("teacher")
    assert series is not None
    key = str(run.address), series.key, travel.form, len(travel.samples), epoch
    return _epochs.get(key, lambda: _read(series, travel.samples[travel.training :], epoch))


def _read(series: Series, samples: np.ndarray, epoch: int) -> np.ndarray:
    answers = series.open("test_features", "sample")
    return answers["test_features"][epoch].to_numpy()[places_of(samples, answers["sample"].to_numpy())]
