"""Preconditioned nonlinear conjugate gradients. Source: Polak and Ribière (1969), with restarts."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students import line_search
from deepvid.students.problem import Problem, Solution, along, dot, gradient, logits

Preconditioner = Callable[[Solution], Solution]


class State(NamedTuple):
    """Where the descent is and where it goes next."""

    point: Solution
    logits: Float[Array, "class neighbor"]
    student: Float[Array, "class neighbor"]  # their softmax
    gradient: Solution
    conditioned: Solution
    direction: Solution
    step: Int[Array, ""]


def descend(
    problem: Problem,
    start: Solution,
    start_logits: Float[Array, "class neighbor"],
    precondition: Preconditioner,
    *,
    steps: int,
    tolerance: float,
) -> State:
    """Descends for at most `steps`, or until the gap to the minimum is about `tolerance` of the penalty.

    With P the preconditioner, <g, P^-1 g> / 2 is the gap of a parabola whose Hessian is P. The objective is
    l2-strongly convex, so a gap of `tolerance` penalties leaves the weights a relative squared distance of
    `tolerance` from the optimum's.
    """

    def unfinished(state: State) -> Array:
        gap = dot(state.gradient, state.conditioned)
        penalty = problem.l2 * jnp.vdot(state.point.weights, state.point.weights)
        return (state.step < steps) & (gap > tolerance * penalty)

    return jax.lax.while_loop(
        unfinished,
        lambda state: _step(problem, precondition, state),
        _initial(problem, start, start_logits, precondition),
    )


def _initial(
    problem: Problem,
    start: Solution,
    start_logits: Float[Array, "class neighbor"],
    precondition: Preconditioner,
) -> State:
    student = jax.nn.softmax(start_logits, axis=0)
    slope = gradient(problem, start, student)
    conditioned = precondition(slope)
    step = jnp.zeros((), jnp.int32)
    return State(start, start_logits, student, slope, conditioned, _negative(conditioned), step)


def _step(problem: Problem, precondition: Preconditioner, state: State) -> State:
    direction = state.direction
    change = logits(problem, direction)
    found = line_search.minimize(
        line_search.Ray(
            state.logits,
            state.student,
            change,
            problem.weight,
            slope=problem.l2 * jnp.vdot(state.point.weights, direction.weights)
            - problem.weight @ jnp.sum(problem.target * change, axis=0),
            curvature=problem.l2 * jnp.vdot(direction.weights, direction.weights),
        )
    )
    point = along(state.point, found.step, direction)
    slope = gradient(problem, point, found.student)
    conditioned = precondition(slope)
    ahead = _next_direction(state, slope, conditioned)
    moved = state.logits + found.step * change
    return State(point, moved, found.student, slope, conditioned, ahead, state.step + 1)


def _next_direction(state: State, slope: Solution, conditioned: Solution) -> Solution:
    turned = dot(slope, conditioned) - dot(slope, state.conditioned)
    momentum = jnp.maximum(turned, 0) / jnp.maximum(dot(state.gradient, state.conditioned), 1e-30)
    ahead = along(_negative(conditioned), momentum, state.direction)
    descends = dot(ahead, slope) < 0
    return jax.tree.map(lambda a, z: jnp.where(descends, a, -z), ahead, conditioned)


def _negative(direction: Solution) -> Solution:
    return jax.tree.map(jnp.negative, direction)
