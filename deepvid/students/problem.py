"""The student's objective as data: what every solver minimizes.

A student is the linear softmax model that stays closest to its teacher on weighted neighbors:

    minimize over W, b:  sum_i w_i CE(y_i, softmax(W x_i + b)) + l2/2 |W|^2,   y_i = softmax(t(x_i) / T)

with sum_i w_i = 1 and the weighted mean of x subtracted. Classes come first: sums over them then run along
the neighbors, hundreds of numbers at a time instead of ten. A smoothness prior is a change of coordinates
(`smoothness.py`), so that solvers know plain L2 only.
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


class Solution(NamedTuple):
    """A student of a problem; its logits are `weights @ inputs.T` and the intercept."""

    weights: Float[Array, "class feature"]
    intercept: Float[Array, " class"]


class Place(NamedTuple):
    """A student and what it says of the neighbors."""

    point: Solution
    logits: Float[Array, "class neighbor"]
    student: Float[Array, "class neighbor"]  # their softmax


def soft_labels(
    teacher_logits: Float[Array, "neighbor class"], temperature: Float[Array, ""]
) -> Float[Array, "class neighbor"]:
    """The teacher's probabilities at a temperature."""
    log = jax.nn.log_softmax(teacher_logits.T / temperature, axis=0)
    return jax.nn.softmax(jnp.maximum(log, -DEEPEST), axis=0)


def origin(class_count: int, feature_count: int) -> Solution:
    """All zeros: what is orthogonal to the neighbors stays blank instead of showing a random start."""
    return Solution(jnp.zeros((class_count, feature_count)), jnp.zeros(class_count))


def logits(problem: Problem, solution: Solution) -> Float[Array, "class neighbor"]:
    """The student's logits at the neighbors, over the temperature."""
    products = jnp.matmul(solution.weights, problem.inputs.T, precision=PRECISION)
    return products + solution.intercept[:, None]


def place(problem: Problem, point: Solution) -> Place:
    """The student with what it says of the neighbors."""
    scores = logits(problem, point)
    return Place(point, scores, jax.nn.softmax(scores, axis=0))


def probabilities(problem: Problem, solution: Solution) -> Float[Array, "class neighbor"]:
    """The student's probabilities at the neighbors, at the temperature."""
    return jax.nn.softmax(logits(problem, solution), axis=0)


def objective(problem: Problem, solution: Solution) -> Float[Array, ""]:
    """The value to minimize."""
    log_student = jax.nn.log_softmax(logits(problem, solution), axis=0)
    cross_entropy = -jnp.sum(problem.target * log_student, axis=0)
    return problem.weight @ cross_entropy + problem.l2 / 2 * jnp.sum(solution.weights**2)


def gradient(problem: Problem, solution: Solution, student: Float[Array, "class neighbor"]) -> Solution:
    """The derivative of `objective` at `solution`, whose probabilities are given."""
    excess = (student - problem.target) * problem.weight
    weights = jnp.matmul(excess, problem.inputs, precision=PRECISION) + problem.l2 * solution.weights
    return Solution(weights, jnp.sum(excess, axis=1))


def centered(place: Place) -> Place:
    """The same predictions by weights and intercept that sum to zero over classes, the least penalized."""
    point, scores = jax.tree.map(lambda leaf: leaf - jnp.mean(leaf, axis=0), (place.point, place.logits))
    return Place(point, scores, place.student)


def dot(first: Solution, second: Solution) -> Float[Array, ""]:
    """The inner product of two points or directions."""
    return jnp.vdot(first.weights, second.weights) + jnp.vdot(first.intercept, second.intercept)


def along(start: Solution, step: Float[Array, ""], direction: Solution) -> Solution:
    """`start + step * direction`."""
    return jax.tree.map(lambda a, b: a + step * b, start, direction)
