"""Two runs side by side, and whether the difference between their classifiers is more than chance."""

from typing import Any, TypedDict

from dashboards.data import wording
from deepvid.compare import Comparison

SIGNIFICANT = 0.05
_METHOD = (
    "McNemar's test asks whether two classifiers err equally often on the same images; it looks at those "
    "that only one of them gets right."
)


class SideBySide(TypedDict):
    """Two runs that are compared."""

    title: str
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
        "metrics": _by_stage(comparison),
        "settings": [[path, _text(a), _text(b)] for path, a, b in comparison.config],
        "different": f"{wording.counted(count, 'setting')} {'differs' if count == 1 else 'differ'}"
        if count
        else "All settings are the same",
    }


def _by_stage(comparison: Comparison) -> list[tuple[str, list[list[str]]]]:
    """In the order of the run; a metric is named `stage: metric`."""
    stages: dict[str, list[list[str]]] = {}
    for name, a, b in comparison.metrics:
        stage, _, metric = name.rpartition(": ")
        stages.setdefault(stage, []).append([metric.replace("_", " "), *_pair(a, b)])
    return list(stages.items())


def mcnemar_sentence(comparison: Comparison) -> str:
    """What a reader may conclude, with the counts it rests on."""
    test = comparison.mcnemar
    if test is None:
        return f"Their classifiers cannot be compared image by image: {comparison.why_not}"
    alone = test.only_first + test.only_second
    total = alone + test.both_right + test.both_wrong
    if not alone:
        return f"Both classifiers are right on the same images, all {total:,} of the test set."
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


def _pair(a: Any, b: Any) -> tuple[str, str, str]:
    """Both values and the sign of their difference."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        difference = b - a
        sign = "+" if difference > 0 else ""
        shown = sign + wording.number(difference, digits=2) if difference else "same"
        return wording.number(a), wording.number(b), shown
    return _text(a), _text(b), ""


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    return wording.number(value) if isinstance(value, float) else str(value)
