"""Students where a teacher knows many classes: those in question have own weights, the others share some.

At temperature T the rest R of the classes is one more, whose probability is the sum of theirs: its logit is
t_R = T log Σ_{c in R} exp(t_c / T). What a fit says of it is shared out as the neighbors share it,
s_c = Σᵢ wᵢ yᵢ_c / Σᵢ wᵢ yᵢ_R: a class of the rest has the weights of the rest, and log s_c more in its
intercept, which of all constant shares has the least cross-entropy.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

MOST = 345  # classes that all have weights of their own, as many as Quick, Draw! has; of more, `OWN` have
OWN = 50
_LEAST = 1e-12  # share of the rest: what is less has a finite logarithm


class Listed(NamedTuple):
    """Which classes have weights of their own."""

    classes: Int[Array, " own"]
    row: Int[Array, " class"]  # of the weights of each class; the last is that of the rest


class Joined(NamedTuple):
    """Logits of neighbors with the rest as one class."""

    logits: Float[Array, "neighbor row"]
    share: Float[Array, " class"]  # log s_c; 0 for a class that is not of the rest


def rows_of(classes: int) -> int:
    """How many rows of weights a student of so many classes has."""
    return classes if classes <= MOST else OWN + 1


def listed(
    labels: Float[Array, "neighbor class"],
    weight: Float[Array, " neighbor"],
    asked: Int[Array, " asked"],
    temperature: Float[Array, ""],
) -> Listed | None:
    """The classes `asked`, in their order, then the most probable others; None where there are few."""
    count = labels.shape[1]
    if count <= MOST:
        return None
    mean = (weight @ jax.nn.softmax(labels / temperature, axis=1)).at[asked].set(-jnp.inf)
    classes = jnp.concatenate([asked, jax.lax.top_k(mean, OWN - len(asked))[1]])
    return Listed(classes, jnp.full(count, OWN).at[classes].set(jnp.arange(OWN)))


def joined(
    labels: Float[Array, "neighbor class"],
    weight: Float[Array, " neighbor"],
    listed: Listed,
    temperature: Float[Array, ""],
) -> Joined:
    """t of those that are listed beside t_R, and log s."""
    others = listed.row == OWN
    scaled = jax.nn.log_softmax(labels / temperature, axis=1)
    rest = jax.nn.logsumexp(jnp.where(others, scaled, -jnp.inf), axis=1)
    mean = weight @ jnp.exp(scaled)
    share = jnp.log(jnp.maximum(mean / jnp.maximum(mean @ others, _LEAST), _LEAST))
    own = scaled[:, listed.classes]
    return Joined(temperature * jnp.concatenate([own, rest[:, None]], axis=1), jnp.where(others, share, 0.0))
