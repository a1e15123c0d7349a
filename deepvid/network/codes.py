"""A few numbers that stand for a layer's whole output: principal components of training images."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, UInt8
from sklearn.decomposition import PCA

from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer, outputs
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches, unit

FITTED = 2000  # training images that the components are fitted to, at most
LARGEST = 2**26  # numbers of one layer that are held at once: fewer images of a wide layer are
FEWEST = 256  # images of the widest layer
BATCH = 200

Codes = dict[str, Float[np.ndarray, "sample component"]]
"""Of many images, by the name of the column."""


class Basis(NamedTuple):
    """code = (output − mean) components"""

    mean: Float[Array, " number"]
    components: Float[Array, "number component"]  # filled up by zeros where a layer has fewer
    explained: float  # share of the variance of the images it is fitted to, 0 to 1


class Responses(NamedTuple):
    """How each unit of a layer answers each image; without maps by one number, at place 0."""

    mean: Float[np.ndarray, "sample unit"]
    max: Float[np.ndarray, "sample unit"]
    peak: np.ndarray  # int32 (sample, unit): place of the maximum, row by row


def basis(
    classifier: LayeredClassifier,
    layer: Layer,
    images: UInt8[np.ndarray, "sample y x channel"],
    components: int,
    *,
    seed: int,
) -> Basis:
    """The first principal components of a layer's outputs for some of these (training) images."""
    rows = fitted_rows(len(images), layer, seed=seed)
    flat = partial(_flat, name=layer.name)
    data = in_batches(flat, classifier, images[rows], size=BATCH, progress=SILENT)
    return principal_basis(data, components, seed=seed)


def fitted_rows(images: int, layer: Layer, *, seed: int) -> Int[np.ndarray, " fitted"]:
    """Those of so many images that a layer's components are fitted to, ascending."""
    number = min(images, FITTED, max(FEWEST, LARGEST // int(np.prod(layer.shape))))
    return np.sort(np.random.default_rng(seed).permutation(images)[:number])


def principal_basis(data: Float[np.ndarray, "sample number"], components: int, *, seed: int) -> Basis:
    """The first principal components of outputs. Of each component the largest loading is positive."""
    number, wide = data.shape
    model = PCA(min(components, number, wide), random_state=seed).fit(data)
    largest = np.abs(model.components_).argmax(axis=1)
    turned = model.components_ * np.sign(model.components_[np.arange(len(largest)), largest])[:, None]
    filled = np.zeros((wide, components), np.float32)
    filled[:, : len(turned)] = turned.T
    # NaN of a layer that gives every image the same
    kept = np.nan_to_num(model.explained_variance_ratio_.sum(), nan=1.0)
    return Basis(jnp.asarray(model.mean_, jnp.float32), jnp.asarray(filled), float(kept))


def codes(
    classifier: LayeredClassifier,
    bases: Mapping[str, Basis],
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> Codes:
    """Codes of all columns that have a basis, in one pass."""
    function = partial(_codes, bases=dict(bases))
    found: Codes = in_batches(function, classifier, images, size=BATCH, progress=progress)
    return found


def responses(
    classifier: LayeredClassifier,
    layers: Sequence[Layer],
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> dict[str, Responses]:
    """Responses of all layers that have units, in one pass."""
    asked = tuple(layer.name for layer in layers if layer.has_units)
    if not asked:
        return {}
    found = in_batches(partial(_answers, asked=asked), classifier, images, size=BATCH, progress=progress)
    return {name: Responses(*found[name]) for name in asked}  # JAX sorts names


@partial(jax.jit, static_argnames="name")
def _flat(classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"], name: str) -> Array:
    return outputs(classifier, unit(images))[name].reshape(len(images), -1)


@jax.jit
def _codes(
    classifier: LayeredClassifier,
    images: UInt8[Array, "sample y x channel"],
    *,
    bases: dict[str, Basis],
) -> dict[str, Array]:
    found = outputs(classifier, unit(images))
    return {name: _code(found[name].reshape(len(images), -1), basis) for name, basis in bases.items()}


@partial(jax.jit, static_argnames="asked")
def _answers(
    classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"], *, asked: tuple[str, ...]
) -> dict[str, tuple[Array, Array, Array]]:
    found = outputs(classifier, unit(images))
    return {name: _responses(found[name]) for name in asked}


def _code(flat: Array, basis: Basis) -> Array:
    return jnp.matmul(flat - basis.mean, basis.components, precision=lax.Precision.HIGHEST)


def _responses(output: Array) -> tuple[Array, Array, Array]:
    """Of maps (sample, y, x, unit) or values (sample, unit)."""
    places = output.reshape(len(output), -1, output.shape[-1])
    return places.mean(axis=1), places.max(axis=1), places.argmax(axis=1).astype(jnp.int32)
