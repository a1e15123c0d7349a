"""What every class hierarchy is: a tree, and how it decides at each inner node."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from deepvid.hierarchy.tree import Tree


class Hierarchy(Protocol):
    """A tree over classes with a decision at each of its inner nodes."""

    @property
    def tree(self) -> Tree:
        """Its nodes."""
        ...

    def branching(
        self, logits: Float[np.ndarray, "sample class"], features: npt.ArrayLike
    ) -> Float[np.ndarray, "inner sample"]:
        """The probability that a sample which reaches an inner node goes on to its first child.

        `features` are (sample, feature) of the penultimate layer, read where they are needed.
        """
        ...

    def classes_of(self, leaves: Float[np.ndarray, "leaf sample"]) -> Int[np.ndarray, " sample"]:
        """The likeliest class of samples whose leaves have these probabilities."""
        ...
