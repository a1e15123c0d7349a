"""Pictures that a unit answers as strongly as a picture can be made to: activation maximization.

The response a(x) of a unit is its largest over the places of the image x. In pixels, m the mean training
image, x ← x + η_t √n ∂a/∂x / ‖∂a/∂x‖, kept in [0, 1], n numbers a picture, from m and noise; then five
switches may hold d = x − m back: decay d ← (1 − θ) d; d blurred every few steps; and d ← 0 where |d|, the
norm of d over the channels of a pixel, or what a pixel contributes, |Σ_c d ∂a/∂x|, is among the smallest.
In the latents of an autoencoder x = decode(σu), and u stays where images are: ‖u‖² ≤ the number of latents.
The best of the second half of the way is kept.

Source: Yosinski et al. (2015), "Understanding neural networks through deep visualization"; the fifth switch,
small values, is of their DeepVis toolbox.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, UInt8

from deepvid.models import LayeredClassifier
from deepvid.network.ablation import work_of
from deepvid.network.layers import PIXELS, outputs
from deepvid.network.spaces import Latents, stretched
from deepvid.network.switches import NONE, Switches
from deepvid.progress import SILENT, Progress
from deepvid.students.prior import cosines
from deepvid.training.batches import unit

STEPS = 60
STRETCH = 10  # steps between two reports
STRIDE = {"pixel": 0.06, "latent": 0.25}  # η_0 a number of x, of u; it falls evenly to zero
STARTS = 64
NOISE = 0.02, 0.5  # of the first start in pixels, and of the last
BLURRED = 4  # steps from one blurring to the next
TOGETHER = 32  # units of a batch
AVERAGED = 1000  # training images
RANK = 9  # of the image whose response is the measure
FLAT = 1e-12


class MaximizedPictures(NamedTuple):
    """A picture for each unit; where no start moves the unit, it is the start."""

    picture: UInt8[np.ndarray, "unit y x channel"]
    response: Float[np.ndarray, " unit"]  # to the picture as it is stored, rounded


def maximized(
    classifier: LayeredClassifier,
    layer: str,
    units: Int[np.ndarray, " unit"],
    middle: Float[np.ndarray, "y x channel"],
    switches: Switches = NONE,
    *,
    seed: int,
    progress: Progress = SILENT,
) -> MaximizedPictures:
    """In pixels, around the mean training image `middle`, in [0, 1]. `layer` may be that of the logits."""
    random = np.random.default_rng(seed)
    loud = np.geomspace(*NOISE, STARTS)[:, None, None, None]
    starts = np.clip(middle + loud * random.normal(size=(STARTS, *middle.shape)), 0, 1).astype(np.float32)
    first = (_to_starts(classifier, starts, layer, units) > 0).argmax(axis=0)  # the quietest it answers
    held = jax.tree.map(jnp.float32, switches)

    def walk(way: _Way, some: Array, number: int) -> _Way:
        return _in_pixels(classifier, way, some, number, jnp.asarray(middle), held, layer=layer)

    def answer(x: Array, some: Array) -> Any:
        return _answered(classifier, x, some, layer=layer)

    return _climbed(layer, units, starts[first], walk, answer, progress)


def maximized_latent(
    classifier: LayeredClassifier,
    layer: str,
    units: Int[np.ndarray, " unit"],
    latents: Latents,
    *,
    seed: int,
    progress: Progress = SILENT,
) -> MaximizedPictures:
    """In the latents of an autoencoder, from what it decodes at random."""
    size = len(latents.scale)
    starts = np.random.default_rng(seed).normal(size=(STARTS, size)).astype(np.float32)
    starts = np.asarray(_within(jnp.asarray(starts)))

    def walk(way: _Way, some: Array, number: int) -> _Way:
        return _in_latents(classifier, latents, way, some, number, layer=layer)

    def answer(u: Array, some: Array) -> Any:
        return _answered(classifier, _decoded(latents, u), some, layer=layer)

    first = _to_starts(classifier, _decoded(latents, starts), layer, units).argmax(axis=0)
    return _climbed(layer, units, starts[first], walk, answer, progress)


def work_to(classifier: LayeredClassifier, layer: str) -> float:
    """About the multiplications of one picture in one space: each step goes there and back."""
    return 3 * STEPS * (work_of(classifier, PIXELS) - work_of(classifier, layer))


def averaged(training: Int[np.ndarray, " training"]) -> Int[np.ndarray, " some"]:
    """Which of the training images the mean image is of: some that lie evenly."""
    count = min(AVERAGED, len(training))
    return training[np.linspace(0, len(training) - 1, count).astype(np.intp)]


def ninth(largest: Float[np.ndarray, "sample unit"]) -> Float[np.ndarray, " unit"]:
    """The ninth largest response of each unit, of fewer images the smallest; NaN where it is not positive."""
    rank = min(RANK, len(largest))
    found = np.partition(largest, -rank, axis=0)[-rank].astype(np.float64)
    return np.asarray(np.where(found > 0, found, np.nan), np.float32)


def _to_starts(classifier: Any, pictures: Any, layer: str, units: np.ndarray) -> np.ndarray:
    """f32 (start, unit)."""
    return np.asarray(_all_responses(classifier, jnp.asarray(pictures), layer=layer))[:, units]


class _Way(NamedTuple):
    """How far some units have come, in the coordinates of their space."""

    x: Array  # (unit, ...)
    best: Array  # (unit, ...): where each has answered most so far
    most: Array  # (unit,): that response


def _climbed(
    layer: str,
    units: np.ndarray,
    start: np.ndarray,
    walk: Callable[[_Way, Array, int], _Way],
    answer: Callable[[Array, Array], Any],
    progress: Progress,
) -> MaximizedPictures:
    """So many units at once, each from its `start`; a few steps between two reports."""
    size = min(TOGETHER, len(units))
    found = []
    for begin in range(0, len(units), size):
        rows = np.arange(begin, begin + size)
        rows = np.where(rows < len(units), rows, begin)  # the last batch is filled up
        some, x = jnp.asarray(units[rows]), jnp.asarray(start[rows])
        way = _Way(x, x, jnp.full(size, -jnp.inf))
        for number in range(0, STEPS, STRETCH):
            progress.update(begin + size * number / STEPS, len(units), f"maximizing the units of {layer}")
            way = jax.block_until_ready(walk(way, some, number))
        found.append(map(np.asarray, answer(way.best, some)))
    parts = (np.concatenate(part)[: len(units)] for part in zip(*found, strict=True))
    return MaximizedPictures(*parts)


@partial(jax.jit, static_argnames="layer")
def _all_responses(classifier: Any, images: Array, *, layer: str) -> Float[Array, "sample unit"]:
    output = outputs(classifier, images)[layer]
    return output.reshape(len(output), -1, output.shape[-1]).max(axis=1)


def _responses(classifier: Any, images: Array, units: Array, layer: str) -> Float[Array, " unit"]:
    """Of one unit to one image each."""
    output = outputs(classifier, images)[layer]
    places = output.reshape(len(output), -1, output.shape[-1])
    return jnp.take_along_axis(places, units[:, None, None], axis=2).max(axis=(1, 2))


@partial(jax.jit, static_argnames="layer")
def _in_pixels(
    classifier: Any, way: _Way, units: Array, number: Array, middle: Array, held: Switches, *, layer: str
) -> _Way:
    blur = _blurring(middle.shape[0], held.blur), _blurring(middle.shape[1], held.blur)

    def step(x: Array, slope: Array, number: Array) -> Array:
        d = (1 - held.decay) * (x + _rate("pixel", number) * _even(slope) - middle)
        soft = jnp.einsum("ij,ujkc,lk->uilc", blur[0], d, blur[1])
        d = jnp.where(number % BLURRED == 0, soft, d)
        d = d * _kept(jnp.abs(d), held.values)
        d = d * _kept(jnp.sqrt((d**2).sum(axis=-1, keepdims=True)), held.norms)
        d = d * _kept(jnp.abs((d * slope).sum(axis=-1, keepdims=True)), held.contributions)
        return jnp.clip(middle + d, 0, 1)

    return _further(way, lambda x: _responses(classifier, x, units, layer), step, number)


@partial(jax.jit, static_argnames="layer")
def _in_latents(
    classifier: Any, latents: Latents, way: _Way, units: Array, number: Array, *, layer: str
) -> _Way:
    def step(u: Array, slope: Array, number: Array) -> Array:
        return _within(u + _rate("latent", number) * _even(slope))

    def response(u: Array) -> Array:
        return _responses(classifier, _picture(latents, u), units, layer)

    return _further(way, response, step, number)


def _further(
    way: _Way, response: Callable[[Array], Array], step: Callable[[Array, Array, Array], Array], first: Array
) -> _Way:
    """A stretch of the way from step `first` on."""

    def walk(way: _Way, number: Array) -> tuple[_Way, None]:
        x, best, most = way
        value, back = jax.vjp(response, x)
        better = (value > most) & (number >= STEPS // 2) & (number % BLURRED == 1)  # just blurred
        best, most = jnp.where(stretched(better, x), x, best), jnp.where(better, value, most)
        return _Way(step(x, back(jnp.ones_like(value))[0], number), best, most), None

    return lax.scan(walk, way, first + jnp.arange(STRETCH))[0]


@partial(jax.jit, static_argnames="layer")
def _answered(classifier: Any, x: Array, units: Array, *, layer: str) -> tuple[Array, Array]:
    stored = jnp.rint(255 * jnp.clip(x, 0, 1)).astype(jnp.uint8)
    return stored, _responses(classifier, unit(stored), units, layer)


@jax.jit
def _decoded(latents: Latents, u: Array) -> Array:
    return _picture(latents, u)


def _picture(latents: Latents, u: Array) -> Array:
    return latents.vae.decode(jnp.asarray(latents.scale) * u)


def _within(u: Float[Array, "unit latent"]) -> Float[Array, "unit latent"]:
    """The nearest in the ball of the radius that standardized latents have on average."""
    length = jnp.sqrt((u**2).sum(axis=1, keepdims=True))
    return u * jnp.minimum(1, np.sqrt(u.shape[1]) / jnp.maximum(length, FLAT))


def _rate(space: str, number: Array) -> Array:
    return STRIDE[space] * (1 - number / STEPS)


def _even(slope: Array) -> Array:
    """Of length √n; 0 where a unit is not moved by anything."""
    axes = tuple(range(1, slope.ndim))
    size = jnp.sqrt((slope**2).mean(axis=axes))
    return slope * stretched(jnp.where(size > FLAT, 1 / jnp.maximum(size, FLAT), 0), slope)


def _kept(size: Array, share: Array | float) -> Array:
    """Which are not among the smallest `share` of a picture; all of them where that is 0."""
    least = jnp.quantile(size.reshape(len(size), -1), share, axis=1)
    return size >= stretched(least, size)


def _blurring(size: int, deviation: Array | float) -> Float[Array, "size size"]:
    """Cᵀ diag(exp(−σ² λ / 2)) C: heat that spreads on a path with free ends, whose kernel is Gaussian."""
    vectors, values = cosines(size)
    return (vectors.T * jnp.exp(-(deviation**2) * values / 2)) @ vectors
