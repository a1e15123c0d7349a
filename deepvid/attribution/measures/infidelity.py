"""Infidelity: how far sums of contributions are from what perturbations cost."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.case import Case, margin
from deepvid.attribution.measures.pixels import of_pixels, without
from deepvid.config import names
from deepvid.students.chunks import in_chunks
from deepvid.students.teachers import Teacher


class Infidelities(NamedTuple):
    """Low is good; means over baselines."""

    raw: Float[Array, " map"]  # squared logits
    normalized: Float[Array, " map"]  # with the best scale of the map, which many methods leave open
    unexplained: Float[Array, " map"]  # normalized, as a share of E[b²]: 1 is what a map of zeros has


@dataclass(frozen=True)
class Infidelity:
    """raw = E[(a − b)²],   a = Σ_S φ,   b = m(x) − m(x with S at the baseline),   S a random square;
    normalized = E[(βa − b)²],   β = max(0, E[ab] / E[a²]).

    For I the change at S and φ = w ⊙ (x − baseline), a is Iᵀw: the published formula, whose φ is w. Every S
    is taken from x itself; m is the margin in logits. β is not negative, or a map with all signs wrong would
    be perfect. Source: Yeh et al. (2019), arXiv 1901.09392, definition 2.1, with squares as in section 3;
    the scale as in Captum.
    """

    draws: int = 100
    largest: float = 0.5  # of the shorter side
    baselines: tuple[names.Baseline, ...] = ALL

    def __call__(
        self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]
    ) -> Infidelities:
        y, x, _ = case.image.shape
        gone = random_squares(case.key, self.draws, (y, x), self.largest)
        explained = of_pixels(maps) @ gone.T.astype(jnp.float32)
        of = margin(classifier, case.classes)

        def infidelities(baseline: Float[Array, "y x channel"]) -> Infidelities:
            values = in_chunks(lambda gone: of(without(case.image, baseline, gone)), gone)
            drop = of(case.image[None])[0] - values
            return jax.vmap(lambda sums: _infidelities(sums, drop))(explained)

        each = jax.lax.map(infidelities, stacked(self.baselines, case))
        return jax.tree.map(lambda values: values.mean(axis=0), each)


def random_squares(
    key: PRNGKeyArray, count: int, shape: tuple[int, int], largest: float
) -> Bool[Array, "square pixel"]:
    """Squares inside the image, whose side is uniform from 1 to `largest` of its shorter side."""
    most = max(1, round(largest * min(shape)))
    side_key, *place_keys = jax.random.split(key, 3)
    side = jax.random.randint(side_key, (count, 1), 1, most + 1)
    rows, columns = (_interval(key, size, side) for key, size in zip(place_keys, shape, strict=True))
    return (rows[:, :, None] & columns[:, None, :]).reshape(count, -1)


def _interval(key: PRNGKeyArray, size: int, side: Array) -> Bool[Array, "square size"]:
    start = jnp.floor(jax.random.uniform(key, side.shape) * (size - side + 1))
    pixel = jnp.arange(size)
    return (pixel >= start) & (pixel < start + side)


def _infidelities(a: Float[Array, " draw"], b: Float[Array, " draw"]) -> Infidelities:
    power = jnp.mean(a**2)
    beta = jnp.where(power > 0, jnp.maximum(jnp.mean(a * b), 0) / jnp.where(power > 0, power, 1.0), 0.0)
    normalized = jnp.mean((beta * a - b) ** 2)
    return Infidelities(jnp.mean((a - b) ** 2), normalized, normalized / jnp.maximum(jnp.mean(b**2), 1e-12))
