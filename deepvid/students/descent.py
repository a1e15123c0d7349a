"""Full-batch steps of an optimizer of the catalogue: to see what the exact solver spares."""

import jax
import optax
from jaxtyping import Array, Float, Int

from deepvid.config import names
from deepvid.students.problem import Iterate, Problem, Solution, evaluated, gradient, origin, probabilities
from deepvid.training.optimizers import OPTIMIZERS


def solve(
    problem: Problem, optimizer: names.Optimizer, learning_rate: Float[Array, ""], steps: Int[Array, ""]
) -> Iterate:
    """Where `steps` steps lead from zero."""
    transformation = OPTIMIZERS[optimizer](lambda _: learning_rate, 0.0)
    start = origin(problem.target.shape[0], problem.inputs.shape[1])

    def advance(_: int, carry: tuple[Solution, optax.OptState]) -> tuple[Solution, optax.OptState]:
        point, state = carry
        slope = gradient(problem, point, probabilities(problem, point))
        updates, state = transformation.update(slope, state, point)
        return optax.apply_updates(point, updates), state

    point, _ = jax.lax.fori_loop(0, steps, advance, (start, transformation.init(start)))
    return evaluated(problem, point)
