"""The best intercept for given weights, which the certificate assumes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.problem import Iterate, Problem

STEPS = 4  # Newton's, from a solver's own intercept


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

    intercept = jax.lax.fori_loop(0, STEPS, newton, iterate.point.intercept)
    intercept -= jnp.mean(intercept)
    scores += intercept[:, None]
    return Iterate(iterate.point._replace(intercept=intercept), scores, jax.nn.softmax(scores, axis=0))
