"""Preconditioned nonlinear conjugate gradients. Source: Polak and Ribière (1969), with restarts."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students import line_search
from deepvid.students.problem import Place, Problem, Solution, along, dot, gradient, logits

Preconditioner = Callable[[Solution], Solution]
Change = Float[Array, "class neighbor"]
Correction = Callable[[Place, Solution, Solution, Change], tuple[Solution, Change]]


class State(NamedTuple):
    """Where the descent is, how it came there, and about how far above the minimum it had been before."""

    place: Place
    direction: Solution
    conditioned: Solution  # gradient before that step
    gap: Float[Array, ""]  # as above, twice
    step: Int[Array, ""]


def _as_it_is(
    _place: Place, _slope: Solution, direction: Solution, change: Change
) -> tuple[Solution, Change]:
    return direction, change


def descend(
    problem: Problem,
    start: Place,
    precondition: Preconditioner,
    *,
    steps: int,
    tolerance: float,
    correct: Correction = _as_it_is,
) -> Place:
    """Descends for at most `steps`, the last from where the gap is at most about `tolerance` of the penalty.

    With P the preconditioner, <g, P^-1 g> / 2 is the gap to the minimum of a parabola whose Hessian is P. The
    objective is l2-strongly convex, so a gap of `tolerance` penalties leaves the weights a relative squared
    distance of `tolerance` from the optimum's. The step from there is taken because its direction is
    known, and looking back from its end would cost as much again. `correct` may change a direction and the
    logits' change along it, given place and gradient.
    """

    def unfinished(state: State) -> Array:
        weights = state.place.point.weights
        return (state.step < steps) & (state.gap > tolerance * problem.l2 * jnp.vdot(weights, weights))

    def advance(state: State) -> State:
        slope = gradient(problem, state.place.point, state.place.student)
        conditioned = precondition(slope)
        gap = dot(slope, conditioned)
        direction = _next_direction(state, slope, conditioned, gap)
        direction, change = correct(state.place, slope, direction, logits(problem, direction))
        place = _moved(problem, state.place, direction, change)
        return State(place, direction, conditioned, gap, state.step + 1)

    nowhere = jax.tree.map(jnp.zeros_like, start.point)
    first = State(start, nowhere, nowhere, jnp.full((), jnp.inf), jnp.zeros((), jnp.int32))
    return jax.lax.while_loop(unfinished, advance, first).place


def _moved(problem: Problem, place: Place, direction: Solution, change: Change) -> Place:
    """The place of about the least objective along `direction`."""
    found = line_search.minimize(
        line_search.Ray(
            place.logits,
            place.student,
            change,
            problem.weight,
            slope=problem.l2 * jnp.vdot(place.point.weights, direction.weights)
            - problem.weight @ jnp.sum(problem.target * change, axis=0),
            curvature=problem.l2 * jnp.vdot(direction.weights, direction.weights),
        )
    )
    point = along(place.point, found.step, direction)
    return Place(point, place.logits + found.step * change, found.student)


def _next_direction(state: State, slope: Solution, conditioned: Solution, gap: Float[Array, ""]) -> Solution:
    """Downhill and on, but straight downhill where going on would climb."""
    momentum = jnp.maximum(gap - dot(slope, state.conditioned), 0) / jnp.maximum(state.gap, 1e-30)
    descends = momentum * dot(slope, state.direction) < gap
    momentum = jnp.where(descends, momentum, 0)
    return jax.tree.map(lambda old, new: momentum * old - new, state.direction, conditioned)
