"""MuFidelity: do sums of contributions rank what random deletions cost?"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.case import Case, margin
from deepvid.attribution.measures.pixels import of_pixels, without
from deepvid.attribution.measures.ranks import partial_spearman, spearman
from deepvid.attribution.segments import grid
from deepvid.config import names
from deepvid.students.chunks import in_chunks
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
