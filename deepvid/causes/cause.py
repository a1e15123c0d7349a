"""Evidence that causes are read from, and the contract of a cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int, UInt8


@dataclass(frozen=True)
class Evidence:
    """The images of a run and a teacher's answers, and what its answer to some of them loses by place.

    An *error* is a sample whose cause is asked. Its place is a window over the image.
    """

    images: UInt8[np.ndarray, "sample y x channel"]
    labels: Int[np.ndarray, " sample"]
    training: Bool[np.ndarray, " sample"]
    logits: Float[np.ndarray, "sample class"]
    errors: Int[np.ndarray, " error"]  # samples
    lost: Float[np.ndarray, "error place"]  # of logit[predicted] - logit[label], in logits

    @cached_property
    def answers(self) -> Int[np.ndarray, " sample"]:
        """The predicted class of each sample."""
        return self.logits.argmax(axis=1)

    @cached_property
    def margin(self) -> Float[np.ndarray, " error"]:
        """By how many logits the predicted class leads the label."""
        of = self.logits[self.errors]
        label = np.take_along_axis(of, self.labels[self.errors, None], axis=1)[:, 0]
        return of.max(axis=1) - label

    @cached_property
    def decided_by_place(self) -> Float[np.ndarray, " error"]:
        """Logits that the answer loses with the place that matters most, beyond the median place."""
        return self.lost.max(axis=1) - np.median(self.lost, axis=1)


@dataclass(frozen=True)
class Cause:
    """A score of every error, at least 0; beyond the threshold the cause is named."""

    name: str
    threshold: float
    action: str  # what a person does about it
    score: Callable[[Evidence], Float[np.ndarray, " error"]]
