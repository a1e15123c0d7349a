"""Multilayer perceptron on flattened pixels."""

import math
from itertools import pairwise

import jax
from flax import nnx
from jaxtyping import Array, Float

from deepvid.config import Mlp
from deepvid.models.layered import Blocks


class Hidden(nnx.Module):
    """relu(W x + b), of images or of another layer."""

    def __init__(self, inputs: int, width: int, *, rngs: nnx.Rngs) -> None:
        self.dense = nnx.Linear(inputs, width, kernel_init=nnx.initializers.he_normal(), rngs=rngs)

    def __call__(self, inputs: Float[Array, "sample ..."]) -> Float[Array, "sample width"]:
        return jax.nn.relu(self.dense(inputs.reshape(len(inputs), -1)))


def mlp(settings: Mlp, image_shape: tuple[int, int, int], rngs: nnx.Rngs) -> tuple[Blocks, int]:
    widths = (math.prod(image_shape), *settings.hidden)
    blocks: Blocks = {
        f"hidden{i + 1}": Hidden(inputs, width, rngs=rngs)
        for i, (inputs, width) in enumerate(pairwise(widths))
    }
    return blocks, widths[-1]
