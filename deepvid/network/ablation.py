"""What a network says of an image while some of its units are held at their usual response."""

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, UInt8

from deepvid.models import LayeredClassifier
from deepvid.network.layers import LOGITS, PIXELS
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import unit

BATCH = 50


class HeldUnits(NamedTuple):
    """The units of a layer: which are held, and at what."""

    which: Bool[Array | np.ndarray, " unit"]
    at: Float[Array | np.ndarray, " unit"]


def ablated_outputs(
    classifier: LayeredClassifier, images: Float[Array, "sample y x channel"], held: Mapping[str, HeldUnits]
) -> dict[str, jax.Array]:
    """The output (sample, ...) of every column by its name, as `layers.outputs` has it.

    A unit that is held answers the same at every place of every image, and the layers behind see that.
    """
    found, output = {PIXELS: images}, images
    for name, block in zip(classifier.layers, classifier.blocks, strict=True):
        output = block(output)
        if name in held:
            output = jnp.where(held[name].which, held[name].at, output)
        found[name] = output
    return {**found, LOGITS: classifier.head(output)}


def mean_responses(
    classifier: LayeredClassifier,
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> dict[str, Float[np.ndarray, " unit"]]:
    """The mean response of each layer's units over images and places, by the layer's name."""
    sums: dict[str, np.ndarray] = {}
    for begin in range(0, len(images), BATCH):
        progress.update(begin, len(images), "the mean of each unit over training images")
        part = images[begin : begin + BATCH]
        for name, mean in _means(classifier, jnp.asarray(part)).items():
            sums[name] = sums.get(name, 0) + len(part) * np.asarray(mean, np.float64)
    return {name: (total / len(images)).astype(np.float32) for name, total in sums.items()}


@jax.jit
def _means(classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"]) -> dict[str, jax.Array]:
    return {
        name: output.reshape(-1, output.shape[-1]).mean(axis=0)
        for name, output in classifier.outputs(unit(images))
    }
