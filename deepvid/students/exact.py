"""The exact solver: Nyström-preconditioned conjugate gradients.

The Hessian of the objective is near M ⊗ A + l2, with M = Σᵢ wᵢ (diag(yᵢ) − yᵢ yᵢᵀ) = Q diag(m) Qᵀ over
classes and A = Σᵢ wᵢ xᵢ xᵢᵀ over pixels. A falls off fast and is sketched by `RANK` neighbors,
B A Bᵀ = diag(a); in the basis that diagonalizes both factors the curvature is mₖ aⱼ + l2, which gives in turn

1. the start: the ridge regression to the teacher's logits, weighted by M,
2. conjugate gradients in the sketch's few coordinates, at next to no cost,
3. conjugate gradients in all pixels, preconditioned by 1 / (mₖ aⱼ + l2) on the basis
   and by 1 / (mₖ min(a) + l2) off it, each direction corrected on the basis (`correct_direction`).

The sketch alone is not enough to show the optimum's map, and plain descent is far from it after hundreds of
steps (`benchmarks/students.py`). Sources: Williams and Seeger (2001), NIPS 13, for the sketch; Frangella,
Tropp and Udell (2023), SIAM J. Matrix Anal. 44, for it as a preconditioner.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.conjugate_gradient import TRUST, descend
from deepvid.students.problem import (
    PRECISION,
    Iterate,
    Problem,
    Solution,
    along,
    dot,
    evaluated,
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


def correct_direction(
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

    Both steps only lower the parabola, so that what descends still descends. A step in all pixels disturbs
    the coordinates of the basis, which were at their best, and setting that right afterwards costs more steps
    in all pixels than anything else; before, it costs (class, neighbor) and (neighbor, rank) only.
    Source: the coarse correction of two-level preconditioners, in the order called A-DEF2 by Tang, Nabben,
    Vuik and Erlangga (2009), J. Sci. Comput. 39.
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


RANK = 96
SHIFT = 1e-4  # of the largest neighbor: what the sketch sees less of is left to the descent
REDUCED_STEPS = 20
FULL_STEPS = 60
# Of the penalty, before the last step. At the default l2, maps then have a cosine above .999 to the optimum's
# and held-out KL is within 0.5 % of its (`benchmarks/students.py`).
TOLERANCE = 5e-3
CLIP = 0.005  # of M's largest eigenvalue: what the students' own probabilities may reach where y's do not


class Sketch(NamedTuple):
    """Both factors of the Hessian, diagonal."""

    basis: Float[Array, "rank feature"]  # B: rows orthonormal but for the shift
    inputs: Float[Array, "neighbor rank"]  # X Bᵀ
    spread: Float[Array, " rank"]  # a: the variance along each row of B
    classes: Float[Array, "class class"]  # Q: eigenvectors of M in its columns
    curvature: Float[Array, " class"]  # m


def solve(problem: Problem) -> Iterate:
    """The minimum of the objective."""
    sketch = _sketch(problem)
    coarse = Coarse(
        problem._replace(inputs=sketch.inputs),
        sketch.basis,
        lambda slope: _reduced_preconditioner(problem, sketch, slope),
    )
    reduced = descend(
        coarse.problem,
        evaluated(coarse.problem, _ridge(problem, sketch)),
        coarse.precondition,
        steps=REDUCED_STEPS,
        tolerance=TOLERANCE,
    )
    weights = jnp.matmul(reduced.point.weights, sketch.basis, precision=PRECISION)
    return descend(
        problem,
        reduced._replace(point=reduced.point._replace(weights=weights)),
        lambda slope: _full_preconditioner(problem, sketch, slope),
        steps=FULL_STEPS,
        tolerance=TOLERANCE,
        correct=partial(correct_direction, problem, coarse),
    )


def _sketch(problem: Problem) -> Sketch:
    """B = Vᵀ Eᵀ X_r with X_r some rows of X, E whitening them, V the eigenvectors of A in whitened rows."""
    rank = min(RANK, *problem.inputs.shape)
    rows = problem.inputs[-rank:]  # neighbors are independent draws: the last are as random as any
    products = jnp.matmul(problem.inputs, rows.T, precision=PRECISION)
    whiten = _inverse_root(products[-rank:])
    coordinates = jnp.matmul(products, whiten, precision=PRECISION)
    weighted = coordinates * problem.weight[:, None]
    spread, rotation = jnp.linalg.eigh(jnp.matmul(weighted.T, coordinates, precision=PRECISION))
    to_basis = jnp.matmul(whiten, rotation, precision=PRECISION)
    target = problem.target
    mean = target @ problem.weight
    curvature, classes = jnp.linalg.eigh(jnp.diag(mean) - (target * problem.weight) @ target.T)
    return Sketch(
        jnp.matmul(to_basis.T, rows, precision=PRECISION),
        jnp.matmul(coordinates, rotation, precision=PRECISION),
        jnp.maximum(spread, 0.0),
        classes,
        jnp.maximum(curvature, jnp.maximum(CLIP * curvature[-1], 1e-6)),
    )


def _inverse_root(gram: Float[Array, "rank rank"]) -> Float[Array, "rank rank"]:
    """E with Eᵀ (G + shift) E = 1: finite where equal neighbors make G singular."""
    identity = jnp.eye(len(gram))
    shift = SHIFT * jnp.maximum(jnp.max(jnp.diag(gram)), 1e-30)
    lower = jnp.linalg.cholesky(gram + shift * identity, symmetrize_input=False)
    return jax.scipy.linalg.solve_triangular(lower, identity, lower=True).T


def _ridge(problem: Problem, sketch: Sketch) -> Solution:
    """Q (m C / (m aᵀ + l2)) with C = Qᵀ (log(y) − o) diag(w) X Bᵀ: a ridge regression on the sketch.

    It minimizes the parabola around the teacher's own logits log(y) with M for every neighbor's Hessian.
    """
    lacking = jnp.log(problem.target) - problem.offset
    mean = lacking @ problem.weight
    wanted = jnp.matmul(sketch.classes.T, (lacking * problem.weight) @ sketch.inputs)
    gain = sketch.curvature[:, None]
    weights = gain * wanted / (gain * sketch.spread + problem.l2)
    return Solution(sketch.classes @ weights, mean - jnp.mean(mean))


def _reduced_preconditioner(problem: Problem, sketch: Sketch, slope: Solution) -> Solution:
    """Q ((Qᵀ G) / (m aᵀ + l2)), G the weights' gradient in the sketch's coordinates."""
    scale = sketch.curvature[:, None] * sketch.spread + problem.l2
    return Solution(sketch.classes @ ((sketch.classes.T @ slope.weights) / scale), _intercept(sketch, slope))


def _full_preconditioner(problem: Problem, sketch: Sketch, slope: Solution) -> Solution:
    """Q (o Qᵀ G + (1 / (m aᵀ + l2) − o) (Qᵀ G Bᵀ) B), with o = 1 / (m min(a) + l2) off the basis."""
    rotated = jnp.matmul(sketch.classes.T, slope.weights, precision=PRECISION)
    inside = jnp.matmul(rotated, sketch.basis.T, precision=PRECISION)
    gain = sketch.curvature[:, None]
    off = 1 / (gain * _smallest(sketch.spread) + problem.l2)
    excess = inside * (1 / (gain * sketch.spread + problem.l2) - off)
    conditioned = jnp.matmul(excess, sketch.basis, precision=PRECISION) + rotated * off
    return Solution(jnp.matmul(sketch.classes, conditioned, precision=PRECISION), _intercept(sketch, slope))


def _smallest(spread: Float[Array, " rank"]) -> Float[Array, ""]:
    """min(a) of those that are not zero to rounding."""
    return jnp.min(jnp.where(spread > 1e-6 * spread[-1], spread, spread[-1]))


def _intercept(sketch: Sketch, slope: Solution) -> Float[Array, " class"]:
    """M⁻¹ times the intercept's gradient."""
    return sketch.classes @ ((sketch.classes.T @ slope.intercept) / sketch.curvature)
