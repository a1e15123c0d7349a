"""Residual networks. Source: He et al. (2016), arXiv 1512.03385, section 4.2 and, of 50 layers, table 1."""

from itertools import pairwise

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float

from deepvid.config import ResNet, ResNet50
from deepvid.models.classifier import Blocks
from deepvid.models.convolution import convolve
from deepvid.models.normalization import BatchNorm


class ConvNorm(nnx.Module):
    """A convolution without bias, then batch normalization."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, rngs: nnx.Rngs) -> None:
        self.stride = stride
        self.kernel = nnx.Param(
            nnx.initializers.he_normal()(rngs.params(), (kernel, kernel, inputs, outputs))
        )
        self.norm = BatchNorm(outputs, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x inputs"]) -> Float[Array, "sample y x outputs"]:
        return self.norm(convolve(images, self.kernel[...], self.stride))


class Stem(nnx.Module):
    """The first convolution, full resolution."""

    def __init__(self, inputs: int, width: int, *, rngs: nnx.Rngs) -> None:
        self.conv = ConvNorm(inputs, width, kernel=3, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x inputs"]) -> Float[Array, "sample y x width"]:
        return jax.nn.relu(self.conv(images))


class Residual(nnx.Module):
    """relu(convolutions(x) + shortcut(x)), the shortcut a 1x1 convolution where the shape changes."""

    def __init__(
        self, widths: tuple[int, ...], kernels: tuple[int, ...], *, stride: int, rngs: nnx.Rngs
    ) -> None:
        """`widths` has the input's first; the first 3x3 convolution takes the stride."""
        strided = kernels.index(3)
        self.convs = nnx.List(
            ConvNorm(inputs, outputs, kernel=kernel, stride=stride if i == strided else 1, rngs=rngs)
            for i, ((inputs, outputs), kernel) in enumerate(zip(pairwise(widths), kernels, strict=True))
        )
        self.shortcut = nnx.data(None)
        if stride > 1 or widths[0] != widths[-1]:
            self.shortcut = ConvNorm(widths[0], widths[-1], kernel=1, stride=stride, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x inputs"]) -> Float[Array, "sample y x outputs"]:
        *inner, last = self.convs
        output = images
        for conv in inner:
            output = jax.nn.relu(conv(output))
        return jax.nn.relu(last(output) + (self.shortcut(images) if self.shortcut else images))


class GlobalMean(nnx.Module):
    """The mean over both image axes."""

    def __call__(self, images: Float[Array, "sample y x channel"]) -> Float[Array, "sample channel"]:
        return jnp.mean(images, axis=(1, 2))


class PooledStem(nnx.Module):
    """7x7 convolution with stride 2, then 3x3 maxima with stride 2: a quarter of the resolution."""

    def __init__(self, inputs: int, width: int, *, rngs: nnx.Rngs) -> None:
        self.conv = ConvNorm(inputs, width, kernel=7, stride=2, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x inputs"]) -> Float[Array, "sample y4 x4 width"]:
        return nnx.max_pool(jax.nn.relu(self.conv(images)), (3, 3), strides=(2, 2), padding="SAME")


STEMS = {"7x7": PooledStem, "3x3": Stem}
STAGES = (3, 4, 6, 3)
EXPANSION = 4


def resnet(settings: ResNet, image_shape: tuple[int, int, int], rngs: nnx.Rngs) -> tuple[Blocks, int]:
    """Three stages of (depth - 2) / 6 blocks of two 3x3 convolutions."""
    stem = Stem(image_shape[-1], settings.width, rngs=rngs)
    return _staged(stem, settings.width, 3 * ((settings.depth - 2) // 6,), (3, 3), 1, rngs)


def resnet50(settings: ResNet50, image_shape: tuple[int, int, int], rngs: nnx.Rngs) -> tuple[Blocks, int]:
    """Four stages of bottlenecks (1x1, 3x3, 1x1 four times as wide)."""
    stem = STEMS[settings.stem](image_shape[-1], settings.width, rngs=rngs)
    return _staged(stem, settings.width, STAGES, (1, 3, 1), EXPANSION, rngs)


def _staged(
    stem: nnx.Module,
    inputs: int,
    counts: tuple[int, ...],
    kernels: tuple[int, ...],
    expansion: int,
    rngs: nnx.Rngs,
) -> tuple[Blocks, int]:
    """Stages of so many residual blocks; width doubles and resolution halves between them."""
    blocks: Blocks = {"stem": stem}
    width = inputs
    for stage, count in enumerate(counts):
        for block in range(count):
            widths = (inputs, *[width] * (len(kernels) - 1), expansion * width)
            stride = 2 if stage and not block else 1
            blocks[f"stage{stage + 1}.block{block + 1}"] = Residual(widths, kernels, stride=stride, rngs=rngs)
            inputs = widths[-1]
        width *= 2
    blocks["pool"] = GlobalMean()
    return blocks, inputs
