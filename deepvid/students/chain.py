"""The chain of one student: what is asked about is decoded, the teacher is asked, students are fitted.

With a native teacher on a CPU these are two programs, each of which compiles in seconds: one decodes and
asks, the other fits. On an accelerator they are one. With a foreign teacher the last is the same.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Float16

from deepvid.cores import PATIENT
from deepvid.models import VAE
from deepvid.students.decoding import Inputs, Plan, Values
from deepvid.students.fidelity import in_halves, stability
from deepvid.students.fitting import fit_many, predict
from deepvid.students.listed import listed, rows_of
from deepvid.students.prior import ANCHORS
from deepvid.students.teacher_oracle import Neighborhood, native_surroundings
from deepvid.students.teachers import Teacher
from deepvid.students.widening import commonest

LEAST = -65504.0  # that a half float holds


class Raw(NamedTuple):
    """One student, and what it is measured by: JAX's arrays inside, NumPy's with a leading axis outside."""

    held_out: Float[Any, "held class"]  # the teacher's logits of the neighbors that were not fitted
    logits: Float[Any, "fit held class"]  # and each fit's
    arrays: dict[str, Any]  # that are stored, under their names in `deepvid.fields.STUDENTS`


@partial(jax.jit, static_argnames="plan")
def explain_many(teacher: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """Students of a native teacher with a leading student axis on inputs and results: for accelerators."""
    return jax.vmap(lambda one: _fit(native_surroundings(teacher, vae, one, values, plan), values, plan))(
        inputs
    )


def _fit(around: Neighborhood, values: Values, plan: Plan) -> Raw:
    fitted = plan.neighbors - plan.held_out
    images, labels = around.neighbors[:fitted], around.labels[:fitted]
    temperature = values.strengths.temperature
    halves, classes = in_halves(around.weight), len(around.teacher_logits)
    own = listed(labels, around.weight, around.classes, temperature)
    row = jnp.arange(classes) if own is None else own.row
    every = fit_many(
        images,
        labels,
        jnp.concatenate([jnp.tile(around.weight, (len(values.smoothness), 1)), halves]),
        ANCHORS[plan.anchor](around.jacobian, row[around.classes], rows_of(classes)),
        jnp.concatenate([values.smoothness, jnp.repeat(values.smoothness.max(), len(halves))]),
        values.strengths,
        plan.method,
        own,
    )
    students = jax.tree.map(lambda array: array[: len(values.smoothness)], every)
    seen = jnp.concatenate([around.image[None], around.neighbors[fitted:]])
    logits = jax.vmap(lambda student: predict(student, seen, temperature, own))(students)
    label, share = commonest(around.labels)
    jacobian = around.jacobian
    arrays = {
        "weights" if own is None else "shared_weights": students.weights.astype(jnp.float16),
        "intercept": students.intercept,
        "certificate": students.certificate,
        "agrees_on_sample": jnp.argmax(logits[:, 0], axis=-1) == jnp.argmax(around.teacher_logits),
        "teacher_logits": around.teacher_logits,
        "reconstruction_class": around.reconstruction_class,
        "gate": around.reconstruction_class == jnp.argmax(around.teacher_logits),
        "labels": _relative(around.labels),
        "contrast": around.classes[:2],
        "widening": around.widening,
        "commonest": share,
        "commonest_class": label,
        "stability": stability(
            every.weights[len(values.smoothness) :], around.image, row[around.classes[:2]]
        ),
        "neighborhood_mean": jnp.round(255 * jnp.tensordot(around.weight, images, 1)).astype(jnp.uint8),
    }
    if own is not None:
        arrays["row"] = row.astype(jnp.int32)
    if plan.gradient_neighbors:
        arrays["jacobian"] = jacobian.astype(jnp.float16)
        arrays["neighborhood_gradient"] = (jacobian[0] - jacobian[1]).astype(jnp.float16)
    return Raw(around.labels[fitted:], logits[:, 1:], arrays)


def _relative(labels: Float[Array, "neighbor class"]) -> Float16[Array, "neighbor class"]:
    """Half floats that tell the greatest from the second however large both are; softmax loses nothing."""
    return jnp.maximum(labels - labels.max(axis=1, keepdims=True), LEAST).astype(jnp.float16)


fit_one = jax.jit(_fit, static_argnames="plan", compiler_options=PATIENT)
