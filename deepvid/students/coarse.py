"""The coarse correction of a descent direction: what a few coordinates add to it, on the sketch's basis.

A step in all pixels disturbs the coordinates of the basis, which were at their best, and setting that right
afterwards costs more steps in all pixels than anything else. A direction is therefore corrected before it is
taken, at the cost of (class, neighbor) and (neighbor, rank) only. Source: the coarse correction of two-level
preconditioners, in the order called A-DEF2 by Tang, Nabben, Vuik and Erlangga (2009), J. Sci. Comput. 39.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.line_search import TRUST
from deepvid.students.problem import (
    PRECISION,
    Iterate,
    Problem,
    Solution,
    along,
    dot,
    gradient,
    response,
    softmax_curvature,
    softmax_derivative,
)

Change = Float[Array, "class neighbor"]


class Coarse(NamedTuple):
    """The same problem in few coordinates."""

    problem: Problem  # its inputs are (neighbor, rank): X Bᵀ
    basis: Float[Array, "rank feature"]  # B: rows about orthonormal
    precondition: Callable[[Solution], Solution]  # P⁻¹, near the inverse of B H Bᵀ


def corrected(
    problem: Problem,
    coarse: Coarse,
    iterate: Iterate,
    slope: Solution,
    direction: Solution,
    change: Change,
) -> tuple[Solution, Change]:
    """d − (β/α) Bᵀe: the direction d with one step on the basis B added, and the logits' change along it.

    With g the gradient (`slope`) and H the Hessian at the iterate, u the logits' `change` along d:

        α = −⟨g, d⟩ / ⟨d, H d⟩            the least along d of the parabola of g and H
        r = B (g + α H d)                 its gradient there, on the basis
        e = P⁻¹ r,  β = ⟨r, e⟩ / ⟨e, B H Bᵀ e⟩    one step of preconditioned steepest descent on the basis

    Both steps only lower the parabola, so that what descends still descends.
    """
    step_length = -dot(slope, direction) / _curvature(problem, iterate, direction, change)
    step_length = jnp.clip(step_length, 1e-30, TRUST / jnp.maximum(jnp.max(jnp.abs(change)), 1e-30))
    residual = _residual(coarse, iterate, direction, change, step_length)
    error = coarse.precondition(residual)
    error_change = response(coarse.problem, error)
    coarse_length = dot(residual, error) / _curvature(problem, iterate, error, error_change)
    ratio = coarse_length / step_length
    in_pixels = error._replace(weights=jnp.matmul(error.weights, coarse.basis, precision=PRECISION))
    return along(direction, -ratio, in_pixels), change - ratio * error_change


def _residual(
    coarse: Coarse, iterate: Iterate, direction: Solution, change: Change, step_length: Float[Array, ""]
) -> Solution:
    """r = B (g + α H d): the gradient at v + α d with p + α (diag(p) − p pᵀ) u for its probabilities."""
    ahead = along(iterate.point, step_length, direction)
    ahead = ahead._replace(weights=jnp.matmul(ahead.weights, coarse.basis.T, precision=PRECISION))
    drift = softmax_derivative(iterate.probabilities, change)
    return gradient(coarse.problem, ahead, iterate.probabilities + step_length * drift)


def _curvature(problem: Problem, iterate: Iterate, direction: Solution, change: Change) -> Float[Array, ""]:
    """⟨d, H d⟩ = Σᵢ wᵢ uᵢᵀ (diag(pᵢ) − pᵢ pᵢᵀ) uᵢ + l2 |D|², D the direction's weights."""
    penalty = problem.l2 * jnp.vdot(direction.weights, direction.weights)
    return jnp.maximum(softmax_curvature(problem.weight, iterate.probabilities, change) + penalty, 1e-30)
