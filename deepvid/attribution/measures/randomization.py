"""Parameter randomization: an explanation of a network changes when the network is destroyed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.attribution.case import Case
from deepvid.attribution.measures.ranks import spearman
from deepvid.attribution.measures.sensitivity import Explain
from deepvid.models import LayeredClassifier


@dataclass(frozen=True)
class ParameterRandomization:
    """Spearman's correlation of the maps before and after the last 1, 2, ... layers are randomized.

    It should fall to 0; what stays is explained by the image alone. Signed maps, all pixels; the mean over
    repeats; every array of every layer has a key of its own. A randomized layer has its own values in random
    order: they keep their scale, where a fresh residual block would be the identity and destroy nothing.
    Source: Adebayo et al. (2018), arXiv 1810.03292, section 3, cascading.
    """

    repeats: int = 2

    def __call__(self, explain: Explain, classifier: LayeredClassifier, case: Case) -> Float[Array, " layer"]:
        """From the output on; as many as `layers_with_parameters`."""
        before = explain(classifier, case).ravel()
        layers = layers_with_parameters(classifier)

        def correlations(key: PRNGKeyArray) -> Float[Array, " layer"]:
            return jnp.stack(
                [
                    spearman(before, explain(randomized(classifier, layers[: depth + 1], key), case).ravel())
                    for depth in range(len(layers))
                ]
            )

        return jnp.mean(jax.lax.map(correlations, jax.random.split(case.key, self.repeats)), axis=0)


def layers_with_parameters(classifier: LayeredClassifier) -> tuple[str, ...]:
    """From the output to the image; the head is called "dense"."""
    found = {layer for layer, _ in _arrays(classifier)}
    return tuple(layer for layer in ("dense", *reversed(classifier.layers)) if layer in found)


def randomized(
    classifier: LayeredClassifier, layers: tuple[str, ...], key: PRNGKeyArray
) -> LayeredClassifier:
    """The network with the arrays of some layers shuffled."""
    leaves, structure = jax.tree.flatten(classifier)
    for index, (layer, leaf) in enumerate(_arrays(classifier)):
        if layer in layers:
            own = jax.random.fold_in(key, index)
            leaves[index] = jax.random.permutation(own, leaf.ravel()).reshape(leaf.shape)
    return jax.tree.unflatten(structure, leaves)


def _arrays(classifier: LayeredClassifier) -> Iterator[tuple[str, Any]]:
    """The layer of each array, in the order of the tree's leaves; empty for arrays of no layer."""
    for path, leaf in jax.tree_util.tree_flatten_with_path(classifier)[0]:
        steps = jax.tree_util.keystr(path, simple=True, separator="/").split("/")
        layer = classifier.layers[int(steps[1])] if steps[0] == "blocks" else steps[0]
        yield (layer if layer in ("dense", *classifier.layers) else ""), leaf
