"""Maps of one epoch alone, by methods that know no other: what time travel is compared with."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from deepvid import config
from deepvid.config import names
from deepvid.progress import Progress
from deepvid.projections import Placer, feasible, placer, project
from deepvid.timetravel.autoencoder import Decoder
from deepvid.timetravel.contract import Epoch, EpochByEpoch, Fitted
from deepvid.timetravel.graph import K, among_themselves
from deepvid.timetravel.layout import Layout


class Alone(NamedTuple):
    """A visualization model of a projection that places new samples by its own method."""

    placer: Placer
    decoder: Decoder

    def project(self, features: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample 2"]:
        return self.placer(features)

    def invert(self, position: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "sample feature"]:
        return self.decoder.invert(position)


@dataclass(frozen=True)
class Independent(EpochByEpoch):
    """PCA, t-SNE or UMAP of an epoch's features, inverted by the decoder of the layout form.

    Nothing ties it to the epoch before, and it is not fitted to the boundary.
    """

    method: names.ProjectionMethod
    layout: Layout = field(default_factory=Layout)

    def fit_one(self, epoch: Epoch, before: Fitted | None, *, seed: int, progress: Progress) -> Fitted:
        settings = feasible(config.Projection(method=self.method), len(epoch.features)).settings
        first = progress.part(0, 0.8, 1)
        position = project(settings, epoch.features, seed=seed, progress=first).astype(np.float32)
        place = placer(settings, epoch.features, position, seed=seed)
        boundary = place(epoch.boundary) if len(epoch.boundary) else np.zeros((0, 2), np.float32)
        decoder = self.layout.decoder_at(
            epoch, None, epoch.features, position, seed=seed, progress=progress.part(0.8, 1, 1)
        )
        nearest = epoch.sample[among_themselves(epoch.features, K).point]
        return Fitted(epoch.sample, position, boundary, nearest, Alone(place, decoder))
