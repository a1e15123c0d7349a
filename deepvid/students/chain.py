"""The chain of one student, compiled: neighbors, labels and gradient, then fits.

On a CPU these are two programs, each of which compiles in seconds.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Float16, Int, UInt8

from deepvid.config import names
from deepvid.cores import PATIENT
from deepvid.models import VAE
from deepvid.students import neighbors as near
from deepvid.students.fitting import Method, Strengths, over_smoothness, predict
from deepvid.students.gradient import contrast, labels_and_gradient
from deepvid.students.teachers import Teacher


class Plan(NamedTuple):
    """The settings that decide what is compiled."""

    neighbors: int
    held_out: int
    distribution: names.Distribution
    neighborhood: names.Neighborhood
    gradient_neighbors: int
    method: Method


class Values(NamedTuple):
    """The settings that may change from call to call without compiling anew."""

    seed: Int[Array, ""]
    band: Float[Array, " latent"]
    smoothness: Float[Array, " fit"]
    strengths: Strengths


class Inputs(NamedTuple):
    """What is explained, one or (with a leading axis) many."""

    image: UInt8[Any, "y x channel"]
    sample: Int[Any, ""]
    label: Int[Any, ""]


class Surroundings(NamedTuple):
    """One image, its neighbors, and what the teacher says of them."""

    image: Float[Array, "y x channel"]
    neighbors: Float[Array, "neighbor y x channel"]
    labels: Float[Array, "neighbor class"]  # logits
    weight: Float[Array, " fitted"]  # of the neighbors that are not held out
    teacher_logits: Float[Array, " class"]
    reconstruction_class: Int[Array, ""]
    gradient: Float16[Array, "y x channel"]
    contrast: Int[Array, "2"]


class Raw(NamedTuple):
    """What is found out about one student: JAX's arrays inside, NumPy's with a leading axis outside."""

    weights: Float16[Any, "fit class y x channel"]
    intercept: Float[Any, "fit class"]
    certificate: Float[Any, " fit"]
    held_out: Float[Any, "held class"]  # the teacher's logits of the neighbors that were not fitted
    logits: Float[Any, "fit held class"]  # and each fit's
    agrees_on_sample: Bool[Any, " fit"]
    teacher_logits: Float[Any, " class"]
    reconstruction_class: Int[Any, ""]
    gradient: Float16[Any, "y x channel"]
    contrast: Int[Any, "2"]


def explain_one(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """The student of (image, sample, label). On a CPU calling this in a loop is fastest."""
    return _fit_one(_look_around_one(classifier, vae, inputs, values, plan), values, plan)


@partial(jax.jit, static_argnames="plan")
def explain_many(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """The same with a leading student axis on inputs and results: for accelerators."""
    return jax.vmap(lambda one: _fit(_look_around(classifier, vae, one, values, plan), values, plan))(inputs)


def _look_around(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Surroundings:
    image = inputs.image.astype(jnp.float32) / 255
    key = near.sample_key(values.seed, inputs.sample)
    offsets = near.offsets(key, plan.neighbors, values.band, plan.distribution)
    hood = near.neighborhood(vae, image, offsets, plan.neighborhood)
    teacher, of_reconstruction = classifier.logits(jnp.stack([image, hood.reconstruction]))
    classes = contrast(teacher, inputs.label)
    labels, gradient = labels_and_gradient(classifier, hood.images, classes, plan.gradient_neighbors)
    fitted = plan.neighbors - plan.held_out
    return Surroundings(
        image,
        hood.images,
        labels,
        near.weights(offsets[:fitted], values.band, values.strengths.locality),
        teacher,
        jnp.argmax(of_reconstruction).astype(jnp.int32),
        gradient.astype(jnp.float16),
        classes,
    )


def _fit(around: Surroundings, values: Values, plan: Plan) -> Raw:
    fitted = plan.neighbors - plan.held_out
    students = over_smoothness(
        around.neighbors[:fitted],
        around.labels[:fitted],
        around.weight,
        values.smoothness,
        values.strengths,
        plan.method,
    )
    seen = jnp.concatenate([around.image[None], around.neighbors[fitted:]])
    logits = jax.vmap(lambda student: predict(student, seen, values.strengths.temperature))(students)
    return Raw(
        students.weights.astype(jnp.float16),
        students.intercept,
        students.certificate,
        around.labels[fitted:],
        logits[:, 1:],
        jnp.argmax(logits[:, 0], axis=-1) == jnp.argmax(around.teacher_logits),
        around.teacher_logits,
        around.reconstruction_class,
        around.gradient,
        around.contrast,
    )


_look_around_one = jax.jit(_look_around, static_argnames="plan", compiler_options=PATIENT)
_fit_one = jax.jit(_fit, static_argnames="plan", compiler_options=PATIENT)
