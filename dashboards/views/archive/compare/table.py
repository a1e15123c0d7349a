"""Two runs side by side, and whether the difference between their classifiers is more than chance."""

from typing import Any, TypedDict

from dashboards.data.agreement import METHOD, Part, parts, verdict
from deepvid import wording
from deepvid.compare import Comparison
from deepvid.statistics import wilson

_DIGITS = 3
_OF_IMAGES = ("test accuracy", "hard accuracy", "soft accuracy", "reconstruction agreement")
"""Metrics that are shares of the test images, and so have an interval."""
_MORE = (*_OF_IMAGES, "neighborhood hit", "trustworthiness", "continuity", "knn preservation", "elbo")
_LESS = ("test loss", "calibration error", "reconstruction error")
"""Metrics that are the better, the greater or the smaller they are."""


class SideBySide(TypedDict):
    """Two runs that are compared."""

    title: str
    agreement: list[Part]  # both right, only the first, only the second, none; empty: not known
    text: str  # what the sentence rests on
    metrics: list[tuple[str, list[list[str]]]]  # (stage, [name, first, second, difference] of each metric)
    settings: list[list[str]]  # [path, first, second] of those that differ
    different: str  # how many settings do


def side_by_side(comparison: Comparison) -> SideBySide:
    """What is said of two runs."""
    count = len(comparison.config)
    return {
        "title": mcnemar_sentence(comparison),
        "text": "" if comparison.mcnemar is None else METHOD,
        "agreement": [] if comparison.agreement is None else parts(comparison.agreement),
        "metrics": _by_stage(comparison),
        "settings": [[path, _text(a), _text(b)] for path, a, b in comparison.config],
        "different": f"{wording.quantity(count, 'setting')} {'differs' if count == 1 else 'differ'}"
        if count
        else "All settings are the same",
    }


def _by_stage(comparison: Comparison) -> list[tuple[str, list[list[str]]]]:
    """In the order of the run; a metric is named `stage: metric`."""
    stages: dict[str, list[list[str]]] = {}
    images = next((row[1:] for row in comparison.metrics if row.name == "dataset: test_images"), (0, 0))
    for name, a, b in comparison.metrics:
        stage, _, metric = name.rpartition(": ")
        metric = metric.replace("_", " ")
        values = (_value(metric, value, count) for value, count in zip((a, b), images, strict=True))
        stages.setdefault(stage, []).append([metric, *values, _difference(metric, a, b)])
    return list(stages.items())


def mcnemar_sentence(comparison: Comparison) -> str:
    """What a reader may conclude, with the counts it rests on."""
    test = comparison.mcnemar
    if test is None:
        return f"Their classifiers cannot be compared image by image: {comparison.why_not}"
    return verdict(test, "the first", "the second")


def _value(metric: str, value: Any, images: Any) -> str:
    """With its 95 % interval, where it is a share of so many images."""
    if metric in _OF_IMAGES and isinstance(value, float) and isinstance(images, int) and images > 0:
        known = wilson(value * images, images)
        return f"{known.value:.{_DIGITS}f} [{known.low:.{_DIGITS}f}–{known.high:.{_DIGITS}f}]"
    return _text(value)


def _difference(metric: str, a: Any, b: Any) -> str:
    """With its sign, and whether the second is the better; nothing of what is no number."""
    if not (isinstance(a, int | float) and isinstance(b, int | float)):
        return ""
    if a == b:
        return "same"
    judged = (b > a) == (metric in _MORE)
    word = f" {'better' if judged else 'worse'}" if metric in _MORE or metric in _LESS else ""
    return f"{'+' if b > a else ''}{wording.number(b - a, digits=2)}{word}"


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    return wording.number(value, digits=_DIGITS) if isinstance(value, float) else str(value)
