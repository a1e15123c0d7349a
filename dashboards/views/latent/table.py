"""The latents of one image as axes."""

from collections.abc import Mapping, Sequence
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
    sensitivity: float | None  # `Weighed.sensitivity`; None: not known


def axes(known: Latents, sample: int, band: np.ndarray, sensitivity: np.ndarray | None = None) -> list[Axis]:
    """The active ones, what says most first; `band` (latent,) is their half-width in units of each.

    With a `sensitivity` (latent,) what moves the teacher most comes first.
    """
    order = known.order if sensitivity is None else np.argsort(-sensitivity, kind="stable")
    mean = known.mean[sample].to_numpy()
    deviation = known.log_variance[sample].to_numpy() / 2
    return [
        {
            "latent": int(latent),
            "value": float(mean[latent]),
            "deviation": float(np.exp(deviation[latent])),
            "low": float(known.low[latent]),
            "high": float(known.high[latent]),
            "band": float(band[latent]),
            "kl": float(known.kl[latent]),
            "sensitivity": None if sensitivity is None else float(sensitivity[latent]),
        }
        for latent in order.tolist()
        if known.active[latent]
    ]


def half_widths(known: Latents, band: float | Sequence[float]) -> np.ndarray:
    """f32 (latent,) in units of each latent, of a setting in standard deviations of the training images."""
    return np.asarray(np.asarray(band, np.float32) * known.scale)


def as_setting(
    known: Latents, wanted: Mapping[int, float], band: float | Sequence[float]
) -> tuple[float, ...]:
    """The inverse: half-widths by latent; those of which nothing is said are as in `band`."""
    width = half_widths(known, band).copy()
    for latent, half in wanted.items():
        width[latent] = max(0.0, half)
    return tuple(round(float(value), 4) for value in width / known.scale)
