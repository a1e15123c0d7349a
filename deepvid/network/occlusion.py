"""Drops of every unit, and of every logit, where one part of an image after another is covered.

    R(v, u) = f(x) − f(x with a blurred copy of x in the patch at (v, u))

with f the mean response of a unit over the places of its layer, or a logit. A patch in the mean color would
add an object where there is none: on Fashion-MNIST the logit of the answer moves most beside the garment in a
third of the images, and in an eighth under a copy that is blurred by half a patch. Measured:
`docs/decisions/occlusion.md`.

Source: a feature map under a moving patch, Zeiler and Fergus (2014), arXiv 1311.2901, section 4.2.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from deepvid.attribution.baselines import blurred
from deepvid.attribution.windows import Windows
from deepvid.models import LayeredClassifier
from deepvid.network.layers import LOGITS, outputs

BLUR = 1 / 2  # of the patch's side: the standard deviation


class Drops(NamedTuple):
    """R of all kept units, layer after layer, and of all logits."""

    unit: Float[Array, "unit v u"]
    logit: Float[Array, "class v u"]


def occluded(
    classifier: LayeredClassifier,
    kept: Sequence[tuple[str, Int[np.ndarray, " unit"]]],
    image: Float[np.ndarray, "y x channel"],
) -> Drops:
    """Of the units that are kept of each layer, all in one pass."""
    names, units = tuple(name for name, _ in kept), [jnp.asarray(one) for _, one in kept]
    return _occluded(classifier, units, jnp.asarray(image), names=names)


@partial(jax.jit, static_argnames="names")
def _occluded(
    classifier: LayeredClassifier, units: Sequence[Array], image: Array, *, names: tuple[str, ...]
) -> Drops:
    windows = Windows.over(image.shape)

    def answers(images: Array) -> tuple[Array, Array]:
        found = outputs(classifier, images)
        means = [_mean(found[name])[:, one] for name, one in zip(names, units, strict=True)]
        return jnp.concatenate([jnp.zeros((len(images), 0)), *means], axis=1), found[LOGITS]

    drops = windows.drops(answers, image, blurred(image, BLUR * windows.side))
    return Drops(*(jnp.moveaxis(one, -1, 0) for one in drops))


def _mean(output: Array) -> Array:
    return output.reshape(len(output), -1, output.shape[-1]).mean(axis=1)
