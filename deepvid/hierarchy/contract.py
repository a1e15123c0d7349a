"""What every class hierarchy is: a tree, and how it decides at each inner node."""

from typing import Protocol

import numpy as np
from jaxtyping import Float

from deepvid.hierarchy.tree import Tree


class Hierarchy(Protocol):
    """A tree over classes with a decision at each of its inner nodes."""

    @property
    def tree(self) -> Tree:
        """Its nodes."""
        ...

    def branching(
        self, logits: Float[np.ndarray, "sample class"], features: Float[np.ndarray, "sample feature"]
    ) -> Float[np.ndarray, "inner sample"]:
        """The probability that a sample which reaches an inner node goes on to its first child."""
        ...
