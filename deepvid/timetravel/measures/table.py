"""All measures of one epoch's map, of training and of test samples."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from deepvid.map_measures import MEASURES as DESCRIBED
from deepvid.map_measures import PARTS, Part
from deepvid.timetravel.contract import Head, Model
from deepvid.timetravel.doubt import Phantom
from deepvid.timetravel.landscape import Landscape, cells
from deepvid.timetravel.measures.changes import fixing, keep_boundary, moving
from deepvid.timetravel.measures.preservation import (
    Score,
    SharedNeighbors,
    bound,
    ccr,
    mean_score,
    nn,
    ppr,
    shared_neighbors,
)


class Samples(NamedTuple):
    """Samples of an epoch, and where its map has them."""

    features: Float[np.ndarray, "sample feature"]
    logits: Float[np.ndarray, "sample class"]
    label: Int[np.ndarray, " sample"]
    position: Float[np.ndarray, "sample 2"]


class Mapped(NamedTuple):
    """An epoch with its map."""

    train: Samples
    test: Samples
    boundary: tuple[np.ndarray, np.ndarray]  # features and positions of those that the map is fitted to
    held: np.ndarray  # features of boundary points that it is not
    head: Head
    model: Model
    landscape: Landscape
    phantom: Phantom
    doubtful: Bool[np.ndarray, "y x"]  # cells


class Measured(NamedTuple):
    """The measures of a map, and what each sample's part in them is."""

    scores: dict[Part, dict[str, Score]]  # by the measure's name
    accuracy: dict[Part, float]
    phantom: float  # share of the confident cells
    preserved: Int[np.ndarray, " sample"]  # of training samples, then test samples: how many of 15

    @property
    def numbers(self) -> dict[str, float]:
        """By name: of a score `test_nn`, and `test_nn_low`, `test_nn_chance` and so on."""
        numbers: dict[str, float] = {}
        for part in PARTS:
            for name, score in self.scores[part].items():
                numbers[f"{part}_{name}"] = score.value
                numbers |= {f"{part}_{name}_{of}": getattr(score, of) for of in Score._fields[1:]}
            numbers[f"{part}_accuracy"] = self.accuracy[part]
        return {**numbers, "phantom": self.phantom}


class Evaluation:
    """A map under all measures, and what several of them read.

    Neighbors of training samples are sought among those, neighbors of test samples among all.
    """

    def __init__(self, mapped: Mapped, before: tuple[Samples, Landscape] | None, seed: int) -> None:
        self.mapped, self.before, self.seed = mapped, before, seed
        train, self.test = mapped.train, mapped.test
        self.features, self.logits, _, self.position = map(np.concatenate, zip(train, self.test, strict=True))
        every, samples = np.arange(len(self.features)), len(train.label)
        self.rows: dict[Part, np.ndarray] = {"train": every[:samples], "test": every[samples:]}
        self.neighbors: dict[Part, SharedNeighbors] = {
            "train": shared_neighbors(train.features, train.position),
            "test": shared_neighbors(self.features, self.position),
        }

    def shared(self, part: Part) -> Int[np.ndarray, " sample"]:
        """Neighbors of each of its samples that the map keeps."""
        return self.neighbors[part].shared[self.rows[part]]

    @cached_property
    def decoded(self) -> Float[np.ndarray, "sample class"]:
        """Logits of the inverted positions."""
        return np.asarray(self.mapped.head(self.mapped.model.invert(self.position)))

    def nn_on(self, *, doubtful: bool) -> Score:
        """nn@15 of the test samples on cells that are believed, or on the others: is doubt justified?"""
        doubted = self.mapped.doubtful
        rows = doubted[tuple(cells(self.test.position, self.mapped.landscape.box, len(doubted)).T)]
        values, chance = self.shared("test")[rows == doubtful].astype(float), self.neighbors["test"].chance
        return mean_score(values, chance=chance, published=np.nan, seed=self.seed)

    def bound(self, part: Part, features: np.ndarray, position: np.ndarray) -> Score | None:
        """bound@15 with these boundary points; None without any."""
        if not len(features):
            return None
        samples, rows = (self.features, self.position), self.rows[part]
        return bound(*samples, features, position, rows=rows, seed=self.seed)

    def moving(self) -> Score | None:
        if self.before is None:
            return None
        (before, ground), now = self.before, self.test
        positions, logits = (before.position, now.position), (before.logits, now.logits)
        return moving((ground, self.mapped.landscape), positions, logits, seed=self.seed)

    def fixing(self) -> Score | None:
        if self.before is None:
            return None
        before, now = self.before[0], self.test
        return fixing((before.features, now.features), (before.position, now.position))


MEASURES: dict[str, Callable[[Evaluation, Part], Score | None]] = {
    "nn": lambda of, part: nn(of.neighbors[part], rows=of.rows[part], seed=of.seed),
    "bound": lambda of, part: of.bound(part, *of.mapped.boundary),
    "bound_held": lambda of, part: of.bound(part, of.mapped.held, of.mapped.model.project(of.mapped.held)),
    "ppr": lambda of, part: ppr(of.logits, of.decoded, rows=of.rows[part]),
    "ccr": lambda of, part: ccr(of.logits, of.decoded, rows=of.rows[part], seed=of.seed),
    "keep_boundary": lambda of, _: keep_boundary(of.mapped.landscape, of.test.position, of.test.logits),
    "moving": lambda of, _: of.moving(),
    "fixing": lambda of, _: of.fixing(),
    "nn_believed": lambda of, _: of.nn_on(doubtful=False),
    "nn_doubted": lambda of, _: of.nn_on(doubtful=True),
}
"""Name -> the measure of a part's samples, or None without any. The order is that of the journal."""


def measure_map(mapped: Mapped, before: tuple[Samples, Landscape] | None, *, seed: int) -> Measured:
    """All measures. What compares two epochs is there where the test samples `before` are given."""
    of, parts = Evaluation(mapped, before, seed), {measure.name: measure.of for measure in DESCRIBED}
    scores: dict[Part, dict[str, Score]] = {
        part: {
            name: score
            for name, measure in MEASURES.items()
            if part in parts[name] and (score := measure(of, part)) is not None
        }
        for part in PARTS
    }
    accuracy = {part: _accuracy(samples) for part, samples in zip(PARTS, mapped[:2], strict=True)}
    preserved = np.concatenate([of.shared(part) for part in PARTS])
    return Measured(scores, accuracy, mapped.phantom.share, preserved)


def _accuracy(samples: Samples) -> float:
    right = samples.logits.argmax(axis=1) == samples.label
    return float(right.mean()) if len(right) else float("nan")
