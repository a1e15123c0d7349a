"""The neighbors of one image as its student's fit has them, for a person to see."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.models import VAE
from deepvid.students.decoding import Inputs
from deepvid.students.students import plan_of, values_of
from deepvid.students.teacher_oracle import label_neighborhood
from deepvid.students.teachers import Teacher


class Neighbors(NamedTuple):
    """What a student is fitted on; the last `held_out` neighbors it does not see."""

    image: UInt8[np.ndarray, "neighbor y x channel"]
    logits: Float[np.ndarray, "neighbor class"]
    held_out: int
    widening: float


def draw_neighbors(
    teacher: Teacher | Model,
    vae: VAE,
    image: UInt8[np.ndarray, "y x channel"],
    sample: int,
    band: Float[np.ndarray, " latent"],
    settings: config.Students,
    *,
    seed: int,
) -> Neighbors:
    """Those that `fit_students` with these arguments draws: by the same program, less the derivatives.

    The first is the image itself.
    """
    plan = plan_of(settings)
    program = plan._replace(gradient_neighbors=0, anchor="zero")
    inputs = Inputs(image, np.int32(sample), np.int32(0))  # the label matters to derivatives alone
    around = label_neighborhood(teacher, vae, inputs, values_of(settings, band, seed), program)
    return Neighbors(
        np.rint(255 * np.asarray(around.neighbors)).astype(np.uint8),
        np.asarray(around.labels),
        plan.held_out,
        float(around.widening),
    )
