"""Every kind of network and the function that makes its blocks."""

from collections.abc import Callable
from typing import Any

import jax
from flax import nnx
from jaxtyping import PRNGKeyArray

from deepvid import config
from deepvid.models.layered import Blocks, LayeredClassifier
from deepvid.models.mlp import mlp
from deepvid.models.parameters import fresh, load_vector, size
from deepvid.models.resnet import resnet, resnet50

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
