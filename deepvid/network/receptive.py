"""What each place of a layer sees of the image, measured by gradients.

Padding at a stride is lopsided where sizes are even, so that no formula of kernels and strides is asked.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer, outputs

NOISE = 4  # random images: what is black in all pictures tells nothing of its reach


class Reach(NamedTuple):
    """Place j of a layer sees pixels offset + j stride up to offset + j stride + size, along one axis.

    What lies outside the image is padding.
    """

    size: int
    stride: int
    offset: int


class ReceptiveField(NamedTuple):
    """Of a layer with maps."""

    y: Reach
    x: Reach


def receptive_field(classifier: LayeredClassifier, layer: Layer, *, seed: int) -> ReceptiveField | None:
    """None of a layer without maps, whose units see the whole image."""
    if not layer.has_maps:
        return None
    images = jax.random.uniform(jax.random.key(seed), (NOISE, *classifier.image_shape))

    height, width, _ = layer.shape
    seen = partial(_seen, classifier, images, layer=layer.name)
    rows = [seen(jnp.zeros((height, width)).at[row].set(1))[0] for row in range(height)]
    columns = [seen(jnp.zeros((height, width)).at[:, column].set(1))[1] for column in range(width)]
    return ReceptiveField(_reach(np.array(rows)), _reach(np.array(columns)))


# to compile is what it costs: weights and images are arguments, for constants would be folded
@partial(jax.jit, static_argnames="layer", compiler_options={"xla_backend_optimization_level": 0})
def _seen(classifier: Any, images: Array, places: Array, *, layer: str) -> tuple[Array, Array]:
    """Which rows, and which columns, of pixels count in what a layer says at some places."""

    def answer(images: Array) -> Array:
        return jnp.einsum("syxu,yx->", outputs(classifier, images)[layer], places)

    gradient = jnp.abs(jax.grad(answer)(images)).sum(axis=(0, 3))
    return gradient.sum(axis=1) > 0, gradient.sum(axis=0) > 0


def _reach(seen: np.ndarray) -> Reach:
    """From bool (place, pixel). Where the border cuts what every place sees, it is as much as is seen."""
    places, pixels = seen.shape
    first = seen.argmax(axis=1)
    after = pixels - seen[:, ::-1].argmax(axis=1)
    starts = np.flatnonzero(first > 0)  # those whose first pixel is not the image's
    stride = int(np.diff(first[starts]).max()) if len(starts) > 1 else round(pixels / places)
    size = int((after - first).max())
    at = int(starts[0]) if len(starts) else int(np.argmax(after))
    begin = first[at] if len(starts) else after[at] - size
    return Reach(size, max(1, stride), int(begin - at * max(1, stride)))
