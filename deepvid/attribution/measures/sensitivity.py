"""How far a map moves when what should hardly matter moves: the image a little, or the random draws."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from deepvid.attribution.case import Case, judged
from deepvid.attribution.measures.ranks import spearman
from deepvid.models import Classifier

Explain = Callable[[Classifier, Case], Float[Array, "y x channel"]]
"""A `Method`, or a function that first computes what it needs of a case, such as another student."""


@dataclass(frozen=True)
class MaxSensitivity:
    """max over δ of ‖φ(x + δ) − φ(x)‖ / ‖φ(x)‖,   δ uniform in [−radius, radius] at every pixel.

    Images stay in [0, 1] and what the method draws stays the same, so that only the image moves. A method
    that reads its map from the case looks better than it is: give a function that computes it anew.
    Source: Yeh et al. (2019), arXiv 1901.09392, definition 4.1, by draws.
    """

    radius: float = 0.02
    draws: int = 10

    def __call__(self, explain: Explain, classifier: Classifier, case: Case) -> Float[Array, ""]:
        shape = (self.draws, *case.image.shape)
        change = jax.random.uniform(judged(case).key, shape, minval=-self.radius, maxval=self.radius)
        moved = jnp.clip(case.image + change, 0, 1)
        maps = jax.lax.map(lambda image: explain(classifier, case._replace(image=image)), moved)
        reference = explain(classifier, case)
        distance = jnp.sqrt(jnp.sum((maps - reference) ** 2, axis=(1, 2, 3)))
        return jnp.max(distance) / jnp.maximum(jnp.linalg.norm(reference.ravel()), 1e-12)


class Stability(NamedTuple):
    """How alike two maps of one case are; 1 is equal."""

    cosine: Float[Array, ""]
    spearman: Float[Array, ""]  # nan where one is constant


def stability(first: Float[Array, "y x channel"], second: Float[Array, "y x channel"]) -> Stability:
    """Of two maps from two halves of the neighbors, masks or draws."""
    a, b = first.ravel(), second.ravel()
    scale = jnp.maximum(jnp.linalg.norm(a) * jnp.linalg.norm(b), 1e-12)
    return Stability(jnp.vdot(a, b) / scale, spearman(a, b))


def of_two_keys(explain: Explain, classifier: Classifier, case: Case) -> Stability:
    """The stability of what a method draws: 1 where it draws nothing."""
    first, second = (explain(classifier, case._replace(key=key)) for key in jax.random.split(case.key))
    return stability(first, second)
