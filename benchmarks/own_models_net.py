"""The arrays of one of our residual networks, for other frameworks to make the same network of."""

from typing import Any, NamedTuple

import jax
import numpy as np

from deepvid.models.classifier import LayeredClassifier
from deepvid.models.normalization import EPSILON
from deepvid.models.resnet import ConvNorm, Residual

__all__ = ["EPSILON", "Block", "Layer", "Net", "net_of", "padding"]


class Layer(NamedTuple):
    """A convolution without bias, "SAME" padding, then batch normalization in evaluation."""

    kernel: np.ndarray  # float32 (y, x, input, output)
    scale: np.ndarray  # float32 (output,), like the next three
    bias: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    stride: int


class Block(NamedTuple):
    """relu(second(relu(first(x))) + shortcut(x)); a shortcut of None is x itself."""

    convolutions: tuple[Layer, ...]
    shortcut: Layer | None


class Net(NamedTuple):
    """relu(stem(x)), the blocks, the mean over y and x, dense."""

    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    stem: Layer
    blocks: tuple[Block, ...]
    weight: np.ndarray  # float32 (feature, class)
    bias: np.ndarray  # float32 (class,)

    @property
    def layers(self) -> list[tuple[str, Layer]]:
        """All convolutions by name, in the order in which they are made."""
        named = [("stem", self.stem)]
        for number, block in enumerate(self.blocks):
            named += [(f"block{number}.{place}", layer) for place, layer in enumerate(block.convolutions)]
            named += [(f"block{number}.shortcut", block.shortcut)] if block.shortcut else []
        return named


def net_of(classifier: Any) -> Net:
    """Of the demo's kind of network: a stem, residual blocks, their mean and a dense layer."""
    assert isinstance(classifier, LayeredClassifier)
    stem, *blocks, _ = classifier.blocks
    assert all(isinstance(block, Residual) for block in blocks)
    return Net(
        classifier.image_shape,
        classifier.class_names,
        _layer(stem.conv),
        tuple(
            Block(tuple(map(_layer, block.convs)), _layer(block.shortcut) if block.shortcut else None)
            for block in blocks
        ),
        np.asarray(classifier.dense.kernel[...]),
        np.asarray(classifier.dense.bias[...]),
    )


def padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after that "SAME" adds along one axis: at stride 2 more after than before."""
    return tuple(jax.lax.padtype_to_pads((size,), (kernel,), (stride,), "SAME")[0])


def _layer(conv: ConvNorm) -> Layer:
    norm = conv.norm
    arrays = (conv.kernel, norm.scale, norm.bias, norm.mean, norm.var)
    return Layer(*(np.asarray(array[...]) for array in arrays), conv.stride)
