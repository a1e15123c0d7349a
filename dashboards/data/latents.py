"""Latents of a run's images as its autoencoder knows them: their means, and how much each says."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.population import Population, facts_of
from dashboards.data.predictions import resident
from dashboards.data.recent import Recent
from dashboards.data.spreading import evenly
from deepvid.caching import newest_per
from deepvid.store import Run

ACTIVE = 0.01
"""Variance of its mean from which a latent says something. Source: Burda et al. (2016), arXiv 1509.00519."""

ENDS = (0.05, 0.95)
_MOST = 20_000  # images that tell what is usual
_DIRECTIONS = 12


class Directions(NamedTuple):
    """The first few principal directions, along which the means differ most; arrays are float32."""

    vector: np.ndarray  # (direction, latent), orthonormal; the largest entry of each is positive
    share: np.ndarray  # (direction,): of the variance of all latents together
    spread: np.ndarray  # (direction,): standard deviation of the images along it


@dataclass(frozen=True, eq=False)
class Latents:
    """Of all samples; arrays are float32 (latent,), but `mean` and `log_variance` (sample, latent)."""

    mean: xr.DataArray
    log_variance: xr.DataArray
    scale: np.ndarray  # standard deviation of the means over the training images
    low: np.ndarray  # 5 % of the means are below
    high: np.ndarray
    kl: np.ndarray  # nats, mean over images
    center: np.ndarray  # of the means: their mean
    variance: np.ndarray  # of the means

    @property
    def order(self) -> np.ndarray:
        """Latents by what they say, the most first: int (latent,)."""
        return np.argsort(-self.kl, kind="stable")

    @property
    def active(self) -> np.ndarray:
        """bool (latent,)."""
        return self.variance >= ACTIVE

    @cached_property
    def directions(self) -> Directions:
        """In which the means differ most."""
        return principal(self.reference, _DIRECTIONS)

    @cached_property
    def ends(self) -> np.ndarray:
        """Of the directions: 5 and 95 % of the images are below, f32 (end, direction)."""
        along = (self.reference - self.center) @ self.directions.vector.T
        return np.quantile(along, ENDS, axis=0).astype(np.float32)

    @property
    def reference(self) -> np.ndarray:
        """Means of the images that tell what is usual: f32 (image, latent)."""
        return self.mean[evenly(len(self.mean), _MOST)].to_numpy()


_latents: Recent[Latents] = Recent(2)  # runs


def latents(run: Run) -> Latents:
    """Those of a run that has the stage; the same object until it has another autoencoder."""
    stage = run.stages["vae"]
    key = str(run.address), stage.key
    return _latents.get(key, lambda: _read(stage.open("mean", "log_variance", "scale")))


@newest_per(facts_of)
def class_means(table: Population, known: Latents) -> np.ndarray:
    """f32 (class, latent): mean over the images of each class, of some where there are many; NaN: of none."""
    rows = evenly(table.rows, _MOST)
    label = table.filed[rows]
    total = np.zeros((table.class_count, len(known.scale)), np.float64)
    np.add.at(total, label, known.mean[table.samples[rows]].to_numpy())
    with np.errstate(invalid="ignore"):
        mean = total / np.bincount(label, minlength=table.class_count)[:, None]
    return mean.astype(np.float32)


def _read(group: xr.Dataset) -> Latents:
    mean, log_variance = resident(group["mean"]), resident(group["log_variance"])
    asked = evenly(len(mean), _MOST)
    means, logs = mean[asked].to_numpy(), log_variance[asked].to_numpy()
    low, high = np.quantile(means, ENDS, axis=0).astype(np.float32)
    kl = 0.5 * (means**2 + np.exp(logs) - logs - 1).mean(axis=0)
    center, variance = means.mean(axis=0).astype(np.float32), means.var(axis=0).astype(np.float32)
    return Latents(mean, log_variance, group["scale"].to_numpy(), low, high, kl, center, variance)


def principal(means: np.ndarray, most: int) -> Directions:
    """Eigenvectors of Cov(μ) of `means` (image, latent), the greatest eigenvalues first: Pearson (1901)."""
    centered = means - means.mean(axis=0)
    value, vector = np.linalg.eigh(centered.T @ centered / len(centered))
    value, vector = np.maximum(value, 0)[::-1], vector.T[::-1]
    largest = np.take_along_axis(vector, np.abs(vector).argmax(axis=1)[:, None], axis=1)
    share = value / max(float(value.sum()), np.finfo(np.float32).tiny)
    kept = slice(min(most, len(value)))
    return Directions(
        (vector * np.sign(largest))[kept].astype(np.float32),
        share[kept].astype(np.float32),
        np.sqrt(value[kept]).astype(np.float32),
    )
