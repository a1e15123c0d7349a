"""Units held at their usual response: answers to an image, and effects of each on the layers behind."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, UInt8

from deepvid.models import LayeredClassifier
from deepvid.network.layers import LOGITS, PIXELS, Layer, layers_of
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import unit

FEW = 50  # images at once


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
    classifier: LayeredClassifier, images: UInt8[np.ndarray, "sample y x channel"]
) -> dict[str, Float[np.ndarray, " unit"]]:
    """The mean response of each layer's units over images and places, by the layer's name."""
    sums: dict[str, np.ndarray] = {}
    for begin in range(0, len(images), FEW):
        part = images[begin : begin + FEW]
        for name, mean in _means(classifier, jnp.asarray(part)).items():
            sums[name] = sums.get(name, 0) + len(part) * np.asarray(mean, np.float64)
    return {name: (total / len(images)).astype(np.float32) for name, total in sums.items()}


@jax.jit
def _means(classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"]) -> dict[str, jax.Array]:
    return {
        name: output.reshape(-1, output.shape[-1]).mean(axis=0)
        for name, output in classifier.outputs(unit(images))
    }


BATCH = 250
MOST_WORK = 2e12  # multiplications of all silencing: about a minute on a core or two
FEWEST = 50  # images that are worth the work


class Behind(NamedTuple):
    """The next layer that has units, and which of them are kept."""

    layer: Layer
    units: Int[np.ndarray, " behind"]


class AblationEffects(NamedTuple):
    """Of each unit of a layer that is silenced, against as it is."""

    change: Float[np.ndarray, "unit class logit"]  # mean change of each logit on images of a class
    error: Float[np.ndarray, "unit class logit"]  # its standard error; NaN of fewer than two images
    moved: Float[np.ndarray, "unit behind"]  # how far each unit of the next layer moves, in its sd


def ablate(
    classifier: LayeredClassifier,
    layer: Layer,
    kept: Int[np.ndarray, " unit"],
    usual: Float[np.ndarray, " unit"],
    behind: Behind | None,
    images: UInt8[np.ndarray, "sample y x channel"],
    label: Int[np.ndarray, " sample"],
    classes: int,
    *,
    progress: Progress = SILENT,
) -> AblationEffects:
    """Holds one of the units `kept` after another at its `usual` response, everywhere in the image.

    `moved` is the root mean square of the change of a unit's mean response over the images, in standard
    deviations of it over the same images, with the sign of what a larger response does to it. NaN of classes
    without images.
    """
    size = min(BATCH, len(images))
    batches = range(0, len(images), size)
    means, sums = [], []
    for number, begin in enumerate(batches):
        rows = np.arange(begin, begin + size)
        there = rows < len(images)  # the last batch is filled up with what counts nothing
        rows = np.where(there, rows, begin)
        of_class = (np.arange(classes)[:, None] == label[rows]) & there
        part = progress.part(number, number + 1, len(batches))
        found = _batch(
            classifier, layer, kept, usual, behind, images[rows], of_class.astype(np.float32), part
        )
        means.append(found.means[there])
        sums.append(found.sums)
    total = _Sums(*(np.sum(part, axis=0, dtype=np.float64) for part in zip(*sums, strict=True)))
    count = np.bincount(label, minlength=classes).astype(float)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total.change / count
        variance = np.maximum(total.change_squared / count - mean**2, 0) * count / (count - 1)
        error = np.where(count > 1, np.sqrt(variance / count), np.nan)
    deviation = np.concatenate(means).std(axis=0, dtype=np.float64)
    size_moved = np.sqrt(total.moved_squared / len(images)) * -np.sign(total.moved_away)
    moved = np.divide(size_moved, deviation, out=np.zeros_like(size_moved), where=deviation > 0)
    return AblationEffects(*(np.asarray(each, np.float32) for each in (mean, error, moved)))


def work_of(classifier: LayeredClassifier, layer: str) -> float:
    """Multiplications that lie behind a layer, for one image: each parameter once at every place."""
    work = 0.0
    for each in reversed(layers_of(classifier, len(classifier.layers))):
        if each.name == layer:
            break
        work += (each.parameters or 0) * float(np.prod(each.shape[:-1], initial=1))
    return work


def affordable(work: float, images: int) -> int:
    """How many images can be silenced for `work` multiplications an image; 0 where that is too few."""
    most = min(images, int(MOST_WORK / max(work, 1)))
    return most if most >= min(FEWEST, images) else 0


class _Sums(NamedTuple):
    """Over images, of each silenced unit; arrays of JAX, then of NumPy."""

    change: Any  # (unit, class, logit)
    change_squared: Any  # (unit, class, logit)
    moved_squared: Any  # (unit, behind)
    moved_away: Any  # (unit, behind): times how far its own response was from the usual one


class _Batch(NamedTuple):
    means: np.ndarray  # (sample, behind), nothing silenced
    sums: _Sums


def _batch(
    classifier: LayeredClassifier,
    layer: Layer,
    kept: np.ndarray,
    usual: np.ndarray,
    behind: Behind | None,
    images: np.ndarray,
    of_class: np.ndarray,
    progress: Progress,
) -> _Batch:
    name, units = ("", np.zeros(0, np.int32)) if behind is None else (behind.layer.name, behind.units)
    output = _output(classifier, jnp.asarray(images), layer=layer.name)
    names = {"layer": layer.name, "behind": name}
    as_is = _behind(classifier, output, jnp.asarray(units), **names)
    found = []
    for number, (one, value) in enumerate(zip(kept.tolist(), usual.tolist(), strict=True)):
        progress.update(number, len(kept), f"silencing the units of {layer.name}")
        held = jnp.int32(one), jnp.float32(value)
        sums = _silenced(classifier, output, *held, jnp.asarray(units), as_is, jnp.asarray(of_class), **names)
        found.append(jax.tree.map(np.asarray, sums))
    return _Batch(np.asarray(as_is[1]), _Sums(*map(np.stack, zip(*found, strict=True))))


@partial(jax.jit, static_argnames="layer")
def _output(
    classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"], *, layer: str
) -> Array:
    return classifier.activations(unit(images), layer)


@partial(jax.jit, static_argnames=("layer", "behind"))
def _behind(
    classifier: LayeredClassifier, output: Array, units: Array, *, layer: str, behind: str
) -> tuple[Array, Array]:
    return _onward(classifier, output, units, layer, behind)


@partial(jax.jit, static_argnames=("layer", "behind"))
def _silenced(
    classifier: LayeredClassifier,
    output: Array,
    one: Array,
    value: Array,
    units: Array,
    as_is: tuple[Array, Array],
    of_class: Float[Array, "class sample"],
    *,
    layer: str,
    behind: str,
) -> _Sums:
    logits, means = _onward(classifier, output.at[..., one].set(value), units, layer, behind)
    change, moved = logits - as_is[0], means - as_is[1]
    away = output[..., one].reshape(len(output), -1).mean(axis=1) - value
    counts = of_class.sum(axis=0)
    sums = (of_class @ change, of_class @ change**2, counts @ moved**2, (counts * away) @ moved)
    return _Sums(*sums)


def _onward(
    classifier: LayeredClassifier, output: Array, units: Array, layer: str, behind: str
) -> tuple[Array, Array]:
    """Logits, and the mean responses of `units` of the layer `behind`; empty where there is none."""
    means = jnp.zeros((len(output), 0))
    at = classifier.layers.index(layer) + 1
    for name, block in zip(classifier.layers[at:], list(classifier.blocks)[at:], strict=True):
        output = block(output)
        if name == behind:
            means = output.reshape(len(output), -1, output.shape[-1]).mean(axis=1)[:, units]
    return classifier.head(output), means
