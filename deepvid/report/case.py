"""One image with its answer, causes, maps and neighbors: of a run, or of what a session has opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.faithfulness import Row
from deepvid.map_words import MapFacts
from deepvid.metrics import log_sigmoid, log_softmax
from deepvid.reasons import Reason
from deepvid.wording import quantity

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

MAPS, NEAR, SHOWN = 8, 20, 12
"""Maps of a case at most, nearest training images that are counted, and those that are shown."""


class Answer(NamedTuple):
    """The classifier's, to an image whose label may not be known."""

    predicted: str
    confidence: float
    label: str | None
    probabilities: tuple[tuple[str, float], ...]  # the greatest first

    @property
    def is_wrong(self) -> bool:
        """Whether it is another class than the label."""
        return self.label is not None and self.label != self.predicted


class Map(NamedTuple):
    """One method's contributions of pixels, and how far to believe them."""

    title: str
    about: str  # what its method does, in a few words
    values: Float[np.ndarray, "y x"]  # logits
    facts: MapFacts
    carries: str  # how much of the difference, in words; empty where it is no sum
    over_run: Row | None  # of its method; None: no image of the run was judged


class Neighbor(NamedTuple):
    """A training image that is near in the features of the classifier."""

    sample: int
    image: UInt8[np.ndarray, "y x channel"] | None
    label: str | None
    distance: float


class Case(NamedTuple):
    """All that a report tells of one image."""

    name: str
    facts: tuple[str, ...]  # where it is from, and what people say of it
    image: UInt8[np.ndarray, "y x channel"] | None
    answer: Answer
    reasons: tuple[Reason, ...]
    without_reasons: str  # why there are none
    maps: tuple[Map, ...]  # that which is worth the most first
    contrast: tuple[str, str]  # classes that the maps speak for and against
    neighbors: tuple[Neighbor, ...]  # the nearest first
    heading: str = ""  # of what it stands for; empty: for itself


def answer(
    logits: Float[np.ndarray, " class"], names: Sequence[str], label: int | None, *, independent: bool
) -> Answer:
    """In probabilities. `independent` classes do not exclude one another."""
    log = log_sigmoid(logits) if independent else log_softmax(logits[None])[0]
    shares = np.exp(log.astype(np.float64))
    order = np.argsort(-logits, kind="stable")  # probabilities near 1 are equal
    probabilities = tuple((names[one], float(shares[one])) for one in order.tolist())
    return Answer(*probabilities[0], None if label is None else names[label], probabilities)


def words_of_neighbors(neighbors: Sequence[Neighbor]) -> str:
    """ "Its 20 nearest training images: 15 Sneaker, 5 Sandal"."""
    if not neighbors:
        return "There are no other images to compare it with"
    labels = Counter(one.label for one in neighbors if one.label is not None)
    counted = ", ".join(f"{count} {name}" for name, count in labels.most_common())
    return f"Its {quantity(len(neighbors), 'nearest training image')}{': ' * bool(counted)}{counted}"
