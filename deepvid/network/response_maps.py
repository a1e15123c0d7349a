"""Where in an image every unit answers: its map, pooled to few places, a byte each.

    value = low + step byte

with `low` the smallest value of a unit, or 0 where it is never negative, so that no answer stays none.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt8

from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer, outputs
from deepvid.progress import SILENT, Progress
from deepvid.training.batches import in_batches, unit

ACROSS = 7  # places of a side, at most
PLACES = ACROSS**2
LEVELS = 255
BATCH = 200


class Coded(NamedTuple):
    """Maps of many images in bytes."""

    byte: UInt8[np.ndarray, "sample place unit"]
    low: Float[np.ndarray, " unit"]
    step: Float[np.ndarray, " unit"]  # 0 of a unit that gives the same everywhere
    deviation: Float[np.ndarray, " unit"]  # between images at a place: root mean square over places


def grid(layer: Layer) -> tuple[int, int]:
    """Places (y, x) of the maps that are kept of a layer that has some."""
    height, width, _ = layer.shape
    return min(ACROSS, height), min(ACROSS, width)


def response_maps(
    classifier: LayeredClassifier,
    kept: Sequence[tuple[Layer, Int[np.ndarray, " unit"]]],
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> Float[np.ndarray, "sample place unit"]:
    """The maps of some units of each layer, float16, layer after layer and row by row.

    A place is the mean of what lies in it. Places that a layer has not, and layers without maps, are 0.
    """
    names, units = tuple(layer.name for layer, _ in kept), [np.asarray(one) for _, one in kept]
    grids = tuple(grid(layer) if layer.has_maps else None for layer, _ in kept)
    function = partial(_maps, units=units, names=names, grids=grids)
    found: np.ndarray = in_batches(function, classifier, images, size=BATCH, progress=progress)
    return found


def coded(maps: Float[np.ndarray, "sample place unit"]) -> Coded:
    """In bytes: each value is at most half a step off."""
    low = np.minimum(maps.min(axis=(0, 1)), 0).astype(np.float32)
    step = (maps.max(axis=(0, 1)).astype(np.float32) - low) / LEVELS
    byte = np.empty(maps.shape, np.uint8)
    total, squared = (np.zeros(maps.shape[1:]) for _ in range(2))
    for number, one in enumerate(maps):  # one by one: all of them in float32 would be as much again, twice
        values = one.astype(np.float32)
        byte[number] = np.rint(np.divide(values - low, step, out=np.zeros_like(values), where=step > 0))
        total += values
        squared += np.square(values, dtype=np.float64)
    variance = np.maximum(squared / len(maps) - (total / len(maps)) ** 2, 0)
    return Coded(byte, low, step, np.sqrt(variance.mean(axis=0)).astype(np.float32))


def pooling(size: int, places: int) -> Float[np.ndarray, "place position"]:
    """Weights of the positions along one axis in each place: those that lie in it, in their shares."""
    position = np.arange(size)
    begin, end = (np.arange(places)[:, None] + at for at in (0, 1))
    overlap = np.minimum((position + 1) * places / size, end) - np.maximum(position * places / size, begin)
    return np.maximum(overlap, 0).astype(np.float32)


@partial(jax.jit, static_argnames=("names", "grids"))
def _maps(
    classifier: LayeredClassifier,
    images: UInt8[Array, "sample y x channel"],
    *,
    units: Sequence[Array],
    names: tuple[str, ...],
    grids: tuple[tuple[int, int] | None, ...],
) -> Array:
    found: Mapping[str, Array] = outputs(classifier, unit(images))
    parts = [_pooled(found[name], one, shape) for name, one, shape in zip(names, units, grids, strict=True)]
    largest = float(jnp.finfo(jnp.float16).max)
    return jnp.clip(jnp.concatenate(parts, axis=2), -largest, largest).astype(jnp.float16)


def _pooled(output: Array, units: Array, shape: tuple[int, int] | None) -> Array:
    """(sample, place, unit)"""
    if shape is None:
        return jnp.zeros((len(output), PLACES, len(units)))
    down, across = (pooling(size, places) for size, places in zip(output.shape[1:3], shape, strict=True))
    maps = jnp.einsum("ai,bj,nijc->nabc", down, across, output[..., units]).reshape(
        len(output), -1, len(units)
    )
    return jnp.pad(maps, ((0, 0), (0, PLACES - maps.shape[1]), (0, 0)))
