"""Why a student decides as it does: its margin as a sum over pixels and a base."""

from typing import NamedTuple

import numpy as np

from dashboards.data.explanations import Explanation
from dashboards.data.students import Student

STUDENT, BLACK, GRADIENT = "student", "student_times_input", "neighborhood_gradient"
OCCLUSION = "occlusion"
"""The methods whose maps a student itself may hold: against its neighbors' mean, against black, the teacher's
gradient, and occlusion where that has none."""

OF_STUDENT = frozenset({STUDENT, BLACK})


class Decision(NamedTuple):
    """The student's margin, logit contrast[0] less logit contrast[1], as a sum."""

    pixels: np.ndarray  # f32 (y, x): W(x - m), m the neighbors' mean; W x where it is not known
    base: float  # the margin at m, or the constant
    teacher: float  # the teacher's margin
    against_mean: bool  # m is known


def decision(student: Student, image: np.ndarray) -> Decision:
    """Of the smoothest fit, whose picture is shown; `image` is uint8 (y, x, channel)."""
    fit, (first, second) = smoothest(student), student.contrast
    temperature = float(student.settings["temperature"])
    weights = temperature * student.margin_weights(fit, first, second)
    constant = temperature * float(student.intercept[fit, first] - student.intercept[fit, second])
    mean = neighbors_mean(student)
    reference = np.zeros(image.shape, np.float32) if mean is None else mean
    logits = student.teacher_logits
    return Decision(
        (weights * (image.astype(np.float32) / 255 - reference)).sum(axis=-1),
        float((weights * reference).sum()) + constant,
        float(logits[first] - logits[second]),
        mean is not None,
    )


def times_input(student: Student, image: np.ndarray) -> np.ndarray:
    """f32 (y, x): the smoothest fit's weights of the margin, times the image."""
    fit, (first, second) = smoothest(student), student.contrast
    weights = float(student.settings["temperature"]) * student.margin_weights(fit, first, second)
    return np.asarray((weights * (image.astype(np.float32) / 255)).sum(axis=-1))


def smoothest(student: Student) -> int:
    """The fit that explains."""
    return int(np.argmax(student.smoothness))


def neighbors_mean(student: Student) -> np.ndarray | None:
    """f32 (y, x, channel) in [0, 1] of the neighbors fitted to; None where it was not kept."""
    mean = student.values.get("neighborhood_mean")
    return None if mean is None else mean.astype(np.float32) / 255


def of_gradient(student: Student, image: np.ndarray) -> np.ndarray | None:
    """f32 (y, x): the teacher's mean gradient over the neighbors, times the image; None without one."""
    if student.gradient is None:
        return None
    return np.asarray((student.gradient * (image.astype(np.float32) / 255)).sum(axis=-1))


def map_of(
    method: str, student: Student | None, image: np.ndarray, explanation: Explanation | None
) -> np.ndarray | None:
    """f32 (y, x): what a method says of an image, from its explanation or what its student holds."""
    if explanation is not None and (place := explanation.index_of(method)) is not None:
        return np.asarray(explanation.read()[place])
    if student is None:
        return None
    if method == GRADIENT:
        return of_gradient(student, image)
    if method == OCCLUSION:
        return student.occlusion
    if method == BLACK:
        return times_input(student, image)
    decided = decision(student, image)
    return decided.pixels if method == STUDENT and decided.against_mean else None
