"""The latents of one image as axes."""

from typing import TypedDict

import numpy as np

from dashboards.data.latents import Latents


class Axis(TypedDict):
    """One latent; values are in its own units."""

    latent: int
    value: float  # mean of the image
    deviation: float  # standard deviation of the image's own posterior
    low: float  # 5 % of the run's images are below
    high: float
    band: float  # half-width that neighbors are drawn within
    kl: float  # nats, mean over the run's images


def axes(known: Latents, sample: int, band: float) -> list[Axis]:
    """The active ones, what says most first; `band` is in standard deviations of the training images."""
    mean = known.mean[sample].to_numpy()
    deviation = known.log_variance[sample].to_numpy() / 2
    return [
        {
            "latent": int(latent),
            "value": float(mean[latent]),
            "deviation": float(np.exp(deviation[latent])),
            "low": float(known.low[latent]),
            "high": float(known.high[latent]),
            "band": float(band * known.scale[latent]),
            "kl": float(known.kl[latent]),
        }
        for latent in known.order.tolist()
        if known.active[latent]
    ]
