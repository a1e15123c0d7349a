"""One of our residual networks of Flax's own layers, which know nothing of ours."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from own_models_net import EPSILON, Block, Layer, Net


class Normalized(nnx.Module):
    def __init__(self, layer: Layer, rngs: nnx.Rngs) -> None:
        side, _, inputs, outputs = layer.kernel.shape
        self.convolution = nnx.Conv(
            inputs, outputs, (side, side), strides=layer.stride, padding="SAME", use_bias=False, rngs=rngs
        )
        self.norm = nnx.BatchNorm(outputs, epsilon=EPSILON, rngs=rngs)
        self.convolution.kernel[...] = jnp.asarray(layer.kernel)
        arrays = (self.norm.scale, self.norm.bias, self.norm.mean, self.norm.var)
        for variable, array in zip(arrays, layer[1:5], strict=True):
            variable[...] = jnp.asarray(array)

    def __call__(self, images: jax.Array) -> jax.Array:
        return self.norm(self.convolution(images))


class Residual(nnx.Module):
    def __init__(self, block: Block, rngs: nnx.Rngs) -> None:
        self.convolutions = nnx.List(Normalized(layer, rngs) for layer in block.convolutions)
        self.shortcut = Normalized(block.shortcut, rngs) if block.shortcut else None

    def __call__(self, images: jax.Array) -> jax.Array:
        inner = images
        for place, convolution in enumerate(self.convolutions):
            inner = convolution(jax.nn.relu(inner) if place else inner)
        return jax.nn.relu(inner + (self.shortcut(images) if self.shortcut else images))


class ResNet(nnx.Module):
    def __init__(self, net: Net, rngs: nnx.Rngs) -> None:
        self.stem = Normalized(net.stem, rngs)
        self.blocks = nnx.List(Residual(block, rngs) for block in net.blocks)
        self.dense = nnx.Linear(*net.weight.shape, rngs=rngs)
        self.dense.kernel[...] = jnp.asarray(net.weight)
        self.dense.bias[...] = jnp.asarray(net.bias)

    def __call__(self, images: jax.Array) -> jax.Array:
        output = jax.nn.relu(self.stem(images))
        for block in self.blocks:
            output = block(output)
        return self.dense(output.mean((1, 2)))


def nnx_module(net: Net) -> Any:
    return ResNet(net, nnx.Rngs(0))
