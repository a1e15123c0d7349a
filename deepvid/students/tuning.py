"""Students of one image at many settings, in one compiled program: the points of a grid side by side.

All are fitted on the first of the same draws, and examined on the same neighbors, which none has seen.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from deepvid import config
from deepvid.config import names
from deepvid.cores import PATIENT, map_shared
from deepvid.students.fidelity import in_halves, stability
from deepvid.students.fitting import Fit, Method, Strengths, fit, predict
from deepvid.students.listed import listed, rows_of
from deepvid.students.prior import ANCHORS
from deepvid.students.students import plan_of
from deepvid.students.teacher_oracle import Neighborhood

SETTINGS = 4  # numbers of a row before the neighbors' weights
FITS = 3  # of a point: of all neighbors, and of two halves


class Points(NamedTuple):
    """The settings that vary, each with a leading point axis."""

    temperature: Float[Any, " point"]
    l2: Float[Any, " point"]
    l1: Float[Any, " point"]
    smoothness: Float[Any, " point"]
    fitted: Float[Any, " point"]  # neighbors, the first ones; the others weigh nothing


class Exam(NamedTuple):
    """Neighbors that no student is fitted to, and what the teacher says of them."""

    images: Float[Array, "held y x channel"]
    logits: Float[Array, "held class"]


class Outcome(NamedTuple):
    """Answers of each point's student to the exam, and its picture."""

    logits: Float[Array, "point held class"]
    stability: Float[Array, " point"]
    map: Float[Array, "point y x channel"]  # (W_a - W_b) ⊙ (x - x̄) of the classes in question


def points_of(settings: Sequence[config.Students], size: int) -> Points:
    """At most `size` settings as arrays of that many points: the last is repeated."""
    # Calls of one size share a program.
    padded = [*settings, *[settings[-1]] * (size - len(settings))]
    rows = [(s.temperature, s.l2, s.l1, max(s.smoothness), fitted(s)) for s in padded]
    return Points(*np.asarray(rows, np.float32).T)


def fitted(settings: config.Students) -> int:
    """How many neighbors a student is fitted to."""
    plan = plan_of(settings)
    return plan.neighbors - plan.held_out


def exam_of(around: Neighborhood) -> Exam:
    """The neighbors that are held out of these surroundings."""
    first = len(around.weight)
    return Exam(around.neighbors[first:], around.labels[first:])


@partial(jax.jit, static_argnames=("anchor", "method"), compiler_options=PATIENT)
def fit_points(
    around: Neighborhood,
    exam: Exam,
    points: Points,
    strengths: Strengths,
    anchor: names.Anchor,
    method: Method,
) -> Outcome:
    """Three fits a point; `strengths` hold what does not vary. On an accelerator all are fitted at once."""
    count, neighbors = len(points.fitted), len(around.weight)
    images, labels = around.neighbors[:neighbors], around.labels[:neighbors]
    classes = len(around.teacher_logits)
    own = listed(labels, around.weight, around.classes, strengths.temperature)
    row = jnp.arange(classes) if own is None else own.row
    start = ANCHORS[anchor](around.jacobian, row[around.classes], rows_of(classes))
    weight = jax.vmap(lambda fitted: _first(around.weight, fitted))(points.fitted)
    weights = jax.vmap(lambda whole: jnp.concatenate([whole[None], in_halves(whole)]))(weight)
    varied = jnp.repeat(jnp.stack(points[:SETTINGS], axis=1), FITS, axis=0)

    def one(varying: Float[Array, " settings_and_weight"]) -> Fit:
        strong = strengths._replace(temperature=varying[0], l2=varying[1], l1=varying[2])
        return fit(images, labels, varying[SETTINGS:], start, varying[3], strong, method, own)

    every = _spread(one, jnp.concatenate([varied, weights.reshape(-1, neighbors)], axis=1))
    students = jax.tree.map(lambda array: array.reshape(count, FITS, *array.shape[1:]), every)
    whole = jax.tree.map(lambda array: array[:, 0], students)
    pair = row[around.classes[:2]]
    contrast = whole.weights[:, pair[0]] - whole.weights[:, pair[1]]
    return Outcome(
        jax.vmap(lambda student, temperature: predict(student, exam.images, temperature, own))(
            whole, points.temperature
        ),
        jax.vmap(lambda halves: stability(halves, around.image, pair))(students.weights[:, 1:]),
        contrast * (around.image - jnp.tensordot(weight, images, 1)),
    )


def _first(weight: Float[Array, " neighbor"], count: Float[Array, ""]) -> Float[Array, " neighbor"]:
    """The weights of the first `count` neighbors, summing to one."""
    kept = jnp.where(jnp.arange(len(weight)) < count, weight, 0.0)
    return kept / jnp.sum(kept)


def _spread(function: Callable[[Array], Fit], rows: Array) -> Fit:
    """Shared among the cores of a CPU, where one after another is fastest; else all at once."""
    return map_shared(function, rows) if jax.default_backend() == "cpu" else jax.vmap(function)(rows)
