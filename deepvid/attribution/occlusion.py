"""Explanation by covering one window of the image after another."""

from dataclasses import dataclass

import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.baselines import BASELINES
from deepvid.attribution.method import Case, Method, margin
from deepvid.attribution.windows import PARTS, Windows
from deepvid.config import names
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier


@dataclass(frozen=True)
class Occlusion(Method):
    """At each pixel the mean, over the windows P that cover it, of (m(x) − m(x with P at baseline)) / |P|.

    Source: Zeiler and Fergus (2014), arXiv 1311.2901, section 4.2; a window's pixels share its drop alike.
    """

    name = "occlusion"
    label = "Occlusion"
    tier = Tier.PREDICT

    parts: int = PARTS  # windows side by side along the longer side
    baseline: names.Baseline = "mean_color"

    @property
    def fills(self) -> tuple[names.Baseline, ...]:
        return (self.baseline,)

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        windows = Windows.over(case.image.shape, self.parts)
        drops = windows.drops(margin(classifier, case.classes), case.image, BASELINES[self.baseline](case))
        share = windows.means(drops) / (windows.area * case.image.shape[-1])
        return jnp.broadcast_to(share[..., None], case.image.shape)
