"""A student's maps of the most probable classes, on one symmetric scale."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data import sentences
from dashboards.data.class_labels import shortened
from dashboards.data.decision import neighbors_mean
from dashboards.data.predictions import Link, sigmoid, softmax
from dashboards.data.students import Student

BUDGET = 400_000  # bytes of maps a message may have; decides how many classes of large images are shown
FEWEST, MOST = 4, 8
LETTERS = 11  # of a name above a small picture
COLORS, ALL = ("red", "green", "blue"), "|all|"
CLIPPED = 0.999  # share of the pixels inside the scale: one bright pixel must not gray out the rest


class ClassShown(NamedTuple):
    """A class with maps."""

    name: str
    short: str  # the name as it fits above a small picture
    probability: float  # the teacher's
    teacher: float  # its logit


class ClassSum(NamedTuple):
    """The parts of a student's logit of one class."""

    pixels: float
    base: float


class Fit(NamedTuple):
    """One fit: of each class shown, and of each color of the classes in question, its maps and their sums."""

    smoothness: float
    sentence: str  # how far it agrees with the teacher, in words
    sums: tuple[ClassSum, ...]
    maps: np.ndarray  # f32 (2, class, y, x): weights, and what pixels add; each kind on a scale of its own
    ends: tuple[float, float]  # of these scales
    added: tuple[float, ...] = ()  # what the pixels of each color add; of magnitudes their sum
    colors: np.ndarray | None = None  # f32 (2, color, y, x), of scales that end at 1


class Classes(NamedTuple):
    """The most probable classes, the first of them in question, and how many are folded."""

    classes: tuple[ClassShown, ...]
    contrast: tuple[int, ...]  # positions among `classes`: predicted and true, or predicted and runner-up
    others: int  # classes that are not shown
    rest: float  # their probability together
    fits: tuple[Fit, ...]

    @property
    def colored(self) -> bool:
        """Whether colors stand apart."""
        return self.fits[0].colors is not None


def classes(student: Student, image: np.ndarray, class_names: Sequence[str], link: Link = softmax) -> Classes:
    """Maps of a student of the uint8 `image` (y, x, channel).

    Maps are in the student's logits T(Wx + b): a pixel's value is what it adds to the logit beyond the
    neighbors' mean (beyond black, where that is not known), summed over channels; weights are what it would
    add if it were fully bright. A softmax does not see what all classes' logits share: the bases give them
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
    both = np.stack([weights, inputs], axis=1)  # (fit, 2, row, y, x, channel)
    colors = channels(both[:, :, rows[list(student.contrast)]])
    size = image.shape[0] * image.shape[1]
    shown = shown_classes(student, size, 0 if colors is None else colors.maps[0, 0].size)
    pixels = both[:, :, rows[shown]].sum(axis=-1)  # (fit, 2, shown class, y, x)
    names, probability = tuple(class_names), link(teacher)
    short = shortened(names, LETTERS)
    fits = tuple(
        Fit(
            float(student.smoothness[fit]),
            sentences.fidelity(student, fit),
            _sums(pixels[fit, 1], bases[fit, shown]),
            pixels[fit],
            (_scale(pixels[fit, 0]), _scale(pixels[fit, 1])),
            *(() if colors is None else (tuple(colors.sums[fit].tolist()), colors.maps[fit])),
        )
        for fit in range(len(student.smoothness))
    )
    return Classes(
        tuple(
            ClassShown(names[index], short[index], float(probability[index]), float(teacher[index]))
            for index in shown
        ),
        tuple(shown.index(index) for index in student.contrast),
        0 if link is sigmoid else len(names) - len(shown),  # independent ones have no sum
        float(np.delete(probability, shown).sum()),
        fits,
    )


class Channels(NamedTuple):
    """Maps of red, green and blue apart, and of all three, of the two classes in question."""

    maps: np.ndarray  # f32 (fit, 2, 8, y, x), of scales that end at 1
    sums: np.ndarray  # f32 (fit, 8): what the pixels add


def channels(both: np.ndarray) -> Channels | None:
    """Of `both` weights and contributions, f32 (fit, 2, class, y, x, channel); None of gray or large images.

    Signed maps have one scale over colors and classes, magnitudes Σ |.| over the colors one of their own.
    """
    fits, kinds, classes, y, x, colors = both.shape
    columns = classes * (len(COLORS) + 1)
    if colors != len(COLORS) or fits * kinds * columns * y * x > BUDGET:
        return None
    signed = np.moveaxis(both, -1, 3)  # (fit, 2, class, color, y, x)
    together = np.abs(signed).sum(axis=3, keepdims=True)
    scaled = [_ended(part) for part in (signed, together)]
    maps = np.concatenate(scaled, axis=3).reshape(fits, kinds, columns, y, x)
    added = np.concatenate([signed[:, 1], together[:, 1]], axis=2).sum(axis=(-2, -1))
    return Channels(maps, added.reshape(fits, columns))


def _ended(maps: np.ndarray) -> np.ndarray:
    """Each fit's weights and contributions in parts of a scale of their own."""
    scales = np.array([[_scale(kind) for kind in fit] for fit in maps], np.float32)
    return maps / scales[:, :, None, None, None, None]


def shown_classes(student: Student, pixels: int, taken: int = 0) -> list[int]:
    """The classes to draw, the most probable first; those in question are among them. `taken` are the bytes
    that other maps of each fit and kind need.
    """
    fits, count = student.intercept.shape
    most = min(MOST, max(FEWEST, int((BUDGET - 2 * fits * taken) // (2 * fits * pixels))))
    probable = [int(index) for index in np.argsort(-student.teacher_logits, kind="stable")]
    if count <= most:
        return probable
    places = [index for index in probable if index not in student.contrast][: most - 2]
    return [index for index in probable if index in student.contrast or index in places]


def _scale(values: np.ndarray) -> float:
    return float(np.quantile(np.abs(values), CLIPPED)) or 1.0


def _sums(inputs: np.ndarray, bases: np.ndarray) -> tuple[ClassSum, ...]:
    return tuple(
        ClassSum(float(pixels), float(base))
        for pixels, base in zip(inputs.sum(axis=(1, 2)), bases, strict=True)
    )
