"""Losses of a batch of edges' ends, and steps of Adam on a loss, many to one compiled program."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.progress import Progress


def info_nce(heads: Float[Array, "edge 2"], tails: Float[Array, "edge 2"]) -> Float[Array, ""]:
    """mean_(i,j) -log q_ij / (Σ_l∈tails q_il + Σ_l∈heads, l≠i q_il), where q_ij = 1 / (1 + |y_i - y_j|²).

    Source: van den Oord et al. (2018), arXiv 1807.03748; with this kernel, Damrich et al. (2023), ICLR.
    """
    to_tails = 1 / (1 + squared_distances(heads, tails))
    to_heads = 1 / (1 + squared_distances(heads, heads))
    every = (to_tails + jnp.where(jnp.eye(len(heads), dtype=bool), 0, to_heads)).sum(axis=1)
    return (jnp.log(every) - jnp.log(jnp.diagonal(to_tails))).mean()


UMAP_A, UMAP_B = 1.577, 0.895  # of the kernel of spread 1 and least distance 0.1
CLIP = 1e-4  # the least probability whose logarithm is taken
NEGATIVES = 5  # for each edge


def umap_loss(
    heads: Float[Array, "edge 2"], tails: Float[Array, "edge 2"], key: PRNGKeyArray
) -> Float[Array, ""]:
    """mean of -log q over edges and of -log(1 - q) over five shuffled ones each; q = 1 / (1 + a |y - y'|^2b).

    Source: Sainburg et al. (2021), Neural Comput. 33(11), 2881-2907, as Yang et al. (2022) use it.
    """
    others = jnp.tile(tails, (NEGATIVES, 1))
    others = others[jax.random.permutation(key, len(others))]
    near = jnp.log(jnp.clip(_kernel(heads, tails), CLIP, 1)).sum()
    far = jnp.log(jnp.clip(1 - _kernel(jnp.tile(heads, (NEGATIVES, 1)), others), CLIP, 1)).sum()
    return -(near + far) / (len(heads) * (1 + NEGATIVES))


def _kernel(first: Float[Array, "pair 2"], second: Float[Array, "pair 2"]) -> Float[Array, " pair"]:
    squared = jnp.maximum(((first - second) ** 2).sum(axis=1), 1e-12)  # its slope at 0 is infinite
    return 1 / (1 + UMAP_A * squared**UMAP_B)


def squared_distances(first: Float[Array, "row 2"], second: Float[Array, "column 2"]) -> Array:
    """(row, column). Without the product of both, whose rounding is as large as near neighbors' distances."""
    return sum((first[:, None, axis] - second[None, :, axis]) ** 2 for axis in (0, 1))  # type: ignore[return-value]


def divergence(
    logits: Float[Array, "sample class"], decoded: Float[Array, "sample class"]
) -> Float[Array, " sample"]:
    """KL(softmax logits || softmax decoded), nats."""
    right, found = jax.nn.log_softmax(logits), jax.nn.log_softmax(decoded)
    return (jnp.exp(right) * (right - found)).sum(axis=1)


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
