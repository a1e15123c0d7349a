"""Answers of a network's groups of units, and its logits without them or from them alone."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, UInt8
from sklearn.decomposition import PCA

from deepvid.models import LayeredClassifier
from deepvid.models.resnet import GlobalMean
from deepvid.network.groups import answers
from deepvid.network.layers import Layer
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches, unit

SIDE = 7  # places of a map along each axis, at most: those of larger maps are pooled
BATCH = 100
LARGEST = 2**24  # numbers of a layer's places that groups are fitted to


class Answered(NamedTuple):
    """How each group of a layer answers each image, over the places of its pooled map."""

    mean: Float[np.ndarray, "sample group"]
    max: Float[np.ndarray, "sample group"]
    peak: Int[np.ndarray, "sample group"]  # place of the maximum, row by row


class GroupFidelity(NamedTuple):
    """Answers of a network when a layer's output is made of a few numbers a place, and without each group."""

    said: np.ndarray  # int (sample,): the prediction, as it is
    error: float  # ‖V − WH‖ / ‖V‖
    groups: np.ndarray  # bool (sample,): whether the prediction stays, from groups
    components: np.ndarray  # bool (sample,): from as many principal components, which may be negative
    change: Float[np.ndarray, "group sample logit"]  # of each logit while a group's part is taken away
    closed: float  # largest distance of effects, remainder and constant to a logit; NaN where they do not add


def with_maps(layers: Sequence[Layer]) -> list[Layer]:
    """Those whose units are grouped."""
    return [layer for layer in layers if layer.has_maps and layer.has_units]


def windows(layer: Layer) -> tuple[int, int]:
    """Along y and x, how many places of a layer's map are one of its pooled map."""
    y, x, _ = layer.shape
    return -(-y // SIDE), -(-x // SIDE)


def pooled(maps: Float[Array, "sample y x unit"]) -> Float[Array, "sample place unit"]:
    """Means of windows, the last of which may be smaller; of what is positive."""
    _, y, x, width = maps.shape
    down, across = (_means(size) for size in (y, x))
    means = jnp.einsum("sxyu,ax,by->sabu", jnp.maximum(maps, 0), down, across)
    return means.reshape(len(maps), -1, width)


def places(
    classifier: LayeredClassifier,
    layer: Layer,
    images: UInt8[np.ndarray, "sample y x channel"],
    most: int,
    *,
    seed: int,
) -> Float[np.ndarray, "place unit"]:
    """Some places of the pooled maps of a layer, at most `most`, evenly many of each image."""
    most = min(most, LARGEST // layer.shape[-1])
    each = max(1, most // len(images))
    rng = np.random.default_rng(seed)
    found = []
    for begin in range(0, len(images), BATCH):
        some = images[begin : begin + BATCH]
        maps = in_batches(partial(_pooled, name=layer.name), classifier, some, size=BATCH, progress=SILENT)
        order = rng.random(maps.shape[:2]).argsort(axis=1)[:, :each]
        found.append(np.take_along_axis(maps, order[:, :, None], axis=1).reshape(-1, maps.shape[-1]))
    return np.concatenate(found)[:most]


def answered(
    classifier: LayeredClassifier,
    units: dict[str, Float[np.ndarray, "group unit"]],
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> dict[str, Answered]:
    """Of the layers that `units` names, in one pass."""
    groups = {name: jnp.asarray(each) for name, each in units.items()}
    found = in_batches(partial(_answered, units=groups), classifier, images, size=BATCH, progress=progress)
    return {name: Answered(*found[name]) for name in units}


def group_fidelity(
    classifier: LayeredClassifier,
    layer: Layer,
    units: Float[np.ndarray, "group unit"],
    components: PCA,
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> GroupFidelity:
    """Asked at every place of the map, not only at those that are pooled."""
    function = partial(
        _kept,
        layer=layer.name,
        units=jnp.asarray(units),
        mean=jnp.asarray(components.mean_, jnp.float32),
        rows=jnp.asarray(components.components_, jnp.float32),
    )
    found = in_batches(function, classifier, images, size=BATCH, progress=progress)
    said, off, all_of_it, same, same_of_components, change, distance = found
    return GroupFidelity(
        said,
        float(np.sqrt(off.sum(dtype=np.float64) / max(all_of_it.sum(dtype=np.float64), 1e-30))),
        same,
        same_of_components,
        change.transpose(1, 0, 2),
        float(np.nanmax(distance)) if is_linear(classifier, layer) else float("nan"),
    )


def is_linear(classifier: LayeredClassifier, layer: Layer) -> bool:
    """Whether only a mean over places and a linear layer follow: f(V) = mean(V) A + b."""
    at = classifier.layers.index(layer.name)
    behind = list(classifier.blocks)[at + 1 :]
    return layer.has_maps and len(behind) == 1 and isinstance(behind[0], GlobalMean)


def effects(
    classifier: LayeredClassifier, units: Float[np.ndarray, "group unit"]
) -> Float[np.ndarray, "group logit"]:
    """H A: what a mean answer of one adds to each logit, where `is_linear` holds."""
    return np.asarray(units, np.float32) @ np.asarray(classifier.dense.kernel[...])


def _means(size: int) -> Float[np.ndarray, "pooled place"]:
    window = -(-size // SIDE)
    found = np.zeros((-(-size // window), size), np.float32)
    for place, row in enumerate(found):
        row[place * window : (place + 1) * window] = 1
    return found / found.sum(axis=1, keepdims=True)


@partial(jax.jit, static_argnames="name")
def _pooled(classifier: LayeredClassifier, images: UInt8[Array, "sample y x channel"], *, name: str) -> Array:
    return pooled(classifier.activations(unit(images), name))


@jax.jit
def _answered(
    classifier: LayeredClassifier,
    images: UInt8[Array, "sample y x channel"],
    *,
    units: dict[str, Array],
) -> dict[str, tuple[Array, Array, Array]]:
    found = {}
    for name, output in classifier.outputs(unit(images)):
        if name in units:
            said = answers(pooled(output), units[name])
            found[name] = said.mean(axis=1), said.max(axis=1), said.argmax(axis=1).astype(jnp.int32)
    return found


@partial(jax.jit, static_argnames="layer")
def _kept(
    classifier: LayeredClassifier,
    images: UInt8[Array, "sample y x channel"],
    *,
    layer: str,
    units: Array,
    mean: Array,
    rows: Array,
) -> tuple[Array, ...]:
    output = classifier.activations(unit(images), layer)
    positive = jnp.maximum(output, 0)
    said = answers(positive, units)
    parts = jnp.matmul(said, units, precision=lax.Precision.HIGHEST)
    code = jnp.matmul(positive - mean, rows.T, precision=lax.Precision.HIGHEST)
    principal = jnp.matmul(code, rows, precision=lax.Precision.HIGHEST) + mean
    logits = classifier.logits_from(output, layer)
    as_was = logits.argmax(axis=1)

    def stays(maps: Array) -> Array:
        return classifier.logits_from(maps, layer).argmax(axis=1) == as_was

    def without(group: Array) -> Array:
        own = lax.dynamic_index_in_dim(said, group, -1) * units[group]
        return classifier.logits_from(output - own, layer) - logits

    change = lax.map(without, jnp.arange(len(units)))
    kernel = classifier.dense.kernel[...]
    rest = (output - parts).mean(axis=(1, 2))
    if rest.shape[1] == kernel.shape[0]:
        by_group = said.mean(axis=(1, 2)) @ (units @ kernel)
        distance = jnp.abs(by_group + classifier.head(rest) - logits).max(axis=1)
    else:
        distance = jnp.full(len(logits), jnp.nan)
    off, all_of_it = (jnp.square(each).sum(axis=(1, 2, 3)) for each in (positive - parts, positive))
    return as_was, off, all_of_it, stays(parts), stays(principal), change.swapaxes(0, 1), distance
