"""How far a map moves: when the image does a little, when draws are others, when the network is destroyed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from explanation_judges import spearman
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.attribution.method import Case, judged
from deepvid.models import Classifier, LayeredClassifier

Explain = Callable[[Classifier, Case], Float[Array, "y x channel"]]
"""A `Method`, or a function that first computes what it needs of a case, such as another student."""


@dataclass(frozen=True)
class MaxSensitivity:
    """max over δ of ‖φ(x + δ) − φ(x)‖ / ‖φ(x)‖,   δ uniform in [−radius, radius] at every pixel.

    Images stay in [0, 1] and what the method draws stays the same, so that only the image moves. A method
    that reads its map from the case looks better than it is: give a function that computes it anew.
    Source: Yeh et al. (2019), arXiv 1901.09392, definition 4.1, by draws.
    """

    radius: float = 0.02
    draws: int = 10

    def __call__(self, explain: Explain, classifier: Classifier, case: Case) -> Float[Array, ""]:
        shape = (self.draws, *case.image.shape)
        change = jax.random.uniform(judged(case).key, shape, minval=-self.radius, maxval=self.radius)
        moved = jnp.clip(case.image + change, 0, 1)
        maps = jax.lax.map(lambda image: explain(classifier, case._replace(image=image)), moved)
        reference = explain(classifier, case)
        distance = jnp.sqrt(jnp.sum((maps - reference) ** 2, axis=(1, 2, 3)))
        return jnp.max(distance) / jnp.maximum(jnp.linalg.norm(reference.ravel()), 1e-12)


class Stability(NamedTuple):
    """How alike two maps of one case are; 1 is equal."""

    cosine: Float[Array, ""]
    spearman: Float[Array, ""]  # nan where one is constant


def stability(first: Float[Array, "y x channel"], second: Float[Array, "y x channel"]) -> Stability:
    """Of two maps from two halves of the neighbors, masks or draws."""
    a, b = first.ravel(), second.ravel()
    scale = jnp.maximum(jnp.linalg.norm(a) * jnp.linalg.norm(b), 1e-12)
    return Stability(jnp.vdot(a, b) / scale, spearman(a, b))


def of_two_keys(explain: Explain, classifier: Classifier, case: Case) -> Stability:
    """The stability of what a method draws: 1 where it draws nothing."""
    first, second = (explain(classifier, case._replace(key=key)) for key in jax.random.split(case.key))
    return stability(first, second)


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
