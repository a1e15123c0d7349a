"""L1 and total variation: accelerated proximal steps from the L2 solution.

Adds h(W) = l1 |W|₁ + tv |D W|₁ to the smooth objective f of v = W − W₀, W₀ the anchor and D the differences
between pixels next to each other. Steps are FISTA's (Beck and Teboulle 2009, SIAM J. Imaging Sci. 2), of
length τ = 1/L:

    v₊ = prox_τh(z − τ ∇f(z)),    z₊ = v₊ + (t − 1)/t₊ (v₊ − v),    t₊ = (1 + √(1 + 4t²)) / 2,

restarted where they point uphill (O'Donoghue and Candès 2015, Found. Comput. Math. 15). The proximal map of
total variation is computed in its dual, kept warm from step to step; that of both is soft thresholding after
it (Friedman et al. 2007, Ann. Appl. Stat. 1).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.prior import laplacian
from deepvid.students.problem import (
    PRECISION,
    Iterate,
    Problem,
    Solution,
    along,
    dot,
    evaluated,
    gradient,
    probabilities,
    refined,
)

STEPS = 300
DUAL_STEPS = 10
Shape = tuple[int, int, int]


class Penalty(NamedTuple):
    """Terms that are added to the cross-entropy beside L2; `smoothness` multiplies L2."""

    l1: Float[Array, ""]
    total_variation: Float[Array, ""]
    smoothness: Float[Array, ""]
    anchor: Float[Array, "class feature"]  # W₀


class Dual(NamedTuple):
    """Subgradients of the added terms: |rows|, |columns| <= total_variation, |pixels| <= l1."""

    rows: Float[Array, "class y-1 x channel"]
    columns: Float[Array, "class y x-1 channel"]
    pixels: Float[Array, "class y x channel"]


class State(NamedTuple):
    """FISTA's sequences."""

    point: Solution  # v
    extrapolated: Solution  # z
    momentum: Float[Array, ""]  # t
    dual: Dual


def solve(
    problem: Problem, start: Solution, penalty: Penalty, image_shape: Shape
) -> tuple[Solution, Float[Array, ""]]:
    """The penalized minimum near `start` and its certificate. `problem.inputs` are pixels."""
    step = 1 / _lipschitz(problem, penalty.smoothness)

    def advance(_: int, state: State) -> State:
        student = probabilities(problem, state.extrapolated)
        slope = _smooth_gradient(problem, state.extrapolated, student, penalty, image_shape)
        moved = along(state.extrapolated, -step, slope)
        weights, dual = _proximal(penalty.anchor + moved.weights, step, penalty, state.dual, image_shape)
        point = Solution(weights - penalty.anchor, moved.intercept)
        return _accelerated(state, point, dual)

    initial = State(start, start, jnp.ones(()), _zero_dual(start, image_shape))
    state = jax.lax.fori_loop(0, STEPS, advance, initial)
    minimum = refined(problem, evaluated(problem, state.point))
    return minimum.point, _gap_bound(problem, minimum, penalty, state.dual, image_shape)


def _accelerated(state: State, point: Solution, dual: Dual) -> State:
    """t₊ and z₊ for the next point v₊; uphill, where ⟨z − v₊, v₊ − v⟩ > 0, t begins again."""
    change = along(point, jnp.float32(-1), state.point)
    lag = along(state.extrapolated, jnp.float32(-1), point)
    uphill = dot(lag, change) > 0
    momentum = jnp.where(uphill, 1.0, (1 + jnp.sqrt(1 + 4 * state.momentum**2)) / 2)
    weight = jnp.where(uphill, 0.0, (state.momentum - 1) / momentum)
    return State(point, along(point, weight, change), momentum, dual)


def _smooth_gradient(
    problem: Problem,
    point: Solution,
    student: Float[Array, "class neighbor"],
    penalty: Penalty,
    shape: Shape,
) -> Solution:
    """∇f with the penalty l2/2 ⟨v, (1 + sΔ) v⟩: l2 s Δv more than the gradient of plain L2."""
    slope = gradient(problem, point, student)
    rough = laplacian(point.weights.reshape(-1, *shape)).reshape(point.weights.shape)
    return slope._replace(weights=slope.weights + problem.l2 * penalty.smoothness * rough)


def _lipschitz(problem: Problem, smoothness: Float[Array, ""]) -> Float[Array, ""]:
    """L = max(λ, 1)/2 + l2 (1 + 8s), λ the largest eigenvalue of Xᵀ diag(w) X by power iteration.

    Softmax's Hessian is below 1/2, the Laplacian's eigenvalues below 8.
    """

    def power(_: int, vector: Float[Array, " feature"]) -> Float[Array, " feature"]:
        image = problem.weight * jnp.matmul(problem.inputs, vector, precision=PRECISION)
        product = jnp.matmul(image, problem.inputs, precision=PRECISION)
        return product / jnp.maximum(jnp.linalg.norm(product), 1e-30)

    vector = jax.lax.fori_loop(0, 30, power, problem.inputs[-1] + 1e-3)
    largest = problem.weight @ jnp.matmul(problem.inputs, vector, precision=PRECISION) ** 2
    # 1.1: power iteration comes from below. 1: the intercept's own.
    return jnp.maximum(1.1 * largest, 1.0) / 2 + problem.l2 * (1 + 8 * smoothness)


def _proximal(
    weights: Float[Array, "class feature"],
    step: Float[Array, ""],
    penalty: Penalty,
    dual: Dual,
    shape: Shape,
) -> tuple[Float[Array, "class feature"], Dual]:
    """prox_τh(W) = soft(W − τ Dᵀq, τ l1), q the dual of total variation after some ascent steps."""
    target = weights.reshape(-1, *shape)
    limit = penalty.total_variation

    def improve(_: int, pair: tuple[Array, Array]) -> tuple[Array, Array]:
        rows, columns = pair
        smoothed = target - step * _transposed(rows, columns)
        ascent = 1 / (8 * step)  # 8 bounds the eigenvalues of D Dᵀ
        return (
            jnp.clip(rows + ascent * jnp.diff(smoothed, axis=1), -limit, limit),
            jnp.clip(columns + ascent * jnp.diff(smoothed, axis=2), -limit, limit),
        )

    steps = jnp.where(limit > 0, DUAL_STEPS, 0)  # L1 alone has no dual to improve
    rows, columns = jax.lax.fori_loop(0, steps, improve, (dual.rows, dual.columns))
    smoothed = target - step * _transposed(rows, columns)
    shrunk = jnp.sign(smoothed) * jnp.maximum(jnp.abs(smoothed) - step * penalty.l1, 0)
    pixels = jnp.clip(smoothed / step, -penalty.l1, penalty.l1)
    return shrunk.reshape(weights.shape), Dual(rows, columns, pixels)


def _transposed(rows: Array, columns: Array) -> Float[Array, "class y x channel"]:
    """Dᵀ q for q of differences along y and along x."""
    return -jnp.diff(jnp.pad(rows, ((0, 0), (1, 1), (0, 0), (0, 0))), axis=1) - jnp.diff(
        jnp.pad(columns, ((0, 0), (0, 0), (1, 1), (0, 0))), axis=2
    )


def _zero_dual(start: Solution, shape: Shape) -> Dual:
    weights = jnp.zeros((len(start.intercept), *shape))
    return Dual(jnp.diff(weights, axis=1), jnp.diff(weights, axis=2), weights)


def _gap_bound(
    problem: Problem, minimum: Iterate, penalty: Penalty, dual: Dual, shape: Shape
) -> Float[Array, ""]:
    """|∇f + q|² / (2 l2) + ε: a dual q within its limits is an ε-subgradient of h."""
    weights = (penalty.anchor + minimum.point.weights).reshape(-1, *shape)
    slope = _smooth_gradient(problem, minimum.point, minimum.probabilities, penalty, shape)
    total = slope.weights.reshape(weights.shape) + _transposed(dual.rows, dual.columns) + dual.pixels
    epsilon = (
        _shortfall(penalty.total_variation, jnp.diff(weights, axis=1), dual.rows)
        + _shortfall(penalty.total_variation, jnp.diff(weights, axis=2), dual.columns)
        + _shortfall(penalty.l1, weights, dual.pixels)
    )
    return jnp.sum(total**2) / (2 * problem.l2) + epsilon


def _shortfall(limit: Float[Array, ""], values: Array, dual: Array) -> Float[Array, ""]:
    """limit |v|₁ − ⟨q, v⟩: zero where q is a subgradient."""
    return jnp.sum(limit * jnp.abs(values) - dual * values)
