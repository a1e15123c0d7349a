"""The chain before a teacher could be foreign: decoding and asking written as one function, for JAX alone.

A plain copy, kept to say what the steps of `deepvid.students.teacher_oracle` cost.
"""

import jax
import jax.numpy as jnp

from deepvid.cores import PATIENT, in_chunks
from deepvid.models import VAE, Classifier
from deepvid.students import neighbors as near
from deepvid.students.decoding import Inputs, Plan, Values
from deepvid.students.teacher_oracle import (
    Neighborhood,
    classes_to_differentiate,
    contrast,
    labels_and_jacobian,
)
from deepvid.students.widening import widened


def _look_around(
    classifier: Classifier, vae: VAE, inputs: Inputs, values: Values, plan: Plan
) -> Neighborhood:
    image = inputs.image.astype(jnp.float32) / 255
    key = near.sample_key(values.seed, inputs.sample)
    offsets = near.offsets(key, plan.neighbors, values.band, plan.distribution)
    center = near.center(vae, image)
    teacher, of_reconstruction = classifier.logits(jnp.stack([image, center.reconstruction]))
    asked = classes_to_differentiate(teacher, contrast(teacher, inputs.label))
    fitted = plan.neighbors - plan.held_out
    first = fitted - plan.probes

    def neighbors(offsets: jax.Array) -> jax.Array:
        return near.neighborhood(vae, center, offsets, plan.neighborhood)

    def label(factor: jax.Array) -> jax.Array:
        return in_chunks(classifier.logits, neighbors(factor * offsets[first:fitted]))

    factor, probes = widened(label, values.widest, values.commonest)
    images = neighbors(factor * offsets).at[0].set(image)
    others = jnp.concatenate([images[:first], images[fitted:]])
    labels, jacobian = labels_and_jacobian(classifier, others, asked, plan.gradient_neighbors)
    return Neighborhood(
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


look_around_before = jax.jit(_look_around, static_argnames="plan", compiler_options=PATIENT)
