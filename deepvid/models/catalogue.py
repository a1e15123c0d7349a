"""Every kind of network and the function that makes its blocks; the perceptron's is here."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid import config
from deepvid.config import Mlp
from deepvid.models.classifier import Blocks, LayeredClassifier
from deepvid.models.parameters import fresh, load_vector, size
from deepvid.models.resnet import resnet, resnet50


class Hidden(nnx.Module):
    """relu(W x + b), of images or of another layer."""

    def __init__(self, inputs: int, width: int, *, rngs: nnx.Rngs) -> None:
        self.dense = nnx.Linear(inputs, width, kernel_init=nnx.initializers.he_normal(), rngs=rngs)

    def __call__(self, inputs: Float[Array, "sample ..."]) -> Float[Array, "sample width"]:
        return jax.nn.relu(self.dense(inputs.reshape(len(inputs), -1)))


def mlp(settings: Mlp, image_shape: tuple[int, int, int], rngs: nnx.Rngs) -> tuple[Blocks, int]:
    """Multilayer perceptron on flattened pixels."""
    widths = (math.prod(image_shape), *settings.hidden)
    blocks: Blocks = {
        f"hidden{i + 1}": Hidden(inputs, width, rngs=rngs)
        for i, (inputs, width) in enumerate(pairwise(widths))
    }
    return blocks, widths[-1]


NETWORKS: dict[str, Callable[[Any, tuple[int, int, int], nnx.Rngs], tuple[Blocks, int]]] = {
    "resnet": resnet,
    "resnet50": resnet50,
    "mlp": mlp,
}
"""`kind` of a network's settings -> its blocks and the number of features the last one gives."""


def build(
    network: config.Network,
    *,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    dropout: float = 0.0,
    key: PRNGKeyArray,
) -> LayeredClassifier:
    """A network with fresh parameters, in training mode. `dropout` acts on the features."""
    return fresh(_maker(network, image_shape, class_names, dropout), key)


def restore(
    network: config.Network,
    *,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    vector: Any,
) -> LayeredClassifier:
    """The trained network whose `to_vector` is `vector` (parameter,), in evaluation mode."""
    make = _maker(network, image_shape, class_names, dropout=0.0)
    return load_vector(nnx.eval_shape(make, jax.random.key(0)), vector)


def network_size(
    network: config.Network, *, image_shape: tuple[int, int, int], classes: int
) -> tuple[int, int]:
    """Parameters and features of a network, without drawing any."""
    names = tuple(map(str, range(classes)))
    module = nnx.eval_shape(_maker(network, image_shape, names, dropout=0.0), jax.random.key(0))
    return size(module), module.dense.in_features


def _maker(
    network: config.Network, image_shape: tuple[int, int, int], class_names: tuple[str, ...], dropout: float
) -> Callable[[PRNGKeyArray], LayeredClassifier]:
    def make(key: PRNGKeyArray) -> LayeredClassifier:
        rngs = nnx.Rngs(params=key)
        blocks, features = NETWORKS[network.kind](network, image_shape, rngs)
        return LayeredClassifier(
            blocks,
            features=features,
            class_names=class_names,
            image_shape=image_shape,
            dropout=dropout,
            rngs=rngs,
        )

    return make
