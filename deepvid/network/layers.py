"""Which layers of a network are looked into, and what each of them is."""

from typing import NamedTuple

import jax
import numpy as np
from flax import nnx

from deepvid.models import LayeredClassifier

PIXELS, LOGITS = "pixels", "logits"
"""What stands before the first layer and after the last."""
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
