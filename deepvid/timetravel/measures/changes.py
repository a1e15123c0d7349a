"""Whether the landscape shows who is undecided, and whose class has changed; whether who rests there rests.

What the code of DVI computes under these names decodes one epoch with another's decoder, takes thresholds
from the larger of two minima, and reads a picture's colors: no published variant is computed here.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from deepvid.statistics import wilson
from deepvid.timetravel.boundary import NEAR, gap
from deepvid.timetravel.doubt import CONFIDENT
from deepvid.timetravel.landscape import FULL, Landscape, cells
from deepvid.timetravel.measures.preservation import Score

RESTING = 0.25  # the share of samples that count as resting: those that move least


def keep_boundary(
    landscape: Landscape, position: Float[np.ndarray, "sample 2"], logits: Float[np.ndarray, "sample class"]
) -> Score:
    """keep-B: the share of samples with a gap below 0.1 that lie on cells without a confident color.

    Chance is the share of all samples that do.
    """
    _, confident = _cells_of(landscape, position)
    undecided = gap(logits) < NEAR
    return _share(~confident[undecided], chance=float((~confident).mean()))


def moving(
    landscapes: tuple[Landscape, Landscape],
    positions: tuple[Float[np.ndarray, "sample 2"], Float[np.ndarray, "sample 2"]],
    logits: tuple[Float[np.ndarray, "sample class"], Float[np.ndarray, "sample class"]],
    *,
    seed: int,
) -> Score:
    """Of samples decided at two epochs, for different classes: the share on a cell of its class at both.

    Each epoch is read in its own landscape. Chance is the same with positions exchanged between all samples.
    """
    decided = np.logical_and(*(gap(each) >= NEAR for each in logits))
    before, after = (each.argmax(axis=1) for each in logits)
    changed = decided & (before != after)
    found = [_cells_of(*pair)[0] for pair in zip(landscapes, positions, strict=True)]
    other = np.random.default_rng(seed).permutation(len(before))
    by_chance = _both(found[0][other], found[1][other], before, after)[changed]
    return _share(
        _both(*found, before, after)[changed],
        chance=float(by_chance.mean()) if changed.any() else np.nan,
    )


def fixing(
    features: tuple[Float[np.ndarray, "sample feature"], Float[np.ndarray, "sample feature"]],
    positions: tuple[Float[np.ndarray, "sample 2"], Float[np.ndarray, "sample 2"]],
) -> Score:
    """Of the quarter of samples that move least in the features: the share in that quarter on the map.

    Chance is a quarter.
    """
    resting, on_map = (_resting(*pair) for pair in (features, positions))
    return _share(on_map[resting], chance=RESTING)


def _cells_of(
    landscape: Landscape, position: Float[np.ndarray, "sample 2"]
) -> tuple[Int[np.ndarray, " sample"], Bool[np.ndarray, " sample"]]:
    """The class of each sample's cell, and whether it is confident."""
    at = tuple(cells(position, landscape.box, len(landscape.predicted)).T)
    return landscape.predicted[at], landscape.margin[at] > CONFIDENT * FULL


def _both(*classes: Int[np.ndarray, " sample"]) -> Bool[np.ndarray, " sample"]:
    """Whether the cells' classes at two epochs are the samples' at both."""
    cell_before, cell_after, before, after = classes
    return (cell_before == before) & (cell_after == after)


def _resting(before: np.ndarray, after: np.ndarray) -> Bool[np.ndarray, " sample"]:
    rank = np.linalg.norm(after - before, axis=1).argsort(kind="stable").argsort()
    return np.asarray(rank < RESTING * len(before))


def _share(hits: Bool[np.ndarray, " sample"], *, chance: float) -> Score:
    return Score(*wilson(int(hits.sum()), len(hits)), chance, len(hits), np.nan)
