"""An optimizer's way to a student, step by step, beside the optimum that the exact solver finds.

What is measured at each step: the objective f, the loss Σᵢ wᵢ KL(yᵢ ‖ pᵢ) on the neighbors that are fitted
and on those that are held out, with the labels y at the fit's temperature as the objective has them, and the
share of held-out neighbors whose commonest class is the teacher's. L1 and total variation come after these
steps (`proximal.py`) and are left out.
"""

from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from deepvid.config import names
from deepvid.errors import ConfigError
from deepvid.progress import SILENT, Progress
from deepvid.students import descent, exact
from deepvid.students.decoding import Plan, Values
from deepvid.students.fitting import posed
from deepvid.students.listed import joined, listed, rows_of
from deepvid.students.prior import ANCHORS
from deepvid.students.problem import Problem, Solution, centered, logits, objective, refined
from deepvid.students.teacher_oracle import Neighborhood

POINTS = 200  # of the curve beside its start; of more steps every second, third, ... is measured
MOST_STEPS = 20_000


class Measured(NamedTuple):
    """A student on the way, or the best one."""

    objective: Float[Any, "*point"]  # nats
    fitted: Float[Any, "*point"]  # loss, nats
    held_out: Float[Any, "*point"]  # loss, nats
    agreement: Float[Any, "*point"]  # on the held-out neighbors, 0 to 1


class Curve(NamedTuple):
    """An optimizer's way; it ends before its last step where a number is no longer finite."""

    step: Int[np.ndarray, " point"]  # each sees every fitted neighbor once: an epoch; 0 is the start
    measured: Measured
    optimum: Measured
    floor: float  # agreement of guessing the class that is commonest among the held-out neighbors
    held_out: int


class _Course(NamedTuple):
    """The neighbors that are fitted, and those that are held out."""

    problem: Problem
    exam: Problem


def curve(around: Neighborhood, values: Values, plan: Plan, *, progress: Progress = SILENT) -> Curve:
    """The way of the plan's optimizer with its steps, of the smoothest fit of these settings.

    Raises ConfigError for the exact solver, which has no steps to show, and for too many steps.
    """
    optimizer, steps = plan.method.solver, int(values.strengths.steps)
    if optimizer == "exact":
        raise ConfigError(
            "A curve needs an optimizer that takes steps", "exact, which takes none", "Choose another"
        )
    if steps > MOST_STEPS:
        raise ConfigError(f"A curve has at most {MOST_STEPS:,} steps", f"{steps:,}", "Ask for fewer")
    course = _course(around, values, plan.anchor)
    rate = values.strengths.learning_rate
    stride = -(-steps // POINTS)
    numbers = [*range(0, steps, stride), steps]
    state = descent.start(course.problem, optimizer, rate)
    found = [_measured(course, state.point)]
    for before, number in pairwise(numbers):
        progress.update(before, steps, f"step {before:,} of {steps:,}")
        state = _advance(course, optimizer, rate, state, jnp.int32(number - before))
        found.append(_measured(course, state.point))
        if not np.isfinite(found[-1]).all():
            found.pop()
            break
    progress.update(steps, steps, "the optimum")
    teacher = np.asarray(course.exam.target).argmax(axis=0)
    return Curve(
        np.array(numbers[: len(found)]),
        Measured(*np.array(found, np.float32).T),
        Measured(*np.asarray(_optimum(course), np.float32)),
        float(np.bincount(teacher).max() / len(teacher)),
        len(teacher),
    )


@partial(jax.jit, static_argnames="anchor")
def _course(around: Neighborhood, values: Values, anchor: names.Anchor) -> _Course:
    """As `chain.py` poses the fit."""
    fitted, strengths = len(around.weight), values.strengths
    labels, classes = around.labels, around.labels.shape[1]
    own = listed(labels[:fitted], around.weight, around.classes, strengths.temperature)
    row = jnp.arange(classes) if own is None else own.row
    if own is not None:
        every = jnp.full(len(labels), 1 / len(labels))
        labels = joined(labels, every, own, strengths.temperature).logits
    start = ANCHORS[anchor](around.jacobian, row[around.classes], rows_of(classes))
    origin = start.reshape(len(start), -1) / strengths.temperature
    y, x, channel = around.image.shape
    pixels = around.neighbors.reshape(len(around.neighbors), -1)
    pixels = pixels - around.weight @ pixels[:fitted]

    def pose(part: slice, weight: Float[Array, " neighbor"]) -> Problem:
        smoothness = values.smoothness.max()
        return posed(pixels[part], labels[part], weight, origin, smoothness, strengths, (y, x, channel))

    held_out = len(pixels) - fitted
    return _Course(
        pose(slice(fitted), around.weight),
        pose(slice(fitted, None), jnp.full(held_out, 1 / held_out)),
    )


@jax.jit
def _measured(course: _Course, point: Solution) -> Measured:
    scores = logits(course.exam, point)
    equal = jnp.argmax(scores, axis=0) == jnp.argmax(course.exam.target, axis=0)
    return Measured(
        objective(course.problem, point),
        _loss(course.problem, logits(course.problem, point)),
        _loss(course.exam, scores),
        jnp.mean(equal),
    )


def _loss(problem: Problem, scores: Float[Array, "class neighbor"]) -> Float[Array, ""]:
    """Σᵢ wᵢ KL(yᵢ ‖ softmax(sᵢ))."""
    lacking = jnp.log(problem.target) - jax.nn.log_softmax(scores, axis=0)
    return problem.weight @ jnp.sum(problem.target * lacking, axis=0)


@partial(jax.jit, static_argnames="optimizer")
def _advance(
    course: _Course,
    optimizer: names.Optimizer,
    rate: Float[Array, ""],
    state: descent.State,
    steps: Int[Array, ""],
) -> descent.State:
    return descent.advance(course.problem, optimizer, rate, state, steps)


@jax.jit
def _optimum(course: _Course) -> Measured:
    best = refined(course.problem, centered(exact.solve(course.problem)))
    return _measured(course, best.point)
