"""A student and its image as maps on one symmetric scale, ready for the browser."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboards.data import wording
from dashboards.data.naming import shortened
from dashboards.data.students import Student
from dashboards.views.student.shapes import Absent, Drawn, Fit, Sums

BUDGET = 400_000  # bytes of maps a message may have; decides how many of many classes are shown
FEWEST = 6
LABEL = 11  # letters of a name below a large picture
STRIP, NARROWEST = 76, 8  # letters that all the names of the strip share; its columns, at least
CLIPPED = 0.999  # share of the pixels inside the scale: one bright pixel must not gray out the rest


class StudentPicture(NamedTuple):
    """What `StudentCard` shows."""

    card: Drawn | Absent
    maps: bytes  # as `StudentCard` says; none without a student


def student_picture(
    student: Student,
    image: np.ndarray,
    label: int,
    class_names: Sequence[str],
    choices: Mapping[str, Mapping[str, Any]],
) -> StudentPicture:
    """Draws a student of the uint8 `image` (y, x, channel).

    Maps are in the student's logits T(Wx + b): a pixel's value is what it adds to the logit, summed over
    channels; weights are what it would add if it were fully bright. A softmax does not see what all classes'
    logits share: the constants give them the teacher's mean, so that both say one number where they agree.
    `choices` are the settings, by key, of all the image's students.
    """
    temperature = float(student.settings["temperature"])
    weights = temperature * student.weights  # (fit, class, y, x, channel)
    constants = temperature * student.intercept
    inputs = weights * (image.astype(np.float32) / 255)
    shown = shown_classes(student, image.shape[0] * image.shape[1])
    pixels = np.stack([weights, inputs], axis=1)[:, :, shown].sum(axis=-1)  # (fit, 2, shown class, y, x)
    scales = [_scale(fit) for fit in pixels]
    gradient = None if student.gradient is None else student.gradient.sum(axis=-1)
    maps = [_quantized(fit, scale) for fit, scale in zip(pixels, scales, strict=True)]
    gradient_scale = 0.0 if gradient is None else _scale(gradient)
    if gradient is not None:
        maps.append(_quantized(gradient, gradient_scale))
    teacher, logits = student.teacher_logits, inputs.sum(axis=(2, 3, 4)) + constants
    constants += teacher.mean() - logits.mean(axis=1, keepdims=True)
    names = tuple(class_names)
    labels, short = shortened(names, LABEL), shortened(names, _letters(len(shown)))
    card: Drawn = {
        "shape": list(image.shape[:2]),
        "classes": [
            {
                "name": names[index],
                "label": labels[index],
                "short": short[index],
                "teacher": float(teacher[index]),
            }
            for index in shown
        ],
        "contrast": [shown.index(index) for index in student.contrast],
        "correct": student.contrast[0] == label,
        "others": len(class_names) - len(shown),
        "fits": [
            _fit(student, fit, scales[fit], _sums(pixels[fit, 1], constants[fit, shown]))
            for fit in range(len(student.smoothness))
        ],
        "gradient": None if gradient is None else {"scale": gradient_scale},
        "warning": wording.gate(student, class_names, student.contrast[0]),
        "settings": wording.settings(student),
        "settings_key": student.settings_key,
        "choices": [[key, wording.settings_choice(use)] for key, use in choices.items()],
    }
    return StudentPicture(card, b"".join(maps))


def shown_classes(student: Student, pixels: int) -> list[int]:
    """The classes to draw, in their own order: all while the budget allows, else the most probable ones."""
    fits, classes = student.intercept.shape
    most = max(FEWEST, int(BUDGET // (2 * fits * pixels)))
    if classes <= most:
        return list(range(classes))
    probable = [index for index in np.argsort(-student.teacher_logits) if index not in student.contrast]
    return sorted([*student.contrast, *(int(index) for index in probable[: most - 2])])


def _letters(classes: int) -> int:
    """Letters of a name in the strip of small maps."""
    return max(5, STRIP // max(classes, NARROWEST) - 1)


def _fit(student: Student, fit: int, scale: float, sums: list[Sums]) -> Fit:
    return {
        "smoothness": float(student.smoothness[fit]),
        "scale": scale,
        "sums": sums,
        "sentence": wording.fidelity(student, fit),
        "agreement": float(student.agreement[fit]),
        "low": float(student.agreement_low[fit]),
        "high": float(student.agreement_high[fit]),
        "floor": float(student.floor[fit]),
    }


def _scale(values: np.ndarray) -> float:
    return float(np.quantile(np.abs(values), CLIPPED)) or 1.0


def _quantized(values: np.ndarray, scale: float) -> bytes:
    return np.clip(np.rint(values / scale * 127), -127, 127).astype(np.int8).tobytes()


def _sums(inputs: np.ndarray, constants: np.ndarray) -> list[Sums]:
    return [
        {"pixels": float(pixels), "constant": float(constant)}
        for pixels, constant in zip(inputs.sum(axis=(1, 2)), constants, strict=True)
    ]
