"""The tree that the teacher's last layer implies: Wan et al. (2021), Neural-Backed Decision Tree, ICLR."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int
from scipy.cluster.hierarchy import linkage
from scipy.special import expit

from deepvid.hierarchy.tree import Tree, tree


@dataclass(frozen=True)
class Induced:
    """P(child | node) = softmax over the two children of z̄, the mean logit of the classes under a child.

    With a linear head z̄ is the features times the mean of those classes' weights, plus the mean of their
    biases: nothing is fitted.
    """

    tree: Tree

    def branching(
        self, logits: Float[np.ndarray, "sample class"], features: npt.ArrayLike
    ) -> Float[np.ndarray, "inner sample"]:
        """σ(z̄ of the first child − z̄ of the second)."""
        mean = _means(self.tree, logits)
        return np.asarray(expit(mean[self.tree.children[:, 0]] - mean[self.tree.children[:, 1]]))

    def classes_of(self, leaves: Float[np.ndarray, "leaf sample"]) -> Int[np.ndarray, " sample"]:
        """That of the likeliest leaf."""
        return self.tree.label[leaves.argmax(axis=0)]


def induced(weights: Float[np.ndarray, "class feature"]) -> Induced:
    """Ward's linkage of the rows of the head's weights, as they are: Euclidean, without the biases."""
    if len(weights) == 1:
        return Induced(tree([]))
    return Induced(tree(linkage(weights, "ward")[:, :2].astype(np.int32)))


def shuffled(hierarchy: Tree, rng: np.random.Generator) -> Induced:
    """A tree of the same shape with its classes at random leaves: what the groups alone are worth."""
    place = np.arange(hierarchy.nodes)
    place[: hierarchy.leaves] = rng.permutation(hierarchy.leaves)
    return Induced(tree(place[hierarchy.children]))


def _means(hierarchy: Tree, logits: np.ndarray) -> np.ndarray:
    """(node, sample): the mean logit of the classes under each node."""
    total = np.empty((hierarchy.nodes, len(logits)), np.float32)
    total[: hierarchy.leaves] = logits.T
    for inner, (first, second) in enumerate(hierarchy.children):
        np.add(total[first], total[second], out=total[hierarchy.leaves + inner])
    return total / hierarchy.under.sum(axis=1, dtype=np.float32)[:, None]
