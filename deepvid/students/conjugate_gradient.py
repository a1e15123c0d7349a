"""Preconditioned nonlinear conjugate gradients. Source: Polak and Ribière (1969), with restarts."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from deepvid.students import line_search
from deepvid.students.problem import Place, Problem, Solution, along, dot, gradient, logits

Preconditioner = Callable[[Solution], Solution]


class State(NamedTuple):
    """Where the descent is and where it goes next."""

    place: Place
    gradient: Solution
    conditioned: Solution
    direction: Solution
    step: Int[Array, ""]


def _as_it_is(place: Place) -> Place:
    return place


def descend(
    problem: Problem,
    start: Place,
    precondition: Preconditioner,
    *,
    steps: int,
    tolerance: float,
    improve: Callable[[Place], Place] = _as_it_is,
) -> Place:
    """Descends for at most `steps`, or until the gap to the minimum is about `tolerance` of the penalty.

    With P the preconditioner, <g, P^-1 g> / 2 is the gap of a parabola whose Hessian is P. The objective is
    l2-strongly convex, so a gap of `tolerance` penalties leaves the weights a relative squared distance of
    `tolerance` from the optimum's. `improve` may go on from where each step ends, to a place no worse.
    """

    def unfinished(state: State) -> Array:
        gap = dot(state.gradient, state.conditioned)
        weights = state.place.point.weights
        return (state.step < steps) & (gap > tolerance * problem.l2 * jnp.vdot(weights, weights))

    def advance(state: State) -> State:
        place = improve(_moved(problem, state.place, state.direction))
        slope = gradient(problem, place.point, place.student)
        conditioned = precondition(slope)
        return State(place, slope, conditioned, _next_direction(state, slope, conditioned), state.step + 1)

    slope = gradient(problem, start.point, start.student)
    conditioned = precondition(slope)
    first = State(start, slope, conditioned, _negative(conditioned), jnp.zeros((), jnp.int32))
    return jax.lax.while_loop(unfinished, advance, first).place


def _moved(problem: Problem, place: Place, direction: Solution) -> Place:
    """The place of about the least objective along `direction`."""
    change = logits(problem, direction)
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


def _next_direction(state: State, slope: Solution, conditioned: Solution) -> Solution:
    turned = dot(slope, conditioned) - dot(slope, state.conditioned)
    momentum = jnp.maximum(turned, 0) / jnp.maximum(dot(state.gradient, state.conditioned), 1e-30)
    ahead = along(_negative(conditioned), momentum, state.direction)
    descends = dot(ahead, slope) < 0
    return jax.tree.map(lambda a, z: jnp.where(descends, a, -z), ahead, conditioned)


def _negative(direction: Solution) -> Solution:
    return jax.tree.map(jnp.negative, direction)
