"""What a student says of each class: maps on one symmetric scale, of the most probable classes."""

from collections.abc import Sequence

import numpy as np

from dashboards.data import wording
from dashboards.data.decision import neighbors_mean
from dashboards.data.naming import shortened
from dashboards.data.predictions import softmax
from dashboards.data.students import Student
from dashboards.views.explain.plot import quantized
from dashboards.views.explain.shapes import Classes, ClassSums

BUDGET = 400_000  # bytes of maps a message may have; decides how many classes of large images are shown
FEWEST, MOST = 4, 8
LETTERS = 11  # of a name above a small picture
CLIPPED = 0.999  # share of the pixels inside the scale: one bright pixel must not gray out the rest


def classes(student: Student, image: np.ndarray, class_names: Sequence[str]) -> tuple[Classes, bytes]:
    """The drawer of a student of the uint8 `image` (y, x, channel), and its maps.

    Maps are in the student's logits T(Wx + b): a pixel's value is what it adds to the logit beyond the
    neighbors' mean (beyond black, where that is not known), summed over channels; weights are what it would
    add if it were fully bright; each kind of a fit has
    a scale of its own. A softmax does not see what all classes' logits share: the bases give them
    the teacher's mean, so that both say one number where they agree.
    """
    temperature = float(student.settings["temperature"])
    weights, rows = temperature * student.row_weights, student.rows  # (fit, row, y, x, channel)
    mean = neighbors_mean(student)
    reference = np.zeros(image.shape, np.float32) if mean is None else mean
    inputs = weights * (image.astype(np.float32) / 255 - reference)
    bases = (weights * reference).sum(axis=(2, 3, 4))[:, rows] + temperature * student.intercept
    teacher = student.teacher_logits
    bases += teacher.mean() - (inputs.sum(axis=(2, 3, 4))[:, rows] + bases).mean(axis=1, keepdims=True)
    shown = shown_classes(student, image.shape[0] * image.shape[1])
    pixels = np.stack([weights, inputs], axis=1)[:, :, rows[shown]].sum(
        axis=-1
    )  # (fit, 2, shown class, y, x)
    names, probability = tuple(class_names), softmax(teacher)
    short = shortened(names, LETTERS)
    drawer: Classes = {
        "classes": [
            {
                "name": names[index],
                "short": short[index],
                "probability": float(probability[index]),
                "teacher": float(teacher[index]),
            }
            for index in shown
        ],
        "contrast": [shown.index(index) for index in student.contrast],
        "others": len(names) - len(shown),
        "rest": float(np.delete(probability, shown).sum()),
        "fits": [
            {
                "smoothness": float(student.smoothness[fit]),
                "sums": _sums(pixels[fit, 1], bases[fit, shown]),
                "sentence": wording.fidelity(student, fit),
            }
            for fit in range(len(student.smoothness))
        ],
    }
    return drawer, b"".join(quantized(kind, _scale(kind)) for fit in pixels for kind in fit)


def shown_classes(student: Student, pixels: int) -> list[int]:
    """The classes to draw, the most probable first; those in question are among them."""
    fits, count = student.intercept.shape
    most = min(MOST, max(FEWEST, int(BUDGET // (2 * fits * pixels))))
    probable = [int(index) for index in np.argsort(-student.teacher_logits, kind="stable")]
    if count <= most:
        return probable
    places = [index for index in probable if index not in student.contrast][: most - 2]
    return [index for index in probable if index in student.contrast or index in places]


def _scale(values: np.ndarray) -> float:
    return float(np.quantile(np.abs(values), CLIPPED)) or 1.0


def _sums(inputs: np.ndarray, bases: np.ndarray) -> list[ClassSums]:
    return [
        {"pixels": float(pixels), "base": float(base)}
        for pixels, base in zip(inputs.sum(axis=(1, 2)), bases, strict=True)
    ]
