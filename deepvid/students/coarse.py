"""What a few coordinates add to a direction of descent in all pixels.

A step off the basis upsets what was at rest on it, and putting that right would cost more steps in all pixels
than anything else. So a direction is corrected before it is taken, while nothing but (class, neighbor) and
the coordinates is touched. Source: the coarse correction of two-level preconditioners, in the order called
A-DEF2 by Tang, Nabben, Vuik and Erlangga (2009), J. Sci. Comput. 39.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.line_search import TRUST
from deepvid.students.problem import PRECISION, Place, Problem, Solution, along, dot, gradient, logits


class Coarse(NamedTuple):
    """The same problem in few coordinates."""

    problem: Problem  # its inputs are (neighbor, rank)
    basis: Float[Array, "rank feature"]  # rows about orthonormal
    precondition: Callable[[Solution], Solution]


def corrected(
    problem: Problem,
    coarse: Coarse,
    place: Place,
    slope: Solution,
    direction: Solution,
    change: Float[Array, "class neighbor"],
) -> tuple[Solution, Float[Array, "class neighbor"]]:
    """`direction`, and the logits' `change` along it, with what on the basis goes best with both.

    Of the parabola at `place`, whose gradient is `slope`: from its least along `direction`, one step of
    preconditioned steepest descent on the basis. Both only lower it, so what descended still descends.
    """
    bend = _bend(place, change)
    reach = -dot(slope, direction) / _curvature(problem, direction, change, bend)
    reach = jnp.clip(reach, 1e-30, TRUST / jnp.maximum(jnp.max(jnp.abs(change)), 1e-30))
    ahead = along(place.point, reach, direction)
    ahead = ahead._replace(weights=jnp.matmul(ahead.weights, coarse.basis.T, precision=PRECISION))
    residual = gradient(coarse.problem, ahead, place.student + reach * bend)
    step = coarse.precondition(residual)
    turn = logits(coarse.problem, step)
    length = dot(residual, step) / _curvature(problem, step, turn, _bend(place, turn))
    added = step._replace(weights=jnp.matmul(step.weights, coarse.basis, precision=PRECISION))
    return along(direction, -length / reach, added), change - length / reach * turn


def _bend(place: Place, change: Float[Array, "class neighbor"]) -> Float[Array, "class neighbor"]:
    """How the student's probabilities change where its logits do."""
    return place.student * (change - jnp.sum(place.student * change, axis=0))


def _curvature(
    problem: Problem,
    direction: Solution,
    change: Float[Array, "class neighbor"],
    bend: Float[Array, "class neighbor"],
) -> Float[Array, ""]:
    penalty = problem.l2 * jnp.vdot(direction.weights, direction.weights)
    return jnp.maximum(problem.weight @ jnp.sum(change * bend, axis=0) + penalty, 1e-30)
