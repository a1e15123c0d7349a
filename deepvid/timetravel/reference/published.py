"""The published form: one autoencoder an epoch with the loss and the schedule of DVI, to compare with.

Source: Yang et al. (2022), AAAI 36, 5359-5366, and its code.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from deepvid.progress import Progress
from deepvid.timetravel.autoencoder import Autoencoder, Decoder, Encoder, Layers, fresh
from deepvid.timetravel.contract import Epoch, EpochByEpoch, Fitted, Head, placed
from deepvid.timetravel.descent import Loss, adam_at, steps_of, umap_loss
from deepvid.timetravel.graph import Drawn, Edges, K, repeated_as_published
from deepvid.timetravel.ground import ground, tie

HIDDEN = 4  # layers


@dataclass(frozen=True)
class Passes:
    """Adam over a tenth of the edges at a time, until the loss stops falling."""

    most: int = 200
    fast: int = 8  # passes at the higher rate
    rates: tuple[float, float] = (1e-3, 1e-4)
    patience: int = 8  # passes that the loss may stay where it is
    fall: float = 0.01  # what counts as falling
    batch: int = 1000
    share: int = 10  # a pass is 1 / share of the edges


class Inputs(NamedTuple):
    """Inputs of the loss; points are the samples, then the boundary points."""

    features: Float[Array, "point feature"]
    attention: Float[Array, "point feature"]
    rate: Float[Array, " point"]
    before: tuple[Layers, Layers]  # those of the epoch before
    model: Autoencoder


@dataclass(frozen=True)
class Published(EpochByEpoch):
    """L_umap + L_reconstruction + `temporal` ᾱ Σ (w_t - w_(t-1))².

    Edges are repeated as the published code does, the weakest most; ᾱ is the batch's mean of the share of a
    sample's neighborhood that has stayed, itself counted, and 0 of boundary points.
    """

    temporal: float = 0.3
    temperature: float = 0.1  # τ: of Fashion-MNIST; CIFAR-10 .3, MNIST .02
    hidden: int | None = None  # width; None: half as wide as the features
    passes: Passes = Passes()

    def fit_one(self, epoch: Epoch, before: Fitted | None, *, seed: int, progress: Progress) -> Fitted:
        progress.update(0, self.passes.most, "finding neighbors")
        under = ground(epoch, before)
        others = tie(epoch, under.nearest[:, : K - 1], before)
        rate = np.where(others.tied, (1 + (K - 1) * others.rate) / K, 0).astype(np.float32)
        start = self._start(before, under.points.shape[1], seed=seed)
        attended = attention(under.points, epoch.head, self.temperature)
        layers = descend_in_passes(
            self.loss,
            self.passes,
            start.layers,
            Inputs(jnp.asarray(under.points), attended, jnp.asarray(rate), start.layers, start),
            repeated_as_published(under.graph),
            seed=seed,
            progress=progress,
        )
        return placed(epoch, under.nearest, jax.tree.map(np.asarray, start.with_layers(layers)))

    def _start(self, before: Fitted | None, width: int, *, seed: int) -> Autoencoder:
        if before is not None and isinstance(before.model, Autoencoder):
            return before.model
        return plain_autoencoder(width, self.hidden or max(2, width // 2), seed=seed)

    def loss(
        self, layers: tuple[Layers, Layers], inputs: Inputs, drawn: Drawn, key: PRNGKeyArray
    ) -> Float[Array, ""]:
        rows = jnp.concatenate([drawn.head, drawn.tail])
        changed = jax.tree.map(lambda now, before: ((now - before) ** 2).sum(), layers, inputs.before)
        return autoencoding(
            inputs.model.with_layers(layers), inputs.features[rows], inputs.attention[rows], 1.0, key
        ) + self.temporal * inputs.rate[rows].mean() * sum(jax.tree.leaves(changed))


def autoencoding(
    model: Autoencoder,
    features: Float[Array, "end feature"],
    attention: Float[Array, "end feature"],
    reconstruction: float,
    key: PRNGKeyArray,
) -> Float[Array, ""]:
    """L_umap + `reconstruction` mean (1 + a_j) (h_j - h'_j)²; the ends are the heads, then the tails."""
    position = model.encoder(features)
    heads, tails = jnp.split(position, 2)
    error = ((1 + attention) * (features - model.decoder(position)) ** 2).mean()
    return umap_loss(heads, tails, key) + reconstruction * error


@jax.jit
def attention(
    features: Float[Array, "point feature"], head: Head, temperature: float
) -> Float[Array, "point feature"]:
    """softmax_j((|∂z₍₁₎/∂h_j| + |∂z₍₂₎/∂h_j|) / τ) of the two highest logits, whose gradients are weights."""
    _, leading = jax.lax.top_k(head(features), 2)
    steepness = jnp.abs(head.weight.T[leading]).sum(axis=1)
    return jax.nn.softmax(steepness / temperature, axis=1)


def plain_autoencoder(width: int, hidden: int, *, seed: int) -> Autoencoder:
    """Networks of `HIDDEN` layers between features and positions as they are."""
    keys, middle = jax.random.split(jax.random.key(seed)), (hidden,) * HIDDEN
    zero, one, none = jnp.zeros(width), jnp.float32(1), jnp.zeros((2, 0))
    return Autoencoder(
        Encoder(fresh(keys[0], (width, *middle, 2)), zero, one, one),
        Decoder(fresh(keys[1], (2, *middle, width)), none, jnp.zeros(2), one, zero, one),
    )


def descend_in_passes(
    loss: Loss,
    passes: Passes,
    layers: tuple[Layers, Layers],
    inputs: NamedTuple,
    edges: Edges,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Layers, Layers]:
    """Every one of `edges` is drawn as likely as another. Steps are taken one by one: their number varies."""
    rng = np.random.default_rng(seed)
    steps = max(1, len(edges.head) // (passes.batch * passes.share))
    state = layers, adam_at(passes.rates[0]).init(layers)
    inputs = jax.tree.map(jnp.asarray, inputs)
    lowest, waited = np.inf, 0
    for number in range(passes.most):
        optimizer = adam_at(passes.rates[number >= passes.fast])
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), number), steps)
        rows = rng.integers(0, len(edges.head), (steps, passes.batch))
        losses = []
        for step in range(steps):
            one = slice(step, step + 1)
            drawn = Drawn(*(end[rows[one]].astype(np.int32) for end in edges[:2]))
            state, value = steps_of(loss, optimizer, state, inputs, drawn, keys[one])
            losses.append(value)
        mean = float(np.mean(losses))
        progress.update(number + 1, passes.most, f"fitting the map loss {mean:.2f}")
        fell = mean < lowest - passes.fall
        lowest, waited = (mean, 0) if fell else (lowest, waited + 1)
        if waited >= passes.patience:
            break
    progress.update(passes.most, passes.most, "fitting the map")
    return state[0]
