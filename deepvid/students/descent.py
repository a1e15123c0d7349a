"""Full-batch steps of an optimizer of the catalogue: to see what the exact solver spares."""

from typing import NamedTuple

import jax
import optax
from jaxtyping import Array, Float, Int

from deepvid.config import names
from deepvid.students.problem import Iterate, Problem, Solution, evaluated, gradient, origin, probabilities
from deepvid.training.optimizers import OPTIMIZERS


class State(NamedTuple):
    """Where an optimizer is, and what it remembers of its way."""

    point: Solution
    memory: optax.OptState


def start(problem: Problem, optimizer: names.Optimizer, learning_rate: Float[Array, ""]) -> State:
    """At zero."""
    point = origin(problem.target.shape[0], problem.inputs.shape[1])
    return State(point, _transformation(optimizer, learning_rate).init(point))


def advance(
    problem: Problem,
    optimizer: names.Optimizer,
    learning_rate: Float[Array, ""],
    state: State,
    steps: Int[Array, ""],
) -> State:
    """`steps` steps further, each of which sees every neighbor once."""
    transformation = _transformation(optimizer, learning_rate)

    def step(_: int, state: State) -> State:
        slope = gradient(problem, state.point, probabilities(problem, state.point))
        updates, memory = transformation.update(slope, state.memory, state.point)
        return State(optax.apply_updates(state.point, updates), memory)

    found: State = jax.lax.fori_loop(0, steps, step, state)
    return found


def solve(
    problem: Problem, optimizer: names.Optimizer, learning_rate: Float[Array, ""], steps: Int[Array, ""]
) -> Iterate:
    """Where `steps` steps lead from zero."""
    begun = start(problem, optimizer, learning_rate)
    return evaluated(problem, advance(problem, optimizer, learning_rate, begun, steps).point)


def _transformation(
    optimizer: names.Optimizer, learning_rate: Float[Array, ""]
) -> optax.GradientTransformation:
    return OPTIMIZERS[optimizer](lambda _: learning_rate, 0.0)
