"""Which samples get a student, and in what order: confident errors first, without labels the least sure."""

from typing import NamedTuple

import numpy as np

from deepvid.errors import ConfigError
from deepvid.metrics import held_against


class Predictions(NamedTuple):
    """What the choice depends on; every array is (sample,), training images first."""

    label: np.ndarray  # int: without labels the runner-up
    predicted: np.ndarray  # int
    confidence: np.ndarray  # the probability of `predicted`
    test: np.ndarray  # bool
    margin: np.ndarray | None = (
        None  # without labels: how much more probable `predicted` is than the runner-up
    )

    @classmethod
    def of(cls, logits: np.ndarray, label: np.ndarray | None, test: np.ndarray) -> "Predictions":
        """From logits (sample, class); `label` is None where there are no labels."""
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        confidence, against = 1 / exponents.sum(axis=1), held_against(label, logits)
        margin = None if label is not None else confidence * (1 - exponents[np.arange(len(against)), against])
        return cls(against, logits.argmax(axis=1), confidence, test, margin)


def choose(images: str, predictions: Predictions, *, classes: int, limit: int | None = None) -> np.ndarray:
    """Sample indices for a choice as in `config.Students.images`.

    Errors come first, the most confident ones before the others; then what is right, the most doubtful
    first. Without labels those of which the teacher is least sure come first, every test image may be an
    error, and a class is the predicted one. Indices that are listed keep their order. Raises `ConfigError`
    for what does not exist.
    """
    samples, wanted = parse_choice(images, samples=len(predictions.label), classes=classes)
    if samples is not None:
        return samples[:limit]
    among = predictions.test.copy()
    kind = images.partition(":")[0]
    if kind == "class":
        known = predictions.label if predictions.margin is None else predictions.predicted
        among &= known == wanted[0]
    elif kind == "confusion":
        among &= (predictions.label == wanted[0]) & (predictions.predicted == wanted[1])
    elif kind == "misclassified" and predictions.margin is None:
        among &= predictions.predicted != predictions.label
    return _by_interest(np.flatnonzero(among), predictions)[:limit]


def parse_choice(images: str, *, samples: int, classes: int) -> tuple[np.ndarray | None, list[int]]:
    """The samples that a choice lists (None where it lists none), and the classes that it names.

    Raises `ConfigError` for what a run of so many samples and classes does not have.
    """
    kind, _, arguments = images.partition(":")
    if kind[0].isdigit():
        return _listed(kind, samples), []
    return None, _classes(arguments, classes) if arguments else []


def _by_interest(samples: np.ndarray, predictions: Predictions) -> np.ndarray:
    if predictions.margin is not None:
        return samples[np.argsort(predictions.margin[samples], kind="stable")]
    wrong = predictions.predicted[samples] != predictions.label[samples]
    confidence = predictions.confidence[samples]
    return samples[np.argsort(np.where(wrong, -confidence, confidence + 1), kind="stable")]


def _listed(text: str, samples: int) -> np.ndarray:
    listed = list(dict.fromkeys(int(index) for index in text.split(",")))
    beyond = [index for index in listed if index >= samples]
    if beyond:
        raise ConfigError(
            f"Samples of this run are numbered 0 to {samples - 1}, training images first",
            f"students.images lists {', '.join(map(str, beyond))}",
            "List samples that exist",
        )
    return np.array(listed, np.int64)


def _classes(text: str, classes: int) -> list[int]:
    wanted = [int(index) for index in text.split(",")]
    if max(wanted) >= classes:
        raise ConfigError(
            f"Classes of this run are numbered 0 to {classes - 1}",
            f"students.images asks for class {max(wanted)}",
            "Name a class that exists",
        )
    return wanted
