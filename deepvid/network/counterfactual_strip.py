"""Strips: frames from an image towards another class, each as much evidence further, that change its mind.

Evidence is e = logit[target] − logit[answer]. The way is the steepest in the coordinates of a space,
u ← u + δ ∇e / ‖∇e‖², and frame k stands where e is e₀ + k (e₇ − e₀) / 7, found by bisection.

Source: the adversarial strips of Deepling (section 3.1), with even evidence in the place of even steps.
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
from deepvid.students.teachers import Teacher
from deepvid.training.batches import unit

FRAMES = 8  # the image itself among them
BEYOND = 2.0  # logits by which the target leads in the last frame: 88 to 12 %, of these two
LEAST = 2.0  # logits between the first frame and the last, where the target leads already
AWAY = -1  # in the place of a target: whichever other class is best
WALKED = 24  # steps to the next frame, at most
HALVINGS = 6
TOGETHER = 4  # images that one step is computed for
FLAT = 1e-12


class CounterfactualStrip(NamedTuple):
    """The frames of some images; in the last ones evidence may not grow any more."""

    picture: Float[np.ndarray, "sample frame y x channel"]  # in [0, 1]
    logits: Float[np.ndarray, "sample frame class"]


def counterfactual_strips(
    teacher: Teacher,
    latents: Latents | None,
    space: names.Space,
    images: UInt8[np.ndarray, "sample y x channel"],
    target: Int[np.ndarray, " sample"],
) -> CounterfactualStrip:
    """Of each image towards its target class; `AWAY` leads away from its answer."""
    together = min(TOGETHER, len(images))
    over = -len(images) % together
    filled = np.concatenate([images, np.repeat(images[:1], over, axis=0)])
    aims = np.concatenate([target, np.repeat(target[:1], over)]).astype(np.int32)
    few = filled.reshape(-1, together, *images.shape[1:]), aims.reshape(-1, together)
    found = [np.asarray(part) for part in _strips(teacher, latents, *few, space)]
    return CounterfactualStrip(*(part.reshape(-1, *part.shape[2:])[: len(images)] for part in found))


def counterfactual_strip(
    teacher: Teacher,
    latents: Latents | None,
    space: names.Space,
    images: Float[Array, "sample y x channel"],
    target: Int[Array, " sample"],
) -> tuple[Array, Array]:
    """The fields of `CounterfactualStrip` of float images, for JAX to trace."""
    where = space_of(space, images, latents)
    answer = teacher.logits(images).argmax(axis=1)
    evidence = partial(_evidence, teacher, answer, target)
    first = evidence(images)
    last = jnp.maximum(BEYOND, first + LEAST)

    def frame(u: Array, number: Array) -> tuple[Array, tuple[Array, Array]]:
        goal = first + (last - first) * number / (FRAMES - 1)
        there = _reached(where, u, evidence, goal, (last - first) / (FRAMES - 1))
        picture = clipped(where, there)
        return there, (picture, teacher.logits(picture))

    _, frames = lax.scan(frame, where.start, jnp.arange(FRAMES))
    picture, logits = (jnp.swapaxes(part, 0, 1) for part in frames)
    return picture, logits


def evidence_of(logits: Float[Any, "frame class"], answer: int, target: int) -> Float[Any, " frame"]:
    """e of one strip's frames, in NumPy."""
    others = np.delete(logits, answer, axis=1).max(axis=1) if target == AWAY else logits[:, target]
    return np.asarray(others - logits[:, answer])


def _reached(where: Space, u: Array, evidence: Any, goal: Array, apart: Array) -> Array:
    """The place on the steepest way where the evidence is `goal`; the last one where it never is."""

    def walks(state: tuple[Array, Array, Array, Array]) -> Array:
        _, _, step, there = state
        return (step < WALKED) & ~there.all()

    def walk(state: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
        before, now, step, _ = state
        value, gradient = slope(where, now, evidence)
        there = stretched(value >= goal, u)
        wanted = jnp.minimum(1.02 * (goal - value), apart / 2) + 1e-4
        by = stretched(wanted / jnp.maximum(length(gradient) ** 2, FLAT), u)
        further = where.project(now + by * gradient)
        return jnp.where(there, before, now), jnp.where(there, now, further), step + 1, value >= goal

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = (low + high) / 2
        there = stretched(evidence(clipped(where, middle)) >= goal, u)
        return jnp.where(there, low, middle), jnp.where(there, middle, high)

    nowhere = jnp.zeros(len(u), bool)
    before, now, _, _ = lax.while_loop(walks, walk, (u, u, jnp.zeros((), int), nowhere))
    return lax.fori_loop(0, HALVINGS, halve, (before, now))[1]


def _evidence(teacher: Teacher, answer: Array, target: Array, images: Array) -> Float[Array, " sample"]:
    logits = teacher.logits(images)
    own = jax.nn.one_hot(answer, logits.shape[1], dtype=bool)
    asked = jax.nn.one_hot(target, logits.shape[1], dtype=bool)
    aim = jnp.where(stretched(target == AWAY, logits), ~own, asked)
    return jnp.where(aim, logits, -jnp.inf).max(axis=1) - jnp.where(own, logits, 0).sum(axis=1)


@partial(jax.jit, static_argnames="space", compiler_options=PATIENT)
def _strips(teacher: Any, latents: Any, few: Array, target: Array, space: names.Space) -> tuple[Array, Array]:
    size = few.shape[1:]
    # `map_shared` takes one array: the target rides behind the pixels
    rows = jnp.concatenate(
        [unit(few).reshape(len(few), size[0], -1), target[..., None].astype(jnp.float32)], axis=2
    )

    def some(row: Array) -> tuple[Array, Array]:
        return counterfactual_strip(
            teacher, latents, space, row[:, :-1].reshape(size), row[:, -1].astype(jnp.int32)
        )

    if len(rows) == 1:  # a second core would only do the same
        return jax.tree.map(lambda part: part[None], some(rows[0]))
    return map_shared(some, rows)
