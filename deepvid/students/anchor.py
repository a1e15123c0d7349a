"""Where a student's weights begin: W₀, which the penalty pulls them to where the neighbors say nothing.

A few hundred neighbors say little about a thousand pixels. Weights that are pulled to zero there hide pixels
that the teacher looks at; these are pulled to the teacher's own mean Jacobian at the neighbors,
1/m Σᵢ ∂t/∂x (xᵢ). The student agrees with its teacher as often, and its picture shows what decides there
(docs/decisions/anchor.md). Kin: BayLIME, Zhao et al. (2021), UAI 161, whose prior is another explanation;
Czarnecki et al. (2017), NeurIPS 30, who fit derivatives beside values.
"""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.config import names

Jacobian = Float[Array, "asked y x channel"]


def _zero(
    _jacobian: Jacobian, _classes: Int[Array, " asked"], count: int
) -> Float[Array, "class y x channel"]:
    return jnp.zeros((count, *_jacobian.shape[1:]))


def _jacobian(
    jacobian: Jacobian, classes: Int[Array, " asked"], count: int
) -> Float[Array, "class y x channel"]:
    """Less its mean, which changes no decision, and which stands for the classes that were not asked of."""
    return _zero(jacobian, classes, count).at[classes].set(jacobian - jnp.mean(jacobian, axis=0))


ANCHORS: dict[names.Anchor, Callable[[Jacobian, Array, int], Array]] = {"jacobian": _jacobian, "zero": _zero}
"""W₀ of all classes, of the student's logits, from the mean Jacobian of some."""
