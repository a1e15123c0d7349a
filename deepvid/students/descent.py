"""Full-batch steps of an optimizer of the catalogue: to see what the exact solver spares."""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from deepvid.config import names
from deepvid.students.problem import Problem, Solution, gradient, logits, origin
from deepvid.training.optimizers import OPTIMIZERS


def solve(
    problem: Problem, optimizer: names.Optimizer, learning_rate: Float[Array, ""], steps: int
) -> Solution:
    """Where `steps` steps lead from zero; weights and intercept sum to zero over classes."""
    transformation = OPTIMIZERS[optimizer](lambda _: learning_rate, 0.0)
    start = origin(problem.log_target.shape[1], problem.inputs.shape[1])

    def advance(_: int, carry: tuple[Solution, optax.OptState]) -> tuple[Solution, optax.OptState]:
        point, state = carry
        slope = gradient(problem, point, logits(problem, point))
        updates, state = transformation.update(slope, state, point)
        return optax.apply_updates(point, updates), state

    end = jax.lax.fori_loop(0, steps, advance, (start, transformation.init(start)))[0]
    return jax.tree.map(lambda leaf: leaf - jnp.mean(leaf, axis=0), end)
