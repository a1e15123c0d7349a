"""Explanation by covering one patch after another."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from deepvid.attribution.baselines import BASELINES
from deepvid.attribution.case import Case, margin
from deepvid.attribution.method import Method
from deepvid.config import names
from deepvid.students.chunks import in_chunks
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

    patch: int = 4
    stride: int = 2
    baseline: names.Baseline = "mean_color"

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, "y x channel"]:
        y, x, channels = case.image.shape
        covered = windows((y, x), self.patch, self.stride)
        absent, of = BASELINES[self.baseline](case), margin(classifier, case.classes)
        occluded = in_chunks(
            lambda part: of(jnp.where(part[..., None], absent, case.image)), jnp.asarray(covered)
        )
        drop = of(case.image[None])[0] - occluded
        weights = covered / covered.sum(axis=(1, 2), keepdims=True) / covered.sum(axis=0)
        share = jnp.tensordot(drop, jnp.asarray(weights, jnp.float32), 1)
        return jnp.broadcast_to(share[..., None] / channels, case.image.shape)


def windows(shape: tuple[int, int], patch: int, stride: int) -> Bool[np.ndarray, "window y x"]:
    """Squares at every `stride`, and at the far end where that is missed: all pixels are covered."""
    rows, columns = (_intervals(size, patch, starts(size, patch, stride)) for size in shape)
    return (rows[:, None, :, None] & columns[None, :, None, :]).reshape(-1, *shape)


def starts(size: int, patch: int, stride: int) -> list[int]:
    """The first pixels of the windows along one axis."""
    last = max(size - patch, 0)
    return sorted({*range(0, last, stride), last})


def _intervals(size: int, patch: int, begin: Sequence[int]) -> Bool[np.ndarray, "interval size"]:
    pixel = np.arange(size)
    return np.stack([(pixel >= start) & (pixel < start + patch) for start in begin])
