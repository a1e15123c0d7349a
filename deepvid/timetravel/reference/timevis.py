"""The form of TimeVis: one autoencoder for all epochs, in whose graph each sample is joined to itself.

Source: Yang et al. (2022), Temporality Spatialization, IJCAI 31, 4022-4028, and its code.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress
from deepvid.timetravel.autoencoder import Autoencoder, Layers
from deepvid.timetravel.contract import Epoch, Fitted, check, placed
from deepvid.timetravel.graph import (
    Drawn,
    Edges,
    K,
    Neighbors,
    among_themselves,
    by_weight,
    fuzzy_complex,
    graph,
)
from deepvid.timetravel.reference.published import (
    Passes,
    attention,
    autoencoding,
    descend_in_passes,
    plain_autoencoder,
)


class Inputs(NamedTuple):
    """Inputs of the loss; points are the chosen samples of every epoch, then the boundary points."""

    features: Float[Array, "point feature"]
    attention: Float[Array, "point feature"]
    model: Autoencoder


@dataclass(frozen=True)
class TimeVis:
    """L_umap + `reconstruction` L_reconstruction over the graphs of all epochs and the edges between epochs.

    Samples are thinned greedily to `chosen` centers, of which each is the farthest from those before it.
    """

    reconstruction: float = 20.0  # of Fashion-MNIST; CIFAR-10 10, MNIST 1
    temperature: float = 0.1
    chosen: int = 1500
    epochs: int = 5  # other epochs that a sample is joined to, those when it was nearest to itself
    hidden: int = 128
    passes: Passes = field(default_factory=Passes)

    def fit(
        self,
        epochs: Iterable[Epoch],
        *,
        before: Fitted | None = None,
        seed: int,
        progress: Progress = SILENT,
    ) -> Iterator[Fitted]:
        """Reads all epochs before it yields a map, and so nothing ties it to the one `before`."""
        every = list(epochs)
        for epoch in every:
            check(epoch)
        progress.update(0, self.passes.most, "finding neighbors")
        thinned = self.thinned(every, seed=seed)
        start = plain_autoencoder(thinned[0].features.shape[1], self.hidden, seed=seed)
        layers = descend_in_passes(
            self.loss,
            self.passes,
            start.layers,
            Inputs(
                _joined(thinned, lambda epoch, points: points),
                _joined(thinned, lambda epoch, points: attention(points, epoch.head, self.temperature)),
                start,
            ),
            self.edges(thinned, seed=seed),
            seed=seed,
            progress=progress,
        )
        model = jax.tree.map(np.asarray, start.with_layers(layers))
        for epoch in every:
            yield placed(epoch, epoch.sample[among_themselves(epoch.features, K).point], model)

    def thinned(self, epochs: Sequence[Epoch], *, seed: int) -> list[Epoch]:
        """The epochs with centers alone, chosen in the last of them from the samples that all have."""
        common = reduce(np.intersect1d, [epoch.sample for epoch in epochs])
        if len(common) <= K:
            raise DataError(
                f"TimeVis needs more than {K} samples that all epochs have",
                f"{len(common)} of them in {len(epochs)} epochs",
                "Use the parametric form, which joins the samples that two epochs share",
            )
        rows = [np.flatnonzero(np.isin(epoch.sample, common)) for epoch in epochs]
        rows = [at[np.argsort(epoch.sample[at])] for epoch, at in zip(epochs, rows, strict=True)]
        kept = centers(epochs[-1].features[rows[-1]], self.chosen, seed=seed)
        return [
            epoch._replace(sample=common[kept], features=epoch.features[at[kept]])
            for epoch, at in zip(epochs, rows, strict=True)
        ]

    def edges(self, epochs: Sequence[Epoch], *, seed: int) -> Edges:
        """As many as there are, drawn by weight from the graphs of all epochs and those between epochs."""
        samples, whole = len(epochs[0].features), len(epochs) * len(epochs[0].features)
        parts, begin = list[Edges](), whole
        for number, epoch in enumerate(epochs):
            numbers = np.concatenate(
                [number * samples + np.arange(samples), begin + np.arange(len(epoch.boundary))]
            )
            begin += len(epoch.boundary)
            parts += [
                Edges(numbers[edges.head], numbers[edges.tail], edges.weight)
                for edges in graph(epoch.features, epoch.boundary)
            ]
        if len(epochs) > 1:
            nearest = between_epochs(np.stack([epoch.features for epoch in epochs]), self.epochs)
            parts.append(fuzzy_complex(nearest, begin))
        pooled = Edges(*map(np.concatenate, zip(*parts, strict=True)))
        drawn = by_weight(pooled.weight, len(pooled.weight), np.random.default_rng(seed))
        return Edges(*(part[drawn] for part in pooled))

    def loss(
        self, layers: tuple[Layers, Layers], inputs: Inputs, drawn: Drawn, key: PRNGKeyArray
    ) -> Float[Array, ""]:
        rows = jnp.concatenate([drawn.head, drawn.tail])
        model = inputs.model.with_layers(layers)
        return autoencoding(model, inputs.features[rows], inputs.attention[rows], self.reconstruction, key)


def centers(
    features: Float[np.ndarray, "sample feature"], number: int, *, seed: int
) -> Int[np.ndarray, " center"]:
    """Rows of at most `number` samples: the first by chance, each other the farthest from those before it.

    Source: Gonzalez (1985), Theor. Comput. Sci. 38, 293-306.
    """
    first = int(np.random.default_rng(seed).integers(len(features)))
    chosen, far = [first], np.linalg.norm(features - features[first], axis=1)
    while len(chosen) < min(number, len(features)):
        chosen.append(int(far.argmax()))
        far = np.minimum(far, np.linalg.norm(features - features[chosen[-1]], axis=1))
        far[chosen] = -1  # also of equal samples each is chosen once
    return np.sort(chosen)


def between_epochs(features: Float[np.ndarray, "epoch sample feature"], k: int) -> Neighbors:
    """Of every sample at every epoch the `k` other epochs when it was nearest; numbered epoch by epoch."""
    epochs, samples, _ = features.shape
    far = np.stack([np.linalg.norm(features - now, axis=2) for now in features]).transpose(0, 2, 1)
    far[np.arange(epochs), :, np.arange(epochs)] = np.inf
    k = min(k, epochs - 1)
    epoch = far.argsort(axis=2, kind="stable")[:, :, :k]
    point = epoch * samples + np.arange(samples)[:, None]
    distance = np.take_along_axis(far, epoch, axis=2)
    return Neighbors(point.reshape(-1, k), distance.reshape(-1, k))


def _joined(epochs: Sequence[Epoch], of: Callable[[Epoch, np.ndarray], Any]) -> Float[Array, "point feature"]:
    """`of` the samples of every epoch, then of every epoch's boundary points, float32."""
    samples = [of(epoch, epoch.features) for epoch in epochs]
    boundary = [of(epoch, epoch.boundary) for epoch in epochs]
    return jnp.concatenate([*samples, *boundary]).astype(jnp.float32)
