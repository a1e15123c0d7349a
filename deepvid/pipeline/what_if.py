"""What a run keeps so that a new image can be placed among its training images, at every layer."""

from collections.abc import Mapping, Sequence

import numpy as np

from deepvid.network.codes import Basis
from deepvid.network.layers import Layer
from deepvid.pipeline.float16 import to_float16
from deepvid.pipeline.parts import Part

LARGEST = 2**22  # numbers of a basis, 8 MB


def narrow(layers: Sequence[Layer], components: int) -> list[Layer]:
    """Those whose basis is kept."""
    return [layer for layer in layers if int(np.prod(layer.shape)) * components <= LARGEST]


def numbers_of(layers: Sequence[Layer], components: int, training_images: int) -> int:
    """How many numbers are kept."""
    widths = sum(int(np.prod(layer.shape)) for layer in narrow(layers, components))
    return widths * (components + 2) + len(layers) * training_images * components


def placing(
    layers: Sequence[Layer], bases: Mapping[str, Basis], codes: Mapping[str, np.ndarray], components: int
) -> Part:
    """The codes of the training images, and the bases of all layers that are not too wide, end to end."""
    known = [layer.name for layer in narrow(layers, components)]
    arrays = {"training_code": np.stack([to_float16(codes[layer.name]) for layer in layers])}
    if known:
        arrays["basis"] = np.concatenate([to_float16(np.asarray(bases[name].components)) for name in known])
        arrays["basis_mean"] = np.concatenate([np.asarray(bases[name].mean, np.float32) for name in known])
    return Part(arrays, {"bases": known})
