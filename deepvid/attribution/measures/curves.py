"""Deletion and insertion: how soon the predicted class goes when the strongest pixels do, and how soon it
comes with them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from deepvid.attribution.baselines import ALL, stacked
from deepvid.attribution.case import Case
from deepvid.attribution.measures.pixels import of_pixels, places, without
from deepvid.config import names
from deepvid.cores import in_chunks
from deepvid.students.teachers import Teacher


class Curves(NamedTuple):
    """Areas in [0, 1]."""

    faithfulness: Float[Array, " map"]  # insertion - deletion, the mean over baselines; 0 is chance
    deletion: Float[Array, "map baseline"]  # low is good
    insertion: Float[Array, "map baseline"]  # high is good


@dataclass(frozen=True)
class DeletionInsertion:
    """deletion = ∫₀¹ f(x with its strongest share s of pixels at the baseline) ds,
    insertion = ∫₀¹ f(baseline with the strongest share s of pixels of x) ds,

    by trapezoids; f is the probability of the predicted class. Pixels are taken from the highest to the
    lowest sum over channels. Source: Petsiuk et al. (2018), arXiv 1806.07421, section 4.1.
    """

    baselines: tuple[names.Baseline, ...] = ALL
    steps: int = 20

    def __call__(self, classifier: Teacher, case: Case, maps: Float[Array, "map y x channel"]) -> Curves:
        baselines = stacked(self.baselines, case)

        def probability(images: Float[Array, "image y x channel"]) -> Float[Array, " image"]:
            return jax.nn.softmax(classifier.logits(images))[:, case.classes[0]]

        def areas(scores: Float[Array, " pixel"]) -> tuple[Array, Array]:
            counts = np.round(np.linspace(0, len(scores), self.steps + 1))
            gone = places(scores, case.key) < counts[:, None]
            deleted = jax.vmap(lambda baseline: without(case.image, baseline, gone))(baselines)
            inserted = jax.vmap(lambda baseline: without(baseline, case.image, gone))(baselines)
            images = jnp.stack([deleted, inserted])
            values = in_chunks(probability, images.reshape(-1, *case.image.shape))
            return jnp.trapezoid(values.reshape(images.shape[:3]), counts / len(scores))  # type: ignore[return-value]

        deletion, insertion = jnp.moveaxis(jax.lax.map(areas, of_pixels(maps)), 1, 0)
        return Curves(jnp.mean(insertion - deletion, axis=1), deletion, insertion)
