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


class Basis(NamedTuple):
    """code = (output − mean) components"""

    mean: Float[Array, " number"]
    components: Float[Array, "number component"]  # filled up by zeros where a layer has fewer
    explained: float  # share of the variance of the images it is fitted to, 0 to 1

    def arrays(self) -> dict[str, np.ndarray]:
        """By the names that a file has."""
        return {
            "mean": np.asarray(self.mean),
            "components": np.asarray(self.components),
            "kept": np.asarray(self.explained),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Basis":
        """From what `arrays` gives."""
        return cls(jnp.asarray(arrays["mean"]), jnp.asarray(arrays["components"]), float(arrays["kept"]))


class Responses(NamedTuple):
    """How each unit of a layer answers each image; without maps by one number, at place 0."""

    mean: Float[np.ndarray, "sample unit"]
    max: Float[np.ndarray, "sample unit"]
    peak: np.ndarray  # int32 (sample, unit): place of the maximum, row by row


class Read(NamedTuple):
    """What is read of many images, by the name of the column or layer."""

    codes: dict[str, Float[np.ndarray, "sample component"]]
    responses: dict[str, Responses]

    def arrays(self) -> dict[str, np.ndarray]:
        """As it is kept in a file: `code/<column>`, `mean/<layer>` and so on."""
        codes = {f"code/{name}": code for name, code in self.codes.items()}
        answers = {
            f"{of}/{name}": values
            for name, each in self.responses.items()
            for of, values in each._asdict().items()
        }
        return codes | answers

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> "Read":
        """From what `arrays` gives."""
        named: dict[str, dict[str, np.ndarray]] = {"code": {}, **{of: {} for of in Responses._fields}}
        for name, values in arrays.items():
            of, _, layer = name.partition("/")
            named[of][layer] = values
        codes = named.pop("code")
        return cls(
            codes, {name: Responses(*(each[name] for each in named.values())) for name in named["mean"]}
        )


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


def read(
    classifier: LayeredClassifier,
    layers: Sequence[Layer],
    bases: Mapping[str, Basis],
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> Read:
    """Codes of all columns that have a basis, and responses of all layers that have units, in one pass."""
    asked = tuple(layer.name for layer in layers if layer.has_units)
    function = partial(_read, bases=dict(bases), asked=asked)
    codes, responses = in_batches(function, classifier, images, size=BATCH, progress=progress)
    return Read(codes, {name: Responses(*responses[name]) for name in asked})  # JAX sorts names


@partial(jax.jit, static_argnames="name")
def _flat(classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"], name: str) -> Array:
    return outputs(classifier, unit(images))[name].reshape(len(images), -1)


@partial(jax.jit, static_argnames="asked")
def _read(
    classifier: LayeredClassifier,
    images: UInt8[Array, "sample y x channel"],
    *,
    bases: dict[str, Basis],
    asked: tuple[str, ...],
) -> tuple[dict[str, Array], dict[str, tuple[Array, Array, Array]]]:
    found = outputs(classifier, unit(images))
    codes = {name: _code(found[name].reshape(len(images), -1), basis) for name, basis in bases.items()}
    return codes, {name: _responses(found[name]) for name in asked}


def _code(flat: Array, basis: Basis) -> Array:
    return jnp.matmul(flat - basis.mean, basis.components, precision=lax.Precision.HIGHEST)


def _responses(output: Array) -> tuple[Array, Array, Array]:
    """Of maps (sample, y, x, unit) or values (sample, unit)."""
    places = output.reshape(len(output), -1, output.shape[-1])
    return places.mean(axis=1), places.max(axis=1), places.argmax(axis=1).astype(jnp.int32)
