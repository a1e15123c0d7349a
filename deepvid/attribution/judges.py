"""Judges: what stands for an absent pixel when maps are measured.

A map that averages over the fills which it is judged by knows its ruler. So the judges that lead use fills of
no method: `colors` takes two flat colors, chosen for each image, that are far from it and from the mean;
`infill` leaves holes, which a VAE fills in (`deepvid.attribution.infill`).
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from deepvid.attribution.baselines import BASELINES
from deepvid.attribution.method import Case
from deepvid.config import names

GRAYS = (0.25, 0.5, 0.75, 1.0)

Fills = Float[Array, "fill y x channel"]


def colors(case: Case) -> Fills:
    """Two flat colors: of a few, never black, those that are farthest from the image and from the mean of the
    training images, whichever of the two is nearer.
    """
    few = jnp.asarray(_few(case.image.shape[-1]))
    of_pixels = jnp.abs(case.image - few[:, None, None]).mean(axis=(1, 2, 3))
    of_mean = jnp.abs(case.mean_color - few).mean(axis=1)
    _, far = jax.lax.top_k(jnp.minimum(of_pixels, of_mean), 2)
    return jnp.broadcast_to(few[far][:, None, None], (2, *case.image.shape))


def _few(channels: int) -> Float[np.ndarray, "color channel"]:
    """Grays of a gray image, of three channels the corners of the cube."""
    if channels != 3:
        return np.repeat(np.array(GRAYS, np.float32)[:, None], channels, axis=1)
    return np.array([corner for corner in product((0, 1), repeat=3) if any(corner)], np.float32)


def infill(case: Case) -> Fills:
    """Holes: nan."""
    return jnp.full((1, *case.image.shape), jnp.nan)


def neighbors(case: Case) -> Fills:
    """The nearest training image of another class."""
    return case.neighbor[None]


def _alone(baseline: Callable[[Case], Float[Array, "y x channel"]]) -> Callable[[Case], Fills]:
    return lambda case: baseline(case)[None]


JUDGES: dict[names.Judge, Callable[[Case], Fills]] = {
    "colors": colors,
    "infill": infill,
    "neighbors": neighbors,
    **{name: _alone(baseline) for name, baseline in BASELINES.items()},
}
"""Those that lead come first; the last are the fills of methods."""

ALL: tuple[names.Judge, ...] = tuple(JUDGES)
FILLING: tuple[names.Judge, ...] = tuple(name for name in ALL if name != "infill")
"""Those that put something in the place of an absent pixel whatever else is absent."""


class FillsOfJudges(NamedTuple):
    """The fills of several judges, one behind the other, and how many each one has."""

    fills: Fills
    counts: tuple[int, ...]

    def means(self, values: Float[Array, "*more fill"]) -> Float[Array, "*more judge"]:
        """The mean over each one's; what one of them cannot say stays its own."""
        parts = jnp.split(values, np.cumsum(self.counts)[:-1], axis=-1)
        return jnp.stack([part.mean(axis=-1) for part in parts], axis=-1)


def fills_of(judges: Sequence[names.Judge], case: Case) -> FillsOfJudges:
    """Of one case."""
    each = [JUDGES[name](case) for name in judges]
    return FillsOfJudges(jnp.concatenate(each), tuple(map(len, each)))
