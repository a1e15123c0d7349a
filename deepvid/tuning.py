"""Which settings give the truest student: a grid of them, the front of those that nothing beats, a ranking.

What is measured at each point is told in `deepvid/pipeline/tuning.py`; here it is counted (NumPy only).
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from deepvid import config
from deepvid.statistics import Interval, bootstrap_mean

Band = float | tuple[float, ...]
LEAST_NEIGHBORS = 20  # of a student
KL_DIGITS, DIGITS = 3, 2  # that are told: what differs by less is equal
WIDER = 1.5  # times the run's band: none of the widths that widening makes of that


class Grid(NamedTuple):
    """The values of each setting that is tuned; every one is crossed with every other."""

    temperature: tuple[float, ...]
    l2: tuple[float, ...]
    l1: tuple[float, ...]
    smoothness: tuple[float, ...]
    band: tuple[Band, ...]
    neighbors: tuple[int, ...]


class Tuned(NamedTuple):
    """One image's student at each of some settings, the run's own among them."""

    sample: int
    settings: tuple[config.Students, ...]  # of the points; each has one smoothness
    own: int  # the point of the run's own settings
    held_out: int  # neighbors that all were examined on
    kl: np.ndarray  # f32 (point,), nats, at temperature 1
    agreement: np.ndarray  # f32 (point, 3): share of equal classes with its interval
    stability: np.ndarray  # f32 (point,)
    faithfulness: np.ndarray  # f32 (point, judge): insertion - deletion by those that lead; 0 is chance


class Row(NamedTuple):
    """One point; of several images the means."""

    point: int
    settings: config.Students
    kl: Interval
    agreement: Interval
    stability: Interval
    faithfulness: Interval  # mean over judges
    optimal: bool  # no other point is as good in KL, stability and faithfulness, and better in one


class Ranking(NamedTuple):
    """The points, the lowest KL first."""

    rows: tuple[Row, ...]
    own: Row
    rank: int  # of the run's own settings, from 1
    samples: tuple[int, ...]
    held_out: int
    better: Row | None  # of those that beat the run's own settings the lowest KL; None: nothing does


def grid_around(own: config.Students) -> Grid:
    """The values that are tried unless told otherwise: 144 points, the run's own among them or one more."""
    return Grid(
        temperature=(1.0, 2.0, 5.0),
        l2=(1e-4, 1e-3),
        l1=(0.0, 1e-3),
        smoothness=(0.0, 10.0, 100.0),
        band=(own.band, _wider(own.band)),
        neighbors=tuple(dict.fromkeys((max(LEAST_NEIGHBORS, own.neighbors // 2), own.neighbors))),
    )


def grid_points(own: config.Students, grid: Grid, *others: config.Students) -> tuple[config.Students, ...]:
    """The settings of every point: `own` with the grid's values in their place, and before them `own` itself
    and those `others` that differ from it in nothing else.
    """
    points = [
        own.replaced(**dict(zip(Grid._fields, values, strict=True)))
        for values in product(*(dict.fromkeys(axis) for axis in grid))
    ]
    also = [point(each) for each in (own, *others) if _same_else(each, own)]
    return tuple(dict.fromkeys((*(each for each in also if each not in points), *points)))


def point(settings: config.Students) -> config.Students:
    """The point of a student: its smoothest fit, whose picture is shown."""
    return settings.replaced(smoothness=(max(settings.smoothness),))


def place_of(found: Tuned, settings: config.Students) -> int | None:
    """The point that a student of these settings is; None where it is none."""
    own = found.settings[found.own]
    wanted = point(settings).replaced(images=own.images, limit=own.limit)
    return found.settings.index(wanted) if wanted in found.settings else None


def pareto(costs: np.ndarray) -> np.ndarray:
    """Whether no other point beats it, bool (point,), by its costs (point, measure).

    Equal points stay together; a point with a nan is beaten.
    """
    front: np.ndarray = np.isfinite(costs).all(axis=1) & ~beats(costs).any(axis=0)
    return front


def beats(costs: np.ndarray) -> np.ndarray:
    """[i, j]: i costs at most what j does in every measure, and less in one; bool (point, point)."""
    finite = np.where(np.isfinite(costs).all(axis=1)[:, None], costs, np.inf)
    no_worse, better = finite[:, None] <= finite, finite[:, None] < finite
    return np.asarray(no_worse.all(axis=2) & better.any(axis=2))


def ranking(found: Sequence[Tuned], *, seed: int = 0) -> Ranking:
    """The points of one image, or of several the means with intervals over images, by held-out KL."""
    first = found[0]
    kl = np.stack([each.kl for each in found])
    stability = np.stack([each.stability for each in found])
    faithfulness = np.stack([each.faithfulness.mean(axis=1) for each in found])
    costs = [
        np.round(kl.mean(axis=0), KL_DIGITS),
        -np.round(stability.mean(axis=0), DIGITS),
        -np.round(faithfulness.mean(axis=0), DIGITS),
    ]
    beaten = beats(np.stack(costs, axis=1))
    optimal = pareto(np.stack(costs, axis=1))

    def row(point: int) -> Row:
        return Row(
            point,
            first.settings[point],
            _mean(kl[:, point], seed),
            _agreement(found, point, seed),
            _mean(stability[:, point], seed),
            _mean(faithfulness[:, point], seed),
            bool(optimal[point]),
        )

    rows = sorted(map(row, range(len(first.settings))), key=lambda row: _or_most(row.kl.value))
    place = next(place for place, row in enumerate(rows, 1) if row.point == first.own)
    samples = tuple(each.sample for each in found)
    better = next((row for row in rows if beaten[row.point, first.own]), None)
    return Ranking(tuple(rows), rows[place - 1], place, samples, first.held_out, better)


def _wider(band: Band) -> Band:
    return tuple(map(_wider_by, band)) if isinstance(band, tuple) else _wider_by(band)


def _wider_by(width: float) -> float:
    return round(WIDER * width, 6)


def _same_else(settings: config.Students, own: config.Students) -> bool:
    """Whether they differ in what is tuned alone, and in which images are fitted."""
    tuned = {name: getattr(own, name) for name in (*Grid._fields, "images", "limit")}
    return settings.replaced(**tuned) == own


def _agreement(found: Sequence[Tuned], point: int, seed: int) -> Interval:
    if len(found) == 1:
        return Interval(*map(float, found[0].agreement[point]))
    return bootstrap_mean([each.agreement[point, 0] for each in found], seed=seed)


def _mean(values: np.ndarray, seed: int) -> Interval:
    """Of one image there is no interval."""
    if len(values) == 1:
        return Interval(float(values[0]), math.nan, math.nan)
    return bootstrap_mean(values, seed=seed)


def _or_most(value: float) -> float:
    return math.inf if math.isnan(value) else value
