"""Layers of a network that are looked into: what each is, and what each of its places sees of the image.

Padding at a stride is lopsided where sizes are even: gradients measure what is seen, and no formula is asked.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array

from deepvid.models import LayeredClassifier

PIXELS, LOGITS = "pixels", "logits"
"""The columns before the first layer and after the last."""
FEATURES = "features"
"""The one layer that a model trained elsewhere shows: what its last layer reads."""


class Layer(NamedTuple):
    """One column of the river: the pixels, a layer, or the logits."""

    name: str
    shape: tuple[int, ...]  # of its output for one image: (y, x, unit) or (unit,)
    parameters: int | None  # of its own, batch statistics not counted; None: not known

    @property
    def has_maps(self) -> bool:
        """Whether its units answer at places of the image."""
        return len(self.shape) == 3

    @property
    def has_units(self) -> bool:
        """Pixels are no units, and a layer without parameters pools those of the layer before."""
        return self.name not in (PIXELS, LOGITS) and self.parameters != 0


def layers_of(classifier: LayeredClassifier, most: int) -> tuple[Layer, ...]:
    """Pixels, at most `most` layers that lie evenly, the first and the last among them, and logits."""
    shapes = nnx.eval_shape(_outputs_of_one, classifier)
    sizes = {name: _size(block) for name, block in zip(classifier.layers, classifier.blocks, strict=True)}
    sizes |= {PIXELS: 0, LOGITS: _size(classifier.dense)}
    names = (PIXELS, *_evenly(classifier.layers, most), LOGITS)
    return tuple(Layer(name, tuple(shapes[name].shape[1:]), sizes[name]) for name in names)


def outputs(classifier: LayeredClassifier, images: jax.Array) -> dict[str, jax.Array]:
    """The output (sample, ...) of every column for float images in [0, 1], by its name."""
    found = {PIXELS: images, **dict(classifier.outputs(images))}
    return {**found, LOGITS: classifier.head(found[classifier.layers[-1]])}


def _outputs_of_one(classifier: LayeredClassifier) -> dict[str, jax.Array]:
    return outputs(classifier, jax.numpy.zeros((1, *classifier.image_shape)))


def _evenly(names: tuple[str, ...], most: int) -> tuple[str, ...]:
    if len(names) <= most:
        return names
    return tuple(names[place] for place in np.linspace(len(names) - 1, 0, most).round().astype(int)[::-1])


def _size(module: nnx.Module) -> int:
    return sum(leaf.size for leaf in jax.tree.leaves(nnx.state(module, nnx.Param)))


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
