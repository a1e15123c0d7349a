"""The latents of one image as axes: each of them, or principal directions of all."""

from collections.abc import Mapping, Sequence

import numpy as np

from dashboards.data.latents import Latents
from dashboards.kit.latents import Axis, OtherLatents


def axes(
    known: Latents, sample: int, band: np.ndarray, order: np.ndarray, sensitivity: np.ndarray | None = None
) -> list[Axis]:
    """The active latents in an order, int (latent,); `band` (latent,) is their half-width in each's units."""
    mean = known.mean[sample].to_numpy()
    deviation = np.exp(known.log_variance[sample].to_numpy() / 2)
    spread = np.sqrt(known.variance)
    return [
        Axis(
            latent,
            _rounded(mean[latent]),
            _rounded(deviation[latent]),
            _rounded(known.low[latent]),
            _rounded(known.high[latent]),
            _rounded(known.center[latent]),
            _rounded(spread[latent]),
            band=_rounded(band[latent]),
            kl=_rounded(known.kl[latent]),
            sensitivity=None if sensitivity is None else _rounded(sensitivity[latent]),
        )
        for latent in order.tolist()
        if known.active[latent]
    ]


def by_effect(sensitivity: np.ndarray) -> np.ndarray:
    """The order in which what moves the teacher most comes first: int (latent,)."""
    return np.argsort(-sensitivity, kind="stable")


def directions(known: Latents, sample: int) -> list[Axis]:
    """The principal directions v, along which the image is at v·(μ - μ̄) and moved by v·shift."""
    vector, share, spread = known.directions
    place = vector @ (known.mean[sample].to_numpy() - known.center)
    deviation = np.sqrt(vector**2 @ np.exp(known.log_variance[sample].to_numpy()))
    low, high = known.ends
    return [
        Axis(
            number,
            _rounded(place[number]),
            _rounded(deviation[number]),
            _rounded(low[number]),
            _rounded(high[number]),
            center=0.0,
            spread=_rounded(spread[number]),
            share=_rounded(share[number]),
        )
        for number in range(len(share))
    ]


def others(known: Latents, band: np.ndarray) -> OtherLatents | None:
    """The inactive ones; `band` (latent,) as above, of which they show the median. None: all are active."""
    silent = ~known.active
    if not silent.any():
        return None
    return OtherLatents(int(silent.sum()), _rounded(np.median(_in_deviations(known, band)[silent])))


def half_widths(known: Latents, band: float | Sequence[float]) -> np.ndarray:
    """f32 (latent,) in units of each latent, of a setting in standard deviations of the training images."""
    return np.asarray(np.asarray(band, np.float32) * known.scale)


def as_setting(
    known: Latents,
    wanted: Mapping[int, float],
    band: float | Sequence[float],
    others: float | None = None,
) -> tuple[float, ...]:
    """The inverse: half-widths by latent, of the inactive ones `others` in standard deviations.

    Those of which nothing is said are as in `band`.
    """
    width = half_widths(known, band).copy()
    for latent, half in wanted.items():
        width[latent] = max(0.0, half)
    setting = _in_deviations(known, width)
    if others is not None:
        setting[~known.active] = max(0.0, others)
    return tuple(round(float(value), 4) for value in setting)


def _in_deviations(known: Latents, width: np.ndarray) -> np.ndarray:
    """A latent that never moves has no width."""
    return width / np.maximum(known.scale, np.finfo(np.float32).tiny)


def _rounded(value: float) -> float:
    """To five digits: hundreds of latents travel at every look at another image."""
    return float(f"{value:.5g}")
