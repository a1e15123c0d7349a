"""How far above the best student's objective this one's can be, without knowing the best.

With the intercept optimal, the objective is an l2-strongly convex function of the weights, hence
f − min f ≤ |∇_W f|² / (2 l2). In float32 the gradient is exact to about 1e-7, so the bound says
nothing below l2 = 1e-6. Source: Boyd and Vandenberghe (2004), Convex Optimization, equation 9.9.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.students.problem import Iterate, Problem, gradient


def gap_bound(problem: Problem, iterate: Iterate) -> Float[Array, ""]:
    """|∇_W f|² / (2 l2), nats. The intercept must be the best for the weights."""
    slope = gradient(problem, iterate.point, iterate.probabilities)
    return jnp.sum(slope.weights**2) / (2 * problem.l2)
