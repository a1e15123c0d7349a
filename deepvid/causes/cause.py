"""Evidence that causes are read from, and the contract of a cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.config import names
from deepvid.neighbors import nearest

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int, UInt8

NEIGHBORS = 20
FACTS = 4  # numbers that a sentence tells, at most
LEAST_SPREAD = 1e-6


class Copies(NamedTuple):
    """Other samples that show the same as an error, or nearly the same."""

    label: Int[np.ndarray, " error"]  # of the other; -1: there is none
    distance: Float[np.ndarray, " error"]  # over the usual one of two images; 0: the same picture


@dataclass(frozen=True)
class Evidence:
    """The images of a run and a teacher's answers, and what its answer to some of them loses by place.

    An *error* is a sample whose cause is asked. Its place is a window over the image. Not all samples of a
    run need be there: some training images stand for the others.
    """

    images: UInt8[np.ndarray, "sample y x channel"]
    labels: Int[np.ndarray, " sample"]
    training: Bool[np.ndarray, " sample"]
    logits: Float[np.ndarray, "sample class"]
    features: Float[np.ndarray, "sample feature"]
    errors: Int[np.ndarray, " error"]  # samples
    lost: Float[np.ndarray, "error place"]  # of logit[predicted] - logit[label], in logits; nan: not asked
    copies: Copies | None = None  # None: nobody looked for them
    late_flips: Float[np.ndarray, " error"] | None = None
    """How often its answer changed in the second half of the training; nan: not known. None: of none."""
    drawn: Int[np.ndarray, " tested"] | None = None
    """Samples that are test images drawn at random. None: all that are no training images are."""

    @cached_property
    def answers(self) -> Int[np.ndarray, " sample"]:
        """The predicted class of each sample."""
        return self.logits.argmax(axis=1)

    @cached_property
    def reference(self) -> Int[np.ndarray, " known"]:
        """Training images; of a teacher trained elsewhere all images stand for its own."""
        return np.flatnonzero(self.training if self.training.any() else ~self.training)

    @cached_property
    def tested(self) -> Int[np.ndarray, " tested"]:
        """Test images that stand for all: right and wrong ones as they come."""
        return np.flatnonzero(~self.training) if self.drawn is None else self.drawn

    @cached_property
    def margin(self) -> Float[np.ndarray, " error"]:
        """By how many logits the predicted class leads the label."""
        of = self.logits[self.errors]
        label = np.take_along_axis(of, self.labels[self.errors, None], axis=1)[:, 0]
        return of.max(axis=1) - label

    @cached_property
    def has_drops(self) -> Bool[np.ndarray, " error"]:
        """Whether the teacher was asked about its places."""
        return ~np.isnan(self.lost).any(axis=1) & bool(self.lost.shape[1])

    @cached_property
    def left(self) -> Float[np.ndarray, " error"]:
        """By how many logits the predicted class leads whichever place is taken away; nan: not asked."""
        return self.margin - self.lost.max(axis=1, initial=-np.inf)

    @cached_property
    def decided_by_place(self) -> Float[np.ndarray, " error"]:
        """Logits that the answer loses with the place that matters most, beyond the median place."""
        return self.lost.max(axis=1) - np.median(self.lost, axis=1)

    @cached_property
    def neighbors(self) -> Int[np.ndarray, "error neighbor"]:
        """Labels of the training images nearest to each error by features, each in units of its spread."""
        features = self.features[self.reference]
        spread = np.maximum(features.std(axis=0), LEAST_SPREAD)
        place = np.full(len(self.labels), -1)
        place[self.reference] = np.arange(len(self.reference))
        found = nearest(
            features / spread,
            self.features[self.errors] / spread,
            min(NEIGHBORS, len(self.reference) - 1),
            own=place[self.errors],
        )
        return self.labels[self.reference][found]


class Scores(NamedTuple):
    """One cause of every error."""

    score: Float[np.ndarray, " error"]  # at least 0; nan: not known
    facts: Float[np.ndarray, "error fact"]  # `FACTS` numbers each, that its sentence tells


def scores_with(score: Float[np.ndarray, " error"], *facts: Float[np.ndarray, " error"]) -> Scores:
    """With nan where there are fewer facts."""
    empty = [np.full(len(score), np.nan)] * (FACTS - len(facts))
    return Scores(score, np.stack([*facts, *empty], axis=1))


class CauseFacts(NamedTuple):
    """One cause of one error, as a sentence tells it."""

    label: str
    predicted: str
    class_names: tuple[str, ...]
    grid: tuple[int, int]  # rows and columns of places
    strength: float
    facts: tuple[float, ...]


@dataclass(frozen=True)
class Cause:
    """A score of every error; beyond the threshold the cause is named."""

    name: names.Cause
    title: str
    threshold: float
    action: str  # what a person does about it
    weigh: Callable[[Evidence], Scores]
    sentence: Callable[[CauseFacts], str]
    natural: bool  # errors without a planted fault have it, too: `right` is the least that it can be
    right: Mapping[str, float]  # by data set: share of planted faults where it is named first
    meaning: str  # what it says of an image, in a clause
