"""How much of the margin goes with the strongest pixels, beyond what goes with as many random ones."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.case import Case, margin
from deepvid.attribution.measures.pixels import of_pixels, places, without
from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.statistics import Z95
from deepvid.students.teachers import Teacher

INKED = 0.05  # of a channel's range: a smaller change is not seen


class MarginLost(NamedTuple):
    """In logits, means over baselines. Above `high`, 97.5 % of random choices lose less."""

    beyond_chance: Float[Array, " map"]  # lost - chance
    lost: Float[Array, " map"]
    chance: Float[Array, " map"]  # lost with random inked pixels
    high: Float[Array, " map"]  # of beyond_chance, where pixels are chosen at random: 1.96 deviations


@dataclass(frozen=True)
class StrongestPixels:
    """m(x) − m(x with the strongest tenth of its inked pixels at the baseline), less that of random ones,

    m the margin in logits. A pixel is *inked* where the baseline would change one of its channels by more
    than 0.05: on black what is not black, on the mean color whatever differs from it, in gray and in color
    alike. So no choice is spent on pixels whose removal changes nothing, and chance has the same to choose.
    """

    share: float = 0.1
    draws: int = 20
    baselines: tuple[names.Baseline, ...] = ALL

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> MarginLost:
        random_key, tie_key = jax.random.split(case.key)
        scores = of_pixels(maps)
        random = jax.random.uniform(random_key, (self.draws, scores.shape[1]))
        everything = jnp.concatenate([scores, random])
        of = margin(classifier, case.classes)

        def losses(baseline: Float[Array, "y x channel"]) -> Float[Array, " choice"]:
            inked = (jnp.abs(case.image - baseline).max(axis=-1) > INKED).ravel()
            gone = jax.vmap(lambda scores: self._strongest(scores, inked, tie_key))(everything)
            whole = jnp.zeros_like(gone[:1])
            values = in_chunks(
                lambda gone: of(without(case.image, baseline, gone)), jnp.concatenate([whole, gone])
            )
            return values[0] - values[1:]

        lost = jnp.mean(jax.lax.map(losses, stacked(self.baselines, case)), axis=0)
        chosen, drawn = lost[: len(maps)], lost[len(maps) :]
        chance = jnp.broadcast_to(drawn.mean(), chosen.shape)
        high = jnp.broadcast_to(Z95 * drawn.std(ddof=1), chosen.shape)
        return MarginLost(chosen - chance, chosen, chance, high)

    def _strongest(
        self, scores: Float[Array, " pixel"], inked: Bool[Array, " pixel"], key: Array
    ) -> Bool[Array, " pixel"]:
        count = jnp.ceil(self.share * inked.sum())
        return inked & (places(jnp.where(inked, scores, -jnp.inf), key) < count)
