"""Bottleneck residual network of 50 layers. Source: He et al. (2016), arXiv 1512.03385, table 1."""

import jax
from flax import nnx
from jaxtyping import Array, Float

from deepvid.config import ResNet50
from deepvid.models.layered import Blocks
from deepvid.models.resnet import ConvNorm, GlobalMean, Residual, Stem

STAGES = (3, 4, 6, 3)
EXPANSION = 4


class PooledStem(nnx.Module):
    """7x7 convolution with stride 2, then 3x3 maxima with stride 2: a quarter of the resolution."""

    def __init__(self, inputs: int, width: int, *, rngs: nnx.Rngs) -> None:
        self.conv = ConvNorm(inputs, width, kernel=7, stride=2, rngs=rngs)

    def __call__(self, images: Float[Array, "sample y x inputs"]) -> Float[Array, "sample y4 x4 width"]:
        return nnx.max_pool(jax.nn.relu(self.conv(images)), (3, 3), strides=(2, 2), padding="SAME")


STEMS = {"7x7": PooledStem, "3x3": Stem}


def resnet50(settings: ResNet50, image_shape: tuple[int, int, int], rngs: nnx.Rngs) -> tuple[Blocks, int]:
    """Four stages of bottlenecks (1x1, 3x3, 1x1 four times as wide)."""
    blocks: Blocks = {"stem": STEMS[settings.stem](image_shape[-1], settings.width, rngs=rngs)}
    inputs = settings.width
    for stage, count in enumerate(STAGES):
        width = settings.width * 2**stage
        for block in range(count):
            stride = 2 if stage and not block else 1
            blocks[f"stage{stage + 1}.block{block + 1}"] = Residual(
                (inputs, width, width, EXPANSION * width), (1, 3, 1), stride=stride, rngs=rngs
            )
            inputs = EXPANSION * width
    blocks["pool"] = GlobalMean()
    return blocks, inputs
