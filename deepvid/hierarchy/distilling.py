"""Soft decision trees that learn a teacher's answers from its features, several from different beginnings."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.hierarchy.soft_tree import Full, SoftTree, pruned
from deepvid.progress import SILENT, Progress

BATCH = 256
_EDGE = 1e-4  # shares nearer to 0 and 1 are punished no more


class Schedule(NamedTuple):
    """How a tree is trained."""

    depth: int
    epochs: int
    learning_rate: float  # of Adam at the beginning; it falls to 0 as a cosine
    penalty: float  # λ


class Weights(NamedTuple):
    """Trained weights; inner nodes and leaves stand in the order of a heap."""

    weights: Float[Array, "inner feature"]
    bias: Float[Array, " inner"]
    leaf_logits: Float[Array, "leaf class"]


def distill(
    features: Float[np.ndarray, "sample feature"],
    logits: Float[np.ndarray, "sample class"],
    schedule: Schedule,
    *,
    trees: int,
    seed: int,
    progress: Progress = SILENT,
) -> list[SoftTree]:
    """`trees` of them, the one of the least loss first, trained at once.

    Each minimizes Σ_ℓ P(ℓ) CE(softmax(teacher's logits), Q_ℓ) + λ Σ_i 2^(−depth i) C_i, where
    C_i = −½ log α_i − ½ log(1 − α_i) and α_i is the share of what reaches node i that goes on to its first
    child: the penalty keeps nodes from sending all one way.
    Source: Frosst and Hinton (2017), equations 3 to 5.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    inputs = jnp.asarray((features - mean) / scale, jnp.float32)
    targets = jax.nn.softmax(jnp.asarray(logits, jnp.float32))
    batch = min(BATCH, len(inputs))
    steps = len(inputs) // batch
    optimizer = optax.adam(optax.cosine_decay_schedule(schedule.learning_rate, steps * schedule.epochs))
    keys = jax.random.split(jax.random.key(seed), trees)
    start = partial(_start, depth=schedule.depth, features=inputs.shape[1], classes=targets.shape[1])
    weights = jax.vmap(start)(keys)
    state = weights, jax.vmap(optimizer.init)(weights)
    epoch = jax.jit(jax.vmap(_epoch(schedule, optimizer, batch, steps), (0, 0, None, None)))
    loss = np.full(trees, np.inf)
    for number in range(schedule.epochs):
        said = f"epoch {number + 1}/{schedule.epochs}" + (f" loss {loss.min():.2f}" if number else "")
        progress.update(number, schedule.epochs, said)
        state, losses = epoch(
            state, jax.vmap(jax.random.fold_in, (0, None))(keys, number + 1), inputs, targets
        )
        loss = np.asarray(losses)
    batches = inputs[: steps * batch].reshape(steps, batch, -1)
    arrive = jax.jit(jax.vmap(partial(_arrival, depth=schedule.depth), (0, None)))
    arrival = np.asarray(arrive(state[0], batches))
    trained = jax.tree.map(np.asarray, state[0])
    probability = np.asarray(jax.nn.softmax(trained.leaf_logits))
    fulls = [
        Full(weights / scale, bias - weights @ (mean / scale), leaves, reached)
        for weights, bias, leaves, reached in zip(
            trained.weights, trained.bias, probability, arrival, strict=True
        )
    ]
    return [pruned(fulls[at]) for at in np.argsort(loss, kind="stable")]


def depth_for(classes: int) -> int:
    """Enough for two leaves a class, and 5 at least."""
    return max(5, int(np.ceil(np.log2(max(classes, 2)))) + 1)


def _start(key: PRNGKeyArray, *, depth: int, features: int, classes: int) -> Weights:
    nodes, leaves = jax.random.split(key)
    return Weights(
        jax.random.normal(nodes, (2**depth - 1, features)) / jnp.sqrt(features),
        jnp.zeros(2**depth - 1),
        0.01 * jax.random.normal(leaves, (2**depth, classes)),
    )


def _epoch(
    schedule: Schedule, optimizer: optax.GradientTransformation, batch: int, steps: int
) -> Callable[..., tuple[tuple[Weights, optax.OptState], Float[Array, ""]]]:
    """One pass over shuffled batches: the state after it, and the mean loss."""

    def run(state, key, inputs, targets):  # type: ignore[no-untyped-def]
        rows = jax.random.permutation(key, len(inputs))[: steps * batch].reshape(steps, batch)

        def step(state, rows):  # type: ignore[no-untyped-def]
            weights, moments = state
            loss, slope = jax.value_and_grad(_loss)(
                weights, inputs[rows], targets[rows], schedule.depth, schedule.penalty
            )
            update, moments = optimizer.update(slope, moments, weights)
            return (optax.apply_updates(weights, update), moments), loss

        state, losses = jax.lax.scan(step, state, rows)
        return state, losses.mean()

    return run


def _loss(
    weights: Weights,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample class"],
    depth: int,
    penalty: float,
) -> Float[Array, ""]:
    first = jax.nn.sigmoid(inputs @ weights.weights.T + weights.bias)
    levels = _levels(first, depth)
    cross_entropy = -targets @ jax.nn.log_softmax(weights.leaf_logits).T
    balance = jnp.zeros(())
    for level, reached in enumerate(levels[:-1]):
        at = slice(2**level - 1, 2 ** (level + 1) - 1)
        share = (reached * first[:, at]).sum(axis=0) / jnp.maximum(reached.sum(axis=0), 1e-8)
        share = jnp.clip(share, _EDGE, 1 - _EDGE)
        balance -= 0.5 * (jnp.log(share) + jnp.log1p(-share)).sum() / 2**level
    return (levels[-1] * cross_entropy).sum(axis=1).mean() + penalty * balance


def _levels(first: Float[Array, "sample inner"], depth: int) -> list[Array]:
    """P(node) of the nodes of each level, from the root to the leaves: (sample, 2^level)."""
    levels = [jnp.ones((len(first), 1))]
    for level in range(depth):
        going = first[:, 2**level - 1 : 2 ** (level + 1) - 1]
        both = jnp.stack([levels[-1] * going, levels[-1] * (1 - going)], axis=-1)
        levels.append(both.reshape(len(first), -1))
    return levels


def _arrival(
    weights: Weights, batches: Float[Array, "batch sample feature"], *, depth: int
) -> Float[Array, " leaf"]:
    """The mean of P(leaf), a batch at a time: of many leaves and images all at once are gigabytes."""

    def of(inputs: Float[Array, "sample feature"]) -> Float[Array, " leaf"]:
        first = jax.nn.sigmoid(inputs @ weights.weights.T + weights.bias)
        return _levels(first, depth)[-1].mean(axis=0)

    return jax.lax.map(of, batches).mean(axis=0)
