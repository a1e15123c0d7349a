"""The best intercept for given weights, which the certificate assumes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.problem import Problem, Solution, logits

STEPS = 4  # Newton's, from a solver's own intercept


def refined(problem: Problem, solution: Solution) -> tuple[Solution, Float[Array, "class neighbor"]]:
    """`solution` with its intercept minimizing the objective, which sums to zero, and its probabilities."""
    scores = logits(problem, solution) - solution.intercept[:, None]

    def newton(_: int, intercept: Float[Array, "class"]) -> Float[Array, "class"]:
        student = jax.nn.softmax(scores + intercept[:, None], axis=0)
        slope = (student - problem.target) @ problem.weight
        curvature = jnp.diag(student @ problem.weight) - (student * problem.weight) @ student.T
        ridge = 1e-6 * jnp.trace(curvature) + 1e-12  # a constant added to all classes changes nothing
        step = jnp.linalg.solve(curvature + ridge * jnp.eye(len(intercept)), slope)
        return intercept - step / jnp.maximum(1.0, jnp.max(jnp.abs(step)))

    intercept = jax.lax.fori_loop(0, STEPS, newton, solution.intercept)
    intercept -= jnp.mean(intercept)
    return solution._replace(intercept=intercept), jax.nn.softmax(scores + intercept[:, None], axis=0)
