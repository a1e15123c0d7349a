"""Steps of Adam on a loss of drawn points, many to one compiled program."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from deepvid.progress import Progress

CHUNK = 100  # steps between two reports; a cancelled fit waits for one of them
P = TypeVar("P")
Loss = Callable[..., Float[Array, ""]]
"""loss(parameters, inputs, drawn, key), where drawn is one step's part of what was drawn."""


@cache
def adam(rate: float, steps: int) -> optax.GradientTransformation:
    """Its learning rate falls from `rate` to 0 as a cosine. Equal ones are one object for `jax.jit`."""
    return optax.adam(optax.cosine_decay_schedule(rate, steps))


@cache
def adam_at(rate: float) -> optax.GradientTransformation:
    """Its learning rate stays. The state of one is also that of another."""
    return optax.adam(rate)


def descend(
    loss: Loss,
    optimizer: optax.GradientTransformation,
    parameters: P,
    inputs: Any,
    drawn: Any,
    *,
    seed: int,
    progress: Progress,
) -> P:
    """`parameters` after one step for each row of the arrays of `drawn` (step, ...).

    Epochs of equal shapes share one program as long as `loss` and `optimizer` are equal, too.
    """
    steps = len(jax.tree.leaves(drawn)[0])
    state = parameters, optimizer.init(parameters)
    inputs = jax.tree.map(jnp.asarray, inputs)
    keys = jax.random.split(jax.random.key(seed), steps)
    value = np.nan
    for begin in range(0, steps, CHUNK):
        progress.update(begin, steps, "fitting the map" + (f" loss {value:.2f}" if begin else ""))
        rows = slice(begin, begin + CHUNK)
        chunk = jax.tree.map(lambda part, rows=rows: jnp.asarray(part[rows]), drawn)
        state, losses = steps_of(loss, optimizer, state, inputs, chunk, keys[rows])
        value = float(losses.mean())
    progress.update(steps, steps, f"fitting the map loss {value:.2f}")
    return state[0]


@partial(jax.jit, static_argnames=("loss", "optimizer"))
def steps_of(
    loss: Loss, optimizer: optax.GradientTransformation, state: Any, inputs: Any, drawn: Any, keys: Array
) -> tuple[Any, Float[Array, " step"]]:
    """The state (parameters, moments) after the steps, and their losses."""

    def step(state, one):  # type: ignore[no-untyped-def]
        parameters, moments = state
        value, slope = jax.value_and_grad(loss)(parameters, inputs, *one)
        update, moments = optimizer.update(slope, moments, parameters)
        return (optax.apply_updates(parameters, update), moments), value

    return jax.lax.scan(step, state, (drawn, keys))
