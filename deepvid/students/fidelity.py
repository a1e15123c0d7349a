"""Agreement of students with their teacher on held-out neighbors, and with students of other neighbors.

The first is NumPy: what is computed within microseconds is not worth the seconds that compiling it takes.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.special import log_softmax


class Fidelity(NamedTuple):
    """How far students can be trusted; every mean is over held-out neighbors, at temperature 1."""

    kl: Float[np.ndarray, "..."]  # KL(teacher || student), nats
    r2: Float[np.ndarray, "..."]  # of centered logits; 1 is perfect, 0 is the mean
    teacher_class: Int[np.ndarray, "... neighbor"]
    student_class: Int[np.ndarray, "... neighbor"]


def fidelity(
    teacher_logits: Float[np.ndarray, "... neighbor class"],
    student_logits: Float[np.ndarray, "... neighbor class"],
) -> Fidelity:
    """Compares two sets of logits of the same neighbors; leading axes are broadcast."""
    both = np.broadcast_arrays(teacher_logits, student_logits)
    teacher, student = (log_softmax(logits.astype(np.float64), axis=-1) for logits in both)
    kl = np.sum(np.exp(teacher) * (teacher - student), axis=-1)
    return Fidelity(
        np.maximum(kl.mean(axis=-1), 0),  # rounding may leave it just below
        _r2(_centered(teacher), _centered(student)),
        teacher.argmax(axis=-1),
        student.argmax(axis=-1),
    )


def _centered(logits: Float[np.ndarray, "... class"]) -> Float[np.ndarray, "... class"]:
    return logits - logits.mean(axis=-1, keepdims=True)


def _r2(
    wanted: Float[np.ndarray, "... neighbor class"], given: Float[np.ndarray, "... neighbor class"]
) -> Float[np.ndarray, "..."]:
    over = (-2, -1)
    variation = np.sum((wanted - wanted.mean(axis=-2, keepdims=True)) ** 2, axis=over)
    return 1 - np.sum((wanted - given) ** 2, axis=over) / np.maximum(variation, 1e-12)


def in_halves(weight: Float[Array, " neighbor"]) -> Float[Array, "half neighbor"]:
    """The weights with every other neighbor left out, and with the others left out; each sums to one."""
    halves = jnp.stack([weight, weight]).at[0, 1::2].set(0.0).at[1, 0::2].set(0.0)
    return halves / jnp.sum(halves, axis=1, keepdims=True)


def stability(
    weights: Float[Array, "half class y x channel"],
    image: Float[Array, "y x channel"],
    pair: Int[Array, "2"],
) -> Float[Array, ""]:
    """cos(m₁, m₂) of the maps m = (W_a − W_b) ⊙ x of students of both halves: would others give this picture?

    1 is the same picture, 0 none in common.
    """
    first, second = (weights[:, pair[0]] - weights[:, pair[1]]) * image
    scale = jnp.linalg.norm(first) * jnp.linalg.norm(second)
    return jnp.vdot(first, second) / jnp.maximum(scale, 1e-12)
