"""Form B: an encoder and a decoder an epoch, which project and invert what they were not fitted to."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from deepvid.progress import Progress
from deepvid.timetravel.autoencoder import Autoencoder, Decoder, Encoder, Layers, fresh, scale, wave_layers
from deepvid.timetravel.contract import Epoch, EpochByEpoch, Fitted, Head, placed
from deepvid.timetravel.descent import adam, descend, divergence, info_nce, squared_distances
from deepvid.timetravel.graph import Drawn, draw, weakened
from deepvid.timetravel.ground import Ground, ground
from deepvid.timetravel.landscape import ROOM


class Inputs(NamedTuple):
    """Inputs of the loss; points are the samples, then the boundary points."""

    features: Float[Array, "point feature"]
    before: Float[Array, "point 2"]  # position in the map before
    rate: Float[Array, " point"]  # how much of the neighborhood was there before; 0 of new points
    head: Head
    model: Autoencoder  # its scales; its layers are where the fit starts


@dataclass(frozen=True)
class Parametric(EpochByEpoch):
    """InfoNCE + `kl` KL(p(h) || p(h')) + `reconstruction` |h - h'|² / (dσ²) + `anchor` r |y - y'|² / s².

    InfoNCE is of the graph's edges, h' is what is decoded at y, p are the head's probabilities, y' is the
    position in the map before and r the share of a sample's neighborhood that has stayed. Between the samples
    the nearest one's features are to be decoded.
    """

    steps: int = 1500
    batch: int = 500  # edges a step
    rate: float = 3e-3
    encoder: tuple[int, ...] = (192, 192)  # hidden widths
    decoder: tuple[int, ...] = (128, 128)
    waves: int = 32
    wave_deviation: float = 1.5  # of F: with more, the landscape is speckled
    spread: float = 10.0  # s
    cross: float = 0.3  # what edges between differently predicted samples keep of their weight
    boundary_share: float = 0.2  # of all edges
    kl: float = 1.0
    reconstruction: float = 0.3
    anchor: float = 2.0  # a stronger one freezes the map: the temporal measure rises and nn falls
    jitter: float = 0.01  # standard deviation of decoded positions, in spreads: a smooth landscape
    background: int = 200  # further points a step, anywhere: against phantom regions

    def fit_one(self, epoch: Epoch, before: Fitted | None, *, seed: int, progress: Progress) -> Fitted:
        progress.update(0, self.steps, "finding neighbors")
        under = ground(epoch, before)
        points, (_, position, rate) = jnp.asarray(under.points), under.tie
        model = self.start(epoch, before, seed=seed)
        layers = descend(
            self.loss,
            adam(self.rate, self.steps),
            model.layers,
            Inputs(points, jnp.asarray(position), jnp.asarray(rate), epoch.head, model),
            self.edges(under, epoch.head, seed=seed),
            seed=seed,
            progress=progress,
        )
        fitted = jax.tree.map(np.asarray, model.with_layers(layers))
        return placed(epoch, under.nearest, fitted)

    def start(self, epoch: Epoch, before: Fitted | None, *, seed: int) -> Autoencoder:
        """The networks of the map before, or new ones, between the scales of this epoch's features."""
        mean, deviation = scale(epoch.features)
        if before is not None and isinstance(before.model, Autoencoder):
            encoder, decoder = before.model
            return Autoencoder(
                encoder._replace(mean=mean, deviation=deviation),
                decoder._replace(mean=mean, deviation=deviation),
            )
        keys, width = jax.random.split(jax.random.key(seed)), len(mean)
        layers, frequency = wave_layers(
            keys[1], self.decoder, width, waves=self.waves, deviation=self.wave_deviation
        )
        spread = jnp.float32(self.spread)
        return Autoencoder(
            Encoder(fresh(keys[0], (width, *self.encoder, 2)), mean, deviation, spread),
            Decoder(layers, frequency, jnp.zeros(2), spread, mean, deviation),
        )

    def edges(self, under: Ground, head: Head, *, seed: int) -> Drawn:
        samples = weakened(under.graph.samples, head.predicted(under.points), self.cross)
        apart, rng = under.graph._replace(samples=samples), np.random.default_rng(seed)
        return draw(apart, self.steps, self.batch, boundary_share=self.boundary_share, rng=rng)

    def loss(
        self, layers: tuple[Layers, Layers], inputs: Inputs, drawn: Drawn, key: PRNGKeyArray
    ) -> Float[Array, ""]:
        model = inputs.model.with_layers(layers)
        rows = jnp.concatenate([drawn.head, drawn.tail])
        features = inputs.features[rows]
        position = model.encoder(features)
        heads, tails = jnp.split(position, 2)
        spread = model.encoder.spread
        moved = ((position - inputs.before[rows]) ** 2).sum(axis=1) / spread**2
        near, far = jax.random.split(key)
        jitter = self.jitter * spread * jax.random.normal(near, position.shape)
        anywhere, owner = background(position, self.background, far)
        decoded = model.decoder(jnp.concatenate([position + jitter, anywhere]))
        target = jnp.concatenate([features, features[owner]])
        error = ((target - decoded) ** 2).mean() / model.encoder.deviation**2
        return (
            info_nce(heads, tails)
            + self.kl * divergence(inputs.head(target), inputs.head(decoded)).mean()
            + self.reconstruction * error
            + self.anchor * (inputs.rate[rows] * moved).mean()
        )


def background(
    position: Float[Array, "sample 2"], number: int, key: PRNGKeyArray
) -> tuple[Float[Array, "anywhere 2"], Int[Array, " anywhere"]]:
    """Points anywhere in the square around `position`, with room, and which of those is nearest to each."""
    there = jax.lax.stop_gradient(position)
    low, high = there.min(axis=0), there.max(axis=0)
    half = ROOM * (high - low).max() / 2
    anywhere = (low + high) / 2 + half * jax.random.uniform(key, (number, 2), minval=-1)
    apart = squared_distances(anywhere, there)
    # `argmin` by two minima, which XLA's CPU back end computes four times as fast: 1.2 of a step's 8.7 ms.
    nearest = apart == apart.min(axis=1, keepdims=True)
    return anywhere, jnp.where(nearest, jnp.arange(len(there)), len(there)).min(axis=1)
