"""The chain of one student, compiled: neighbors, labels and Jacobian, then fits.

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
from deepvid.students.anchor import ANCHORS
from deepvid.students.chunks import in_chunks
from deepvid.students.fitting import Method, Strengths, fit_many, predict
from deepvid.students.jacobian import contrast, differentiated, labels_and_jacobian
from deepvid.students.stability import in_halves, stability
from deepvid.students.teachers import Teacher
from deepvid.students.widening import commonest, widened


class Plan(NamedTuple):
    """The settings that decide what is compiled."""

    neighbors: int
    held_out: int
    distribution: names.Distribution
    neighborhood: names.Neighborhood
    gradient_neighbors: int
    anchor: names.Anchor
    probes: int  # neighbors that are labeled at each width; 0: the band stays as it is
    method: Method


class Values(NamedTuple):
    """The settings that may change from call to call without compiling anew."""

    seed: Int[Array, ""]
    band: Float[Array, " latent"]
    widest: Float[Array, ""]  # times the band
    commonest: Float[Array, ""]  # share of the neighbors
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
    widening: Float[Array, ""]
    labels: Float[Array, "neighbor class"]  # logits
    weight: Float[Array, " fitted"]  # of the neighbors that are not held out
    teacher_logits: Float[Array, " class"]
    reconstruction_class: Int[Array, ""]
    jacobian: Float[Array, "asked y x channel"]
    asked: Int[Array, " asked"]


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
    widening: Float[Any, ""]
    commonest: Float[Any, ""]
    commonest_class: Int[Any, ""]
    stability: Float[Any, ""]
    mean: UInt8[Any, "y x channel"]


def explain_one(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """The student of (image, sample, label). On a CPU calling this in a loop is fastest."""
    return fit_one(look_around_one(classifier, vae, inputs, values, plan), values, plan)


@partial(jax.jit, static_argnames="plan")
def explain_many(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Raw:
    """The same with a leading student axis on inputs and results: for accelerators."""
    return jax.vmap(lambda one: _fit(_look_around(classifier, vae, one, values, plan), values, plan))(inputs)


def _look_around(classifier: Teacher, vae: VAE, inputs: Inputs, values: Values, plan: Plan) -> Surroundings:
    image = inputs.image.astype(jnp.float32) / 255
    key = near.sample_key(values.seed, inputs.sample)
    offsets = near.offsets(key, plan.neighbors, values.band, plan.distribution)
    center = near.center(vae, image)
    teacher, of_reconstruction = classifier.logits(jnp.stack([image, center.reconstruction]))
    asked = differentiated(teacher, contrast(teacher, inputs.label))
    fitted = plan.neighbors - plan.held_out
    first = fitted - plan.probes

    def neighbors(offsets: Float[Array, "neighbor latent"]) -> Float[Array, "neighbor y x channel"]:
        return near.neighborhood(vae, center, offsets, plan.neighborhood)

    def label(factor: Float[Array, ""]) -> Float[Array, "probe class"]:
        return in_chunks(classifier.logits, neighbors(factor * offsets[first:fitted]))

    factor, probes = jnp.ones(()), jnp.zeros((0, len(teacher)))
    if plan.probes:
        factor, probes = widened(label, values.widest, values.commonest)
    images = neighbors(factor * offsets).at[0].set(image)
    others = jnp.concatenate([images[:first], images[fitted:]])
    labels, jacobian = labels_and_jacobian(classifier, others, asked, plan.gradient_neighbors)
    return Surroundings(
        image,
        images,
        factor,
        jnp.concatenate([labels[:first], probes, labels[first:]]),
        near.weights(offsets[:fitted], values.band, values.strengths.locality),
        teacher,
        jnp.argmax(of_reconstruction).astype(jnp.int32),
        jacobian,
        asked,
    )


def _fit(around: Surroundings, values: Values, plan: Plan) -> Raw:
    fitted = plan.neighbors - plan.held_out
    images = around.neighbors[:fitted]
    halves = in_halves(around.weight)
    every = fit_many(
        images,
        around.labels[:fitted],
        jnp.concatenate([jnp.tile(around.weight, (len(values.smoothness), 1)), halves]),
        ANCHORS[plan.anchor](around.jacobian, around.asked, len(around.teacher_logits)),
        jnp.concatenate([values.smoothness, jnp.repeat(values.smoothness.max(), len(halves))]),
        values.strengths,
        plan.method,
    )
    students = jax.tree.map(lambda array: array[: len(values.smoothness)], every)
    seen = jnp.concatenate([around.image[None], around.neighbors[fitted:]])
    logits = jax.vmap(lambda student: predict(student, seen, values.strengths.temperature))(students)
    label, share = commonest(around.labels)
    return Raw(
        students.weights.astype(jnp.float16),
        students.intercept,
        students.certificate,
        around.labels[fitted:],
        logits[:, 1:],
        jnp.argmax(logits[:, 0], axis=-1) == jnp.argmax(around.teacher_logits),
        around.teacher_logits,
        around.reconstruction_class,
        (around.jacobian[0] - around.jacobian[1]).astype(jnp.float16),
        around.asked[:2],
        around.widening,
        share,
        label,
        stability(every.weights[len(values.smoothness) :], around.image, around.asked[:2]),
        jnp.round(255 * jnp.tensordot(around.weight, images, 1)).astype(jnp.uint8),
    )


look_around_one = jax.jit(_look_around, static_argnames="plan", compiler_options=PATIENT)
fit_one = jax.jit(_fit, static_argnames="plan", compiler_options=PATIENT)
