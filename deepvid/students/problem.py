"""The student's objective as data: what every solver minimizes.

A student is the linear softmax model that stays closest to its teacher on weighted neighbors:

    minimize over W, b:  f(W, b) = Σᵢ wᵢ CE(yᵢ, softmax(oᵢ + W xᵢ + b)) + l2/2 |W|²,   yᵢ = softmax(t(xᵢ) / T)

with Σ wᵢ = 1 and the weighted mean of x subtracted; X has the xᵢ in its rows. An anchor of the weights is a
change of their origin, oᵢ = W₀ xᵢ and a smoothness prior one of coordinates (`prior.py`), so that solvers
know plain L2 only. Classes come first: sums over them then run along the neighbors, hundreds
of numbers at a time instead of ten.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

PRECISION = jax.lax.Precision.HIGHEST  # a GPU's shortened products would end the convergence early
DEEPEST = 15.0  # nats: a less likely class weighs nothing in float32


class Problem(NamedTuple):
    """The fit of one student. `weight` sums to 1 and so weighted, the rows of `inputs` sum to 0."""

    inputs: Float[Array, "neighbor feature"]
    target: Float[Array, "class neighbor"]  # the teacher's soft labels, none of them 0
    weight: Float[Array, " neighbor"]
    l2: Float[Array, ""]
    offset: Float[Array, "class neighbor"]  # o: logits of no weights and intercept, summing to 0 over classes


class Solution(NamedTuple):
    """A student of a problem; its logits are the offset, `weights @ inputs.T` and the intercept."""

    weights: Float[Array, "class feature"]
    intercept: Float[Array, " class"]


class Iterate(NamedTuple):
    """A student on the way to the best one, and what it says of the neighbors."""

    point: Solution
    logits: Float[Array, "class neighbor"]
    probabilities: Float[Array, "class neighbor"]  # their softmax


def soft_labels(
    teacher_logits: Float[Array, "neighbor class"], temperature: Float[Array, ""]
) -> Float[Array, "class neighbor"]:
    """The teacher's probabilities at a temperature."""
    log = jax.nn.log_softmax(teacher_logits.T / temperature, axis=0)
    return jax.nn.softmax(jnp.maximum(log, -DEEPEST), axis=0)


def origin(class_count: int, feature_count: int) -> Solution:
    """All zeros: what is orthogonal to the neighbors stays blank instead of showing a random start."""
    return Solution(jnp.zeros((class_count, feature_count)), jnp.zeros(class_count))


def response(problem: Problem, solution: Solution) -> Float[Array, "class neighbor"]:
    """W Xᵀ + b: what a point or a direction adds to the logits at the neighbors. Linear in (W, b)."""
    products = jnp.matmul(solution.weights, problem.inputs.T, precision=PRECISION)
    return products + solution.intercept[:, None]


def logits(problem: Problem, solution: Solution) -> Float[Array, "class neighbor"]:
    """S = o + W Xᵀ + b: the student's logits at the neighbors, over the temperature."""
    return problem.offset + response(problem, solution)


def evaluated(problem: Problem, point: Solution) -> Iterate:
    """The student with what it says of the neighbors."""
    scores = logits(problem, point)
    return Iterate(point, scores, jax.nn.softmax(scores, axis=0))


def probabilities(problem: Problem, solution: Solution) -> Float[Array, "class neighbor"]:
    """p = softmax(S): the student's probabilities at the neighbors, at the temperature."""
    return jax.nn.softmax(logits(problem, solution), axis=0)


def objective(problem: Problem, solution: Solution) -> Float[Array, ""]:
    """f(W, b) = Σᵢ wᵢ CE(yᵢ, pᵢ) + l2/2 |W|²."""
    log_student = jax.nn.log_softmax(logits(problem, solution), axis=0)
    cross_entropy = -jnp.sum(problem.target * log_student, axis=0)
    return problem.weight @ cross_entropy + problem.l2 / 2 * jnp.sum(solution.weights**2)


def gradient(problem: Problem, solution: Solution, probabilities: Float[Array, "class neighbor"]) -> Solution:
    """∇f = (R X + l2 W, R 1) with R = (p − y) w, for a `solution` whose probabilities p are given."""
    excess = (probabilities - problem.target) * problem.weight
    weights = jnp.matmul(excess, problem.inputs, precision=PRECISION) + problem.l2 * solution.weights
    return Solution(weights, jnp.sum(excess, axis=1))


def softmax_derivative(
    probabilities: Float[Array, "class neighbor"], change: Float[Array, "class neighbor"]
) -> Float[Array, "class neighbor"]:
    """(diag(p) − p pᵀ) u of every neighbor: how its probabilities p change where its logits change by u."""
    return probabilities * (change - jnp.sum(probabilities * change, axis=0))


def softmax_curvature(
    weight: Float[Array, " neighbor"],
    probabilities: Float[Array, "class neighbor"],
    change: Float[Array, "class neighbor"],
) -> Float[Array, ""]:
    """Σᵢ wᵢ uᵢᵀ (diag(pᵢ) − pᵢ pᵢᵀ) uᵢ: the cross-entropy's second derivative, a mean variance."""
    mean = jnp.sum(probabilities * change, axis=0)
    return weight @ (jnp.sum(probabilities * change**2, axis=0) - mean**2)


def centered(iterate: Iterate) -> Iterate:
    """The same predictions by weights and intercept that sum to zero over classes, the least penalized."""
    pair = (iterate.point, iterate.logits)
    point, scores = jax.tree.map(lambda leaf: leaf - jnp.mean(leaf, axis=0), pair)
    return Iterate(point, scores, iterate.probabilities)


def dot(first: Solution, second: Solution) -> Float[Array, ""]:
    """⟨V, W⟩ + ⟨c, b⟩: the inner product of two points or directions."""
    return jnp.vdot(first.weights, second.weights) + jnp.vdot(first.intercept, second.intercept)


def along(start: Solution, step: Float[Array, ""], direction: Solution) -> Solution:
    """`start + step * direction`."""
    return jax.tree.map(lambda a, b: a + step * b, start, direction)


NEWTON_STEPS = 4  # Newton's, from a solver's own intercept


def refined(problem: Problem, iterate: Iterate) -> Iterate:
    """The iterate with the intercept that minimizes the objective and sums to zero.

    Newton's steps b ← b − K⁻¹ (Σᵢ wᵢ (pᵢ − yᵢ)), K = Σᵢ wᵢ (diag(pᵢ) − pᵢ pᵢᵀ), none longer than one nat.
    """
    scores = iterate.logits - iterate.point.intercept[:, None]

    def newton(_: int, intercept: Float[Array, " class"]) -> Float[Array, " class"]:
        student = jax.nn.softmax(scores + intercept[:, None], axis=0)
        slope = (student - problem.target) @ problem.weight
        curvature = jnp.diag(student @ problem.weight) - (student * problem.weight) @ student.T
        ridge = 1e-6 * jnp.trace(curvature) + 1e-12  # a constant added to all classes changes nothing
        step = jnp.linalg.solve(curvature + ridge * jnp.eye(len(intercept)), slope)
        return intercept - step / jnp.maximum(1.0, jnp.max(jnp.abs(step)))

    intercept = jax.lax.fori_loop(0, NEWTON_STEPS, newton, iterate.point.intercept)
    intercept -= jnp.mean(intercept)
    scores += intercept[:, None]
    return Iterate(iterate.point._replace(intercept=intercept), scores, jax.nn.softmax(scores, axis=0))


def gap_bound(problem: Problem, iterate: Iterate) -> Float[Array, ""]:
    """How far above the best student's objective this one's is at most: |∇_W f|² / (2 l2), nats.

    The intercept must be the best for the weights: f is then an l2-strongly convex function of these. In
    float32 the gradient is exact to about 1e-7, so the bound says nothing below l2 = 1e-6.
    Source: Boyd and Vandenberghe (2004), Convex Optimization, equation 9.9.
    """
    slope = gradient(problem, iterate.point, iterate.probabilities)
    return jnp.sum(slope.weights**2) / (2 * problem.l2)
