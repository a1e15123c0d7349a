"""Networks run over more images than fit into one call: answers, latents, pictures."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt8

from deepvid.cores import Placement
from deepvid.models import VAE, Classifier
from deepvid.progress import SILENT, Progress


def unit(images: UInt8[Array, "..."]) -> Float[Array, "..."]:
    """Stored bytes as float32 in [0, 1]."""
    return images.astype(jnp.float32) / 255


def in_batches(
    function: Callable[..., Any],
    module: Any,
    rows: np.ndarray,
    *,
    size: int,
    progress: Progress,
) -> Any:
    """`function(module, rows)`, computed for `size` rows at a time; arrays (row, ...) in NumPy.

    `function` should be jitted: it sees one shape, for the last batch is filled up with its first row. The
    cores share each batch.
    """
    size = min(size, len(rows))
    placement = Placement(size)
    module = jax.device_put(module, placement.whole)
    outputs = []
    for begin in range(0, len(rows), size):
        progress.update(begin, len(rows), "images")
        batch = rows[begin : begin + size]
        filled = np.concatenate([batch, np.repeat(batch[:1], size - len(batch), axis=0)])
        outputs.append(jax.tree.map(np.array, function(module, jax.device_put(filled, placement.split))))
    progress.update(len(rows), len(rows), "images")
    return jax.tree.map(lambda *parts: np.concatenate(parts)[: len(rows)], *outputs)


BATCH = 200  # labeling on a CPU is fastest from 25 to 200 images at once


class Predictions(NamedTuple):
    """Answers of a classifier to each sample."""

    logits: Float[np.ndarray, "sample class"]
    features: Float[np.ndarray, "sample feature"]


def predict(
    classifier: Classifier,
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    batch: int = BATCH,
    progress: Progress = SILENT,
) -> Predictions:
    """Runs `classifier`, in evaluation mode, over all images."""
    return Predictions(*in_batches(_outputs, classifier, images, size=batch, progress=progress))


@jax.jit
def _outputs(classifier: Classifier, images: UInt8[Array, "sample y x channel"]) -> tuple[Array, Array]:
    features = classifier.features(unit(images))
    return classifier.head(features), features


LATENTS_BATCH = 500


class Latents(NamedTuple):
    """The posterior of each image."""

    mean: Float[np.ndarray, "sample latent"]
    log_variance: Float[np.ndarray, "sample latent"]


def encode(
    vae: VAE, images: UInt8[np.ndarray, "sample y x channel"], *, progress: Progress = SILENT
) -> Latents:
    return Latents(*in_batches(_encode, vae, images, size=LATENTS_BATCH, progress=progress))


def reconstruct(
    vae: VAE, mean: Float[np.ndarray, "sample latent"], *, progress: Progress = SILENT
) -> UInt8[np.ndarray, "sample y x channel"]:
    """The images that latents stand for, rounded to bytes."""
    return in_batches(_decode, vae, mean, size=LATENTS_BATCH, progress=progress)


@jax.jit
def _encode(vae: VAE, images: Array) -> tuple[Array, Array]:
    return vae.encode(unit(images))


@jax.jit
def _decode(vae: VAE, latents: Array) -> Array:
    return jnp.round(vae.decode(latents) * 255).astype(jnp.uint8)
