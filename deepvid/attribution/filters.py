"""Filters of a layer: what each sees of an image, and what the answer owes to it.

With A the layer's activations (j, i, k), aₖ(x) the mean of A(·, ·, k) over places, and āₖ that of training
images:

    Rₖ(v, u) = aₖ(x) − aₖ(x with the window at (v, u) in the mean color)
    Δₖ(c) = logit_c(A with A(·, ·, k) = āₖ) − logit_c(A)

Sources: a feature map under a moving patch, Zeiler and Fergus (2014), arXiv 1311.2901, section 4.2; units
held at their mean, Morcos et al. (2018), arXiv 1803.06959.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from deepvid.attribution.windows import Windows
from deepvid.cores import PATIENT, in_chunks
from deepvid.models import Classifier
from deepvid.students.teacher_oracle import contrast

CELLS = 32  # of a map, to a side at most


class Filters(NamedTuple):
    """One image in one layer. `classes` are the predicted one, and the true one or the runner-up."""

    activation: Float[Array, " filter"]  # aₖ
    occlusion: Float[Array, "filter v u"]  # mean Rₖ of the windows that cover a cell
    classes: Int[Array, "2"]
    logits: Float[Array, " class"]
    silenced: Float[Array, "filter class"]  # logits with the filter at its mean
    order: Int[Array, " filter"]  # those first without which the margin of `classes` is smallest
    together: Float[Array, "filter class"]  # logits with the first 1, 2, ... of `order` at their means


@partial(jax.jit, static_argnames="layer", compiler_options=PATIENT)
def filter_means(
    classifier: Classifier, layer: str, images: Float[Array, "image y x channel"]
) -> Float[Array, " filter"]:
    """āₖ of these images."""
    return in_chunks(partial(_activation, classifier, layer), images).mean(axis=0)


@partial(jax.jit, static_argnames="layer", compiler_options=PATIENT)
def watch_filters(
    classifier: Classifier,
    layer: str,
    image: Float[Array, "y x channel"],
    label: Int[Array, ""],
    means: Float[Array, " filter"],
    mean_color: Float[Array, " channel"],
) -> Filters:
    """All of them, in a layer whose activations have places. `means` are their āₖ."""
    activations = classifier.activations(image[None], layer)[0]
    logits = classifier.logits_from(activations[None], layer)[0]
    each = jnp.eye(len(means), dtype=bool)
    alone = silenced(classifier, layer, activations, means, each)
    pair = contrast(logits, label)
    order = jnp.argsort(alone[:, pair[0]] - alone[:, pair[1]])
    first = jnp.cumsum(each[order], axis=0).astype(bool)
    return Filters(
        activations.mean(axis=(0, 1)),
        occluded(classifier, layer, image, mean_color),
        pair,
        logits,
        alone,
        order,
        silenced(classifier, layer, activations, means, first),
    )


def silenced(
    classifier: Classifier,
    layer: str,
    activations: Float[Array, "j i filter"],
    means: Float[Array, " filter"],
    sets: Bool[Array, "set filter"],
) -> Float[Array, "set class"]:
    """The logits with the filters of each set at their means, everywhere."""
    return in_chunks(
        lambda part: classifier.logits_from(jnp.where(part[:, None, None], means, activations), layer), sets
    )


def occluded(
    classifier: Classifier,
    layer: str,
    image: Float[Array, "y x channel"],
    mean_color: Float[Array, " channel"],
) -> Float[Array, "filter v u"]:
    """The mean of Rₖ over the windows that cover a cell. Cells are pixels, or every second, third, ... of
    them where there are more than `CELLS` to a side.
    """
    windows = Windows.over(image.shape)
    drops = windows.drops(partial(_activation, classifier, layer), image, mean_color)
    return jnp.moveaxis(windows.means(drops, every=-(-max(windows.shape) // CELLS)), -1, 0)


def _activation(
    classifier: Classifier, layer: str, images: Float[Array, "image y x channel"]
) -> Float[Array, "image filter"]:
    return classifier.activations(images, layer).mean(axis=(1, 2))
