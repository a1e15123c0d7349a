"""What a run's autoencoder knows of its images: means of their latents, and how much each latent says."""

from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.predictions import resident
from deepvid.store import Run

ACTIVE = 0.01
"""Variance of its mean from which a latent says something. Source: Burda et al. (2016), arXiv 1509.00519."""

ENDS = (0.05, 0.95)
_MOST = 20_000  # images that tell the ends


class Latents(NamedTuple):
    """Of all samples; arrays are float32 (latent,), but `mean` and `log_variance` (sample, latent)."""

    mean: xr.DataArray
    log_variance: xr.DataArray
    scale: np.ndarray  # standard deviation of the means over the training images
    low: np.ndarray  # 5 % of the means are below
    high: np.ndarray
    kl: np.ndarray  # nats, mean over images
    variance: np.ndarray  # of the means

    @property
    def order(self) -> np.ndarray:
        """Latents by what they say, the most first: int (latent,)."""
        return np.argsort(-self.kl, kind="stable")

    @property
    def active(self) -> np.ndarray:
        """bool (latent,)."""
        return self.variance >= ACTIVE


_KEPT = 2  # runs
_known: OrderedDict[tuple[Any, ...], Latents] = OrderedDict()
_lock = Lock()


def latents(run: Run) -> Latents:
    """Those of a run that has the stage; the same object until it has another autoencoder."""
    stage = run.stages["vae"]
    key = str(run.address), stage.key
    with _lock:
        if key not in _known:
            _known[key] = _read(stage.open("mean", "log_variance", "scale"))
            while len(_known) > _KEPT:
                _known.popitem(last=False)
        _known.move_to_end(key)
        return _known[key]


def _read(group: xr.Dataset) -> Latents:
    mean, log_variance = resident(group["mean"]), resident(group["log_variance"])
    asked = slice(None, None, max(1, len(mean) // _MOST))
    means, logs = mean[asked].to_numpy(), log_variance[asked].to_numpy()
    low, high = np.quantile(means, ENDS, axis=0).astype(np.float32)
    kl = 0.5 * (means**2 + np.exp(logs) - logs - 1).mean(axis=0)
    return Latents(
        mean, log_variance, group["scale"].to_numpy(), low, high, kl, means.var(axis=0).astype(np.float32)
    )
