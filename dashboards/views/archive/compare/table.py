"""Two runs side by side, and whether the difference between their classifiers is more than chance."""

from typing import Any, TypedDict

from dashboards.data import wording
from deepvid.compare import Agreement, Comparison
from deepvid.statistics import wilson

SIGNIFICANT = 0.05
_DIGITS = 3
_OF_IMAGES = ("test accuracy", "hard accuracy", "soft accuracy", "reconstruction agreement")
"""Metrics that are shares of the test images, and so have an interval."""
_MORE = (*_OF_IMAGES, "neighborhood hit", "trustworthiness", "continuity", "knn preservation", "elbo")
_LESS = ("test loss", "calibration error", "reconstruction error")
"""Metrics that are the better, the greater or the smaller they are."""
_METHOD = (
    "McNemar's test asks whether two classifiers err equally often on the same images; it looks at those "
    "that only one of them gets right."
)


class Part(TypedDict):
    """Test images by which of the two classifiers is right."""

    name: str  # field of `Agreement`
    count: int
    share: str  # of all, with its interval


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
        "text": "" if comparison.mcnemar is None else _METHOD,
        "agreement": [] if comparison.agreement is None else _parts(comparison.agreement),
        "metrics": _by_stage(comparison),
        "settings": [[path, _text(a), _text(b)] for path, a, b in comparison.config],
        "different": f"{wording.counted(count, 'setting')} {'differs' if count == 1 else 'differ'}"
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


def _parts(agreement: Agreement) -> list[Part]:
    total = sum(map(len, agreement))
    return [
        {"name": name, "count": len(samples), "share": _percent(len(samples), total)}
        for name, samples in agreement._asdict().items()
    ]


def _percent(count: int, total: int) -> str:
    share, low, high = (100 * value for value in wilson(count, total))
    return f"{share:.1f} % [{low:.1f}–{high:.1f}]"


def mcnemar_sentence(comparison: Comparison) -> str:
    """What a reader may conclude, with the counts it rests on."""
    test = comparison.mcnemar
    if test is None:
        return f"Their classifiers cannot be compared image by image: {comparison.why_not}"
    alone = test.only_first + test.only_second
    total = alone + test.both_right + test.both_wrong
    if not alone:
        return f"Both classifiers are right on the same {test.both_right:,} of {total:,} test images."
    better, wins = (
        ("second", test.only_second) if test.only_second >= test.only_first else ("first", test.only_first)
    )
    verdict = (
        f"the {better} is better by more than chance explains"
        if test.p_value < SIGNIFICANT
        else "chance alone could explain that"
    )
    return (
        f"On {alone:,} of {total:,} test images just one of the two is right, the {better} on {wins:,} of "
        f"them: {verdict} (p {p_value(test.p_value)})"
    )


def p_value(p: float) -> str:
    """ "= 0.014", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


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
