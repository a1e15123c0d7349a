"""All measures of one epoch's map, of training and of test samples."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from deepvid.timetravel.contract import Head, Model
from deepvid.timetravel.landscape import Landscape, cells
from deepvid.timetravel.measures.changes import fixing, keep_boundary, moving
from deepvid.timetravel.measures.inversion import ccr, ppr
from deepvid.timetravel.measures.neighborhoods import bound, nn, shared_neighbors
from deepvid.timetravel.measures.phantom import Phantom
from deepvid.timetravel.measures.score import Score, mean_score


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
    """What is known of a map."""

    scores: dict[
        str, Any
    ]  # of "train" and "test", each by the measure's name; "phantom", a share; "accuracy"
    preserved: Int[np.ndarray, " sample"]  # of training samples, then test samples: how many of 15

    @property
    def numbers(self) -> dict[str, float]:
        """By name: of a score `test_nn`, and `test_nn_low`, `test_nn_chance` and so on."""
        numbers: dict[str, float] = {}
        for kind in ("train", "test"):
            for name, score in self.scores[kind].items():
                parts = score._asdict()
                numbers[f"{kind}_{name}"] = parts.pop("value")
                numbers |= {f"{kind}_{name}_{part}": number for part, number in parts.items()}
            numbers[f"{kind}_accuracy"] = self.scores["accuracy"][kind]
        return {**numbers, "phantom": self.scores["phantom"]}


def measured(mapped: Mapped, before: tuple[Samples, Landscape] | None, *, seed: int) -> Measured:
    """All measures of C.7. What compares two epochs is there where the test samples `before` are given.

    Neighbors of training samples are sought among those, neighbors of test samples among all.
    """
    train, test = mapped.train, mapped.test
    features, logits, _, position = (np.concatenate(parts) for parts in zip(train, test, strict=True))
    counted = shared_neighbors(train.features, train.position), shared_neighbors(features, position)
    decoded = np.asarray(mapped.head(mapped.model.invert(position)))
    bounds = {"bound": mapped.boundary, "bound_held": (mapped.held, mapped.model.project(mapped.held))}
    samples = len(train.label)
    rows = np.arange(samples), np.arange(samples, len(features))
    scores: dict[str, Any] = {
        name: {
            "nn": nn(among, rows=here, seed=seed),
            **{
                kind: bound(features, position, *points, rows=here, seed=seed)
                for kind, points in bounds.items()
                if len(points[0])
            },
            "ppr": ppr(logits, decoded, rows=here),
            "ccr": ccr(logits, decoded, rows=here, seed=seed),
        }
        for name, among, here in zip(("train", "test"), counted, rows, strict=True)
    }
    scores["test"] |= {"keep_boundary": keep_boundary(mapped.landscape, test.position, test.logits)}
    if before is not None:
        scores["test"] |= _between(before, (test, mapped.landscape), seed=seed)
    scores["test"] |= _of_believed(
        mapped, counted[1].shared[samples:], chance=scores["test"]["nn"].chance, seed=seed
    )
    scores["phantom"] = mapped.phantom.share
    scores["accuracy"] = {name: _accuracy(kind) for name, kind in (("train", train), ("test", test))}
    return Measured(scores, np.concatenate([counted[0].shared, counted[1].shared[samples:]]))


def _of_believed(
    mapped: Mapped, kept_here: Int[np.ndarray, " sample"], *, chance: float, seed: int
) -> dict[str, Score]:
    """nn@15 of the test samples on cells that are believed and on those that are not: is doubt justified?"""
    box, size = mapped.landscape.box, len(mapped.doubtful)
    doubted = mapped.doubtful[tuple(cells(mapped.test.position, box, size).T)]
    return {
        name: mean_score(kept_here[rows].astype(float), chance=chance, published=np.nan, seed=seed)
        for name, rows in (("nn_believed", ~doubted), ("nn_doubted", doubted))
    }


def _between(*epochs: tuple[Samples, Landscape], seed: int) -> dict[str, Score]:
    (before, first), (now, second) = epochs
    positions = before.position, now.position
    return {
        "moving": moving((first, second), positions, (before.logits, now.logits), seed=seed),
        "fixing": fixing((before.features, now.features), positions),
    }


def _accuracy(samples: Samples) -> float:
    right = samples.logits.argmax(axis=1) == samples.label
    return float(right.mean()) if len(right) else float("nan")
