"""Losses of a decision with each place of its image, whatever stands there instead."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.judges import fills_of
from deepvid.attribution.method import Case, margin
from deepvid.attribution.windows import Windows
from deepvid.config import names
from deepvid.students.teachers import Teacher


@dataclass(frozen=True)
class PlaceDrops:
    """m(x) − m(x with a window from a fill), the least over the fills; m the margin in logits.

    So a place counts where its removal matters, not what removes it.
    """

    parts: int = 4  # windows side by side along the longer side, and others half-way between
    judges: tuple[names.Judge, ...] = ("colors", "mean_color", "neighbors")

    def grid(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Rows and columns of places on an image (y, x, channel)."""
        windows = Windows.over(shape, self.parts)
        return len(windows.top), len(windows.left)

    def __call__(self, classifier: Teacher, case: Case) -> Float[Array, " place"]:
        """A fill that is absent, like an unknown neighbor, is none. Places go by rows of windows."""
        windows, of = Windows.over(case.image.shape, self.parts), margin(classifier, case.classes)
        fills = fills_of(self.judges, case).fills
        drops = jax.lax.map(lambda fill: windows.drops(of, case.image, fill), fills)
        absent = jnp.isnan(fills).any(axis=(1, 2, 3))
        return jnp.where(absent[:, None, None], jnp.inf, drops).min(axis=0).ravel()
