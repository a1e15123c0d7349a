"""A student fitted anew to what its teacher has said of its neighbors, without the teacher.

Neighbors are decoded again, from the image, the seed and the width that was found; their labels and the mean
Jacobian are stored with the student. What changes neighbors or needs other derivatives cannot be had so.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float16, Int, UInt8

from deepvid import config
from deepvid.cores import one_thread_each
from deepvid.errors import ConfigError
from deepvid.models import VAE
from deepvid.students import neighbors as near
from deepvid.students.chain import fit_one
from deepvid.students.decoding import COMPILED, Inputs
from deepvid.students.fitting import Method
from deepvid.students.students import Students, plan_of, students_of, values_of, with_student_axis
from deepvid.students.teacher_oracle import Neighborhood, classes_to_differentiate

TEACHER_SETTINGS = (
    "neighbors",
    "held_out",
    "band",
    "widening",
    "commonest",
    "distribution",
    "neighborhood",
    "gradient_neighbors",
)
"""The settings that decide what the teacher is asked; whatever else changes, its answers are the same."""


class Stored(NamedTuple):
    """Stored parts of one student that another fit begins with."""

    settings: config.Students
    seed: int
    sample: int
    labels: Float16[np.ndarray, "neighbor class"]
    teacher_logits: Float[np.ndarray, " class"]
    reconstruction_class: int
    contrast: Int[np.ndarray, "2"]
    widening: float
    jacobian: Float16[np.ndarray, "asked y x channel"] | None
    gradient: Float16[np.ndarray, "y x channel"] | None
    occlusion: Float16[np.ndarray, "y x"] | None


def require_refittable(
    fitted: config.Students, fitted_seed: int, settings: config.Students, seed: int
) -> None:
    """Raises ConfigError for settings that need the teacher, and names where they differ from the fitted."""
    kept, wanted = _asked(fitted, fitted_seed), _asked(settings, seed)
    if changed := [name for name in kept if kept[name] != wanted[name]]:
        raise ConfigError(
            "Without its teacher, a student is fitted again to the neighbors already labeled",
            ", ".join(f"{name} = {wanted[name]}" for name in changed),
            f"Keep {', '.join(f'{name} = {kept[name]}' for name in changed)}, or give the teacher",
        )


def refit(
    vae: VAE,
    image: UInt8[np.ndarray, "y x channel"],
    stored: Stored,
    band: Float[np.ndarray, " latent"],
    settings: config.Students,
) -> Students:
    """The student with other settings; `band` has the absolute half-widths of those it was fitted with.

    Raises ConfigError as `require_refittable` does.
    """
    require_refittable(stored.settings, stored.seed, settings, stored.seed)
    values, plan = values_of(settings, band, stored.seed), plan_of(settings)
    if stored.jacobian is None:  # as of a teacher without gradients
        plan = plan._replace(gradient_neighbors=0, anchor="zero")
    inputs = Inputs(np.asarray(image), np.int32(stored.sample), np.int32(0))
    with one_thread_each():
        # Other fits of one neighborhood share the programs that decode it.
        drawn = plan._replace(anchor="zero", method=Method("exact", sparse=False))
        seen = COMPILED.see(vae, inputs, values, drawn)
        factor = jnp.float32(stored.widening)
        images = COMPILED.decoded(vae, seen, factor, drawn)
        jacobian, asked = _derivatives(stored, image.shape)
        around = Neighborhood(
            seen.center.image,
            images,
            factor,
            jnp.asarray(stored.labels, jnp.float32),
            near.weights(
                seen.offsets[: plan.neighbors - plan.held_out], values.band, values.strengths.locality
            ),
            jnp.asarray(stored.teacher_logits),
            jnp.int32(stored.reconstruction_class),
            jacobian,
            asked,
        )
        raw = with_student_axis(fit_one(around, values, plan))
    same = {"neighborhood_gradient": stored.gradient, "occlusion": stored.occlusion}
    others = {name: array[None] for name, array in same.items() if array is not None}
    return students_of(raw, np.array([stored.sample], np.int32), settings, plan, others)


def _asked(settings: config.Students, seed: int) -> dict[str, Any]:
    return {"seed": seed} | {name: getattr(settings, name) for name in TEACHER_SETTINGS}


def _derivatives(
    stored: Stored, shape: tuple[int, ...]
) -> tuple[Float[Array, "asked y x channel"], Int[Array, " asked"]]:
    """The mean Jacobian, and the classes whose logits it differentiates; zeros where there is none."""
    asked = classes_to_differentiate(jnp.asarray(stored.teacher_logits), jnp.asarray(stored.contrast))
    if stored.jacobian is None:
        return jnp.zeros((len(asked), *shape)), asked
    return jnp.asarray(stored.jacobian, jnp.float32), asked
