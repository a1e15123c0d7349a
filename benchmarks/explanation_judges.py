"""Judges of maps that a run does not need: MuFidelity, infidelity, and correlations of ranks."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.judges import FILLING, JUDGES
from deepvid.attribution.measures import DeletionInsertion, measure, of_pixels, without
from deepvid.attribution.method import Case, margin
from deepvid.attribution.segments import grid
from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.models import VAE, Classifier
from deepvid.students.teachers import Teacher


class Correlations(NamedTuple):
    """Means over the baselines for which there is a correlation; nan where there is none."""

    partial: Float[Array, " map"]  # given how much ink is deleted
    plain: Float[Array, " map"]
    undefined: Int[Array, " map"]  # baselines without a partial correlation


@dataclass(frozen=True)
class MuFidelity:
    """Spearman's correlation, over random sets S of cells, of m(x) − m(x with S at the baseline) and Σ_S φ,

    *partial*: given the ink that S deletes, Σ_S |x − baseline|. m is the margin in logits. All S have exactly
    the same number of cells. The plain correlation rewards a map for knowing where the ink is. A constant
    side has no correlation: it is counted, and not taken for 0.
    Source: Bhatt et al. (2020), arXiv 2005.00631, definition 3.
    """

    subsets: int = 200
    share: float = 0.2
    cell: int = 4  # pixels
    baselines: tuple[names.Baseline, ...] = ALL

    def __call__(
        self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]
    ) -> Correlations:
        cells = grid((case.image.shape[0], case.image.shape[1]), self.cell)
        size = max(1, round(self.share * cells.limit))
        drawn = jax.random.uniform(case.key, (self.subsets, cells.limit))
        chosen = jnp.argsort(drawn, axis=1).argsort(axis=1) < size
        gone = chosen[:, cells.number.ravel()]
        explained = of_pixels(maps) @ gone.T.astype(jnp.float32)
        of = margin(classifier, case.classes)

        def correlations(baseline: Float[Array, "y x channel"]) -> tuple[Array, Array]:
            values = in_chunks(lambda gone: of(without(case.image, baseline, gone)), gone)
            drop = of(case.image[None])[0] - values
            ink = gone.astype(jnp.float32) @ jnp.abs(case.image - baseline).sum(axis=-1).ravel()
            return (
                jax.vmap(lambda sums: partial_spearman(sums, drop, ink))(explained),
                jax.vmap(lambda sums: spearman(sums, drop))(explained),
            )

        partial, plain = jax.lax.map(correlations, stacked(self.baselines, case))
        undefined = jnp.isnan(partial).sum(axis=0)
        return Correlations(jnp.nanmean(partial, axis=0), jnp.nanmean(plain, axis=0), undefined)


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


CONSTANT = 1e-6  # of the variance: what is left in float32 where everything is explained


def ranks(values: Float[Array, " row"]) -> Float[Array, " row"]:
    """From 1; equal values share their mean rank."""
    below = jnp.sum(values[:, None] > values, axis=1)
    equal = jnp.sum(values[:, None] == values, axis=1)
    return below + (equal + 1) / 2


def spearman(first: Float[Array, " row"], second: Float[Array, " row"]) -> Float[Array, ""]:
    """r(ranks a, ranks b); nan where one is constant. Source: Spearman (1904), Am. J. Psychol. 15, 72-101."""
    return pearson(ranks(first), ranks(second))


def partial_spearman(
    first: Float[Array, " row"], second: Float[Array, " row"], given: Float[Array, " row"]
) -> Float[Array, ""]:
    """(r_ab − r_ac r_bc) / √((1 − r_ac²)(1 − r_bc²)), r of ranks: what a says of b beyond what c says.

    nan where a or b is constant, or a monotone function of c; where c is constant, Spearman's r_ab.
    """
    ab, ac, bc = (spearman(*pair) for pair in ((first, second), (first, given), (second, given)))
    ac, bc = (jnp.where(jnp.ptp(given) == 0, 0.0, r) for r in (ac, bc))
    left = (1 - ac**2, 1 - bc**2)
    known = (left[0] > CONSTANT) & (left[1] > CONSTANT)
    return jnp.where(known, (ab - ac * bc) / jnp.sqrt(jnp.where(known, left[0] * left[1], 1.0)), jnp.nan)


def pearson(first: Float[Array, " row"], second: Float[Array, " row"]) -> Float[Array, ""]:
    """nan where one is constant."""
    a, b = first - first.mean(), second - second.mean()
    scale = jnp.sqrt(jnp.vdot(a, a) * jnp.vdot(b, b))
    return jnp.where(scale > 0, jnp.vdot(a, b) / jnp.where(scale > 0, scale, 1.0), jnp.nan)


def areas_by_judge(classifier: Classifier, vae: VAE, cases: Case, maps: Array) -> dict[str, np.ndarray]:
    """Insertion - deletion (case, map) by each judge; nan where it has nothing to say of an image."""
    by_fill = measure(DeletionInsertion(), classifier, cases, maps)
    filled = measure(DeletionInsertion(("infill",)), classifier, cases, maps, vae=vae)
    found = {name: np.asarray(by_fill.insertion - by_fill.deletion)[..., i] for i, name in enumerate(FILLING)}
    found["infill"] = np.asarray(filled.insertion - filled.deletion)[..., 0]
    return {name: found[name] for name in JUDGES}
