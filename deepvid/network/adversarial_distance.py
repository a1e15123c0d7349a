"""How far an image is from another answer: the shortest change found that flips what the teacher says.

With f what the best other class has more than the answer, steps u ← u + min(−1.02 f, ε) ∇f / ‖∇f‖² lead over
the boundary, and bisection between the image and there finds where the answer changes.

Source: DeepFool, Moosavi-Dezfooli, Fawzi and Frossard (2016), arXiv 1511.04599, with the best other class of
each step and steps of at most ε, for a full step misses how the slope turns. No proof that nothing is nearer.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, UInt8

from deepvid.config import names
from deepvid.cores import PATIENT, map_shared
from deepvid.network.spaces import Latents, Space, clipped, length, slope, space_of, stretched
from deepvid.progress import SILENT, Progress
from deepvid.students.teachers import Teacher
from deepvid.training.batches import unit

STEPS = 25
LEAP = 0.5  # ε in logits at least; of a large margin as much as STEPS need
BEYOND = 0.02  # overshoot, as published
LEAST = 1e-4  # logits that a step is meant to go at least
HALVINGS = 10
TOGETHER = 16  # images that one step is computed for
REPORTED_EVERY = 64  # images between two reports
FLAT = 1e-12  # ‖∇f‖² that counts as zero


class AdversarialDistances(NamedTuple):
    """Where answers change."""

    distance: Float[np.ndarray, " sample"]  # ‖u‖: pixels in units of [0, 1], latents in their deviations
    flipped: Int[np.ndarray, " sample"]  # the class there; -1 of images that were not flipped, at nan


def adversarial_distances(
    teacher: Teacher,
    latents: Latents | None,
    space: names.Space,
    images: UInt8[np.ndarray, "sample y x channel"],
    *,
    progress: Progress = SILENT,
) -> AdversarialDistances:
    """One after another, where those with alike margins stand together: each batch waits for its slowest."""
    if not len(images):
        return AdversarialDistances(np.zeros(0, np.float32), np.zeros(0, np.int32))
    found = []
    for begin in range(0, len(images), REPORTED_EVERY):
        progress.update(begin, len(images), f"distance to flip in {names.SPACES[space]}")
        some = images[begin : begin + REPORTED_EVERY]
        filled = np.concatenate([some, np.repeat(some[:1], -len(some) % TOGETHER, axis=0)])
        few = filled.reshape(-1, TOGETHER, *images.shape[1:])
        distance, flipped = map(np.asarray, _distances(teacher, latents, few, space))
        found.append((distance.reshape(-1)[: len(some)], flipped.reshape(-1)[: len(some)]))
    progress.update(len(images), len(images), f"distance to flip in {names.SPACES[space]}")
    return AdversarialDistances(*(np.concatenate(part) for part in zip(*found, strict=True)))


def adversarial_distance(
    teacher: Teacher,
    latents: Latents | None,
    space: names.Space,
    images: Float[Array, "sample y x channel"],
) -> tuple[Float[Array, " sample"], Int[Array, " sample"]]:
    """Distance (nan) and class (-1 where it does not flip) of float images, for JAX to trace."""
    where = space_of(space, images, latents)
    answer = teacher.logits(images).argmax(axis=1)
    beyond = partial(excess, teacher, answer)
    leap = jnp.maximum(LEAP, -beyond(images) / (STEPS - 5))

    def walks(state: tuple[Array, Array, Array]) -> Array:
        _, step, over = state
        return (step < STEPS) & ~over.all()

    def walk(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        u, step, _ = state
        value, gradient = slope(where, u, beyond)
        over = value > 0
        wanted = jnp.minimum(LEAST - (1 + BEYOND) * value, leap)
        by = stretched(wanted / jnp.maximum(length(gradient) ** 2, FLAT), u)
        return jnp.where(stretched(over, u), u, where.project(u + by * gradient)), step + 1, over

    nowhere = jnp.zeros(len(images), bool)
    u, _, _ = lax.while_loop(walks, walk, (where.start, jnp.zeros((), int), nowhere))
    u = stretched(crossing(where, u, beyond), u) * u
    answered = teacher.logits(clipped(where, u)).argmax(axis=1)
    flipped = answered != answer
    return jnp.where(flipped, length(u), jnp.nan), jnp.where(flipped, answered, -1)


def crossing(where: Space, u: Array, beyond: Any) -> Float[Array, " sample"]:
    """The share of the way to u at which the answer is another, to 1/1000."""

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2
        over = beyond(clipped(where, stretched(middle, u) * u)) > 0
        return jnp.where(over, low, middle), jnp.where(over, middle, high)

    return lax.fori_loop(0, HALVINGS, halve, (jnp.zeros(len(u)), jnp.ones(len(u))))[1]


def excess(teacher: Teacher, answer: Int[Array, " sample"], images: Array) -> Float[Array, " sample"]:
    """f: the logit of the best other class less that of the answer."""
    logits = teacher.logits(images)
    own = jax.nn.one_hot(answer, logits.shape[1], dtype=bool)
    return jnp.where(own, -jnp.inf, logits).max(axis=1) - jnp.where(own, logits, 0).sum(axis=1)


@partial(jax.jit, static_argnames="space", compiler_options=PATIENT)
def _distances(teacher: Any, latents: Any, few: Array, space: names.Space) -> tuple[Array, Array]:
    return map_shared(lambda some: adversarial_distance(teacher, latents, space, unit(some)), few)
