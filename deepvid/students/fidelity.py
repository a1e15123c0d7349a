"""Agreement between students and their teacher on neighbors held out from the fit."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


class Fidelity(NamedTuple):
    """How far one student can be trusted; every mean is over held-out neighbors, at temperature 1."""

    kl: Float[Array, ""]  # KL(teacher || student), nats
    r2: Float[Array, ""]  # of centered logits; 1 is perfect, 0 is the mean
    teacher_class: Int[Array, "neighbor"]
    student_class: Int[Array, "neighbor"]


def fidelity(
    teacher_logits: Float[Array, "neighbor class"], student_logits: Float[Array, "neighbor class"]
) -> Fidelity:
    """Compares two sets of logits of the same neighbors."""
    teacher, student = (jax.nn.log_softmax(logits, axis=-1) for logits in (teacher_logits, student_logits))
    kl = jnp.sum(jnp.exp(teacher) * (teacher - student), axis=-1)
    return Fidelity(
        jnp.maximum(jnp.mean(kl), 0),  # rounding may leave it just below
        _r2(_centered(teacher), _centered(student)),
        jnp.argmax(teacher, axis=-1),
        jnp.argmax(student, axis=-1),
    )


def _centered(logits: Float[Array, "neighbor class"]) -> Float[Array, "neighbor class"]:
    return logits - jnp.mean(logits, axis=-1, keepdims=True)


def _r2(wanted: Float[Array, "neighbor class"], found: Float[Array, "neighbor class"]) -> Float[Array, ""]:
    variation = jnp.sum((wanted - jnp.mean(wanted, axis=0)) ** 2)
    return 1 - jnp.sum((wanted - found) ** 2) / jnp.maximum(variation, 1e-12)
