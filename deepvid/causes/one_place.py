"""One place decides: the same small part of the image, in many of the images taken for a class."""

from __future__ import annotations

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence, Scores, scores_with
from deepvid.wording import percent

LEAST_SPREAD = 1e-3  # logits
FEWEST = 4  # other errors of which a share is taken


def weigh(evidence: Evidence) -> Scores:
    """z · s: how far the place that matters most stands out from the image's places, in their standard
    deviations, times the share of the other errors taken for the same class in which it is the same place.
    """
    score, place, share = np.full((3, len(evidence.errors)), np.nan)
    asked = np.flatnonzero(evidence.has_drops)
    if len(asked):
        lost, predicted = evidence.lost[asked], evidence.answers[evidence.errors[asked]]
        best = lost.argmax(axis=1)
        stands_out = (lost.max(axis=1) - lost.mean(axis=1)) / (LEAST_SPREAD + lost.std(axis=1))
        of_class = np.bincount(predicted)[predicted] - 1
        pairs = np.stack([predicted, best])
        _, both, counts = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
        share[asked] = (counts[both.ravel()] - 1) / np.maximum(of_class, FEWEST)
        score[asked], place[asked] = stands_out * share[asked], best
    return scores_with(score, place, share, evidence.left)


def sentence(finding: CauseFacts) -> str:
    place, share, left = finding.facts[:3]
    where = place_name(int(place), finding.grid)
    turns = (
        f"without it the answer is {finding.label}"
        if left < 0
        else f"without it {finding.predicted} leads {finding.label} by {left:.1f} logits"
    )
    return (
        f"One place decides, {where}: {turns}. The same place decides {percent(share)} of the other errors "
        f"taken for {finding.predicted}."
    )


def place_name(place: int, grid: tuple[int, int]) -> str:
    """ "the upper right", of places that are counted by rows of a grid."""
    row, column = divmod(place, grid[1])
    down = ("upper", "", "lower")[_third(row, grid[0])]
    across = ("left", "", "right")[_third(column, grid[1])]
    words = " ".join(filter(None, (down, across)))
    if not words:
        return "the middle"
    return f"the {words}" if down and across else f"the {words} edge"


def _third(number: int, count: int) -> int:
    return 1 if count < 2 else min(2, 3 * number // count)


ONE_PLACE = Cause(
    "one_place",
    "one place decides",
    1.0,
    "look at this place in other images",
    weigh,
    sentence,
    natural=False,
    right={"Fashion-MNIST": 0.94, "MNIST": 1.0},
    meaning="one place of the image decides: without it the answer is the label",
)
