"""Which of two classifiers is right on which test images, and whether their difference is chance."""

from typing import TypedDict

from deepvid.compare import Agreement
from deepvid.statistics import McNemar, wilson
from deepvid.wording import percent_interval

SIGNIFICANT = 0.05
METHOD = (
    "McNemar's test asks whether two classifiers err equally often on the same images; it looks at those "
    "that only one of them gets right."
)

_WORDS = {
    "both_right": "that {} and {} have right",
    "only_first": "that {} has right and {} wrong",
    "only_second": "that {} has wrong and {} right",
    "both_wrong": "that {} and {} have wrong",
}


class Part(TypedDict):
    """Test images by which of the two classifiers is right."""

    name: str  # field of `Agreement`
    count: int
    share: str  # of all, with its interval


def parts(agreement: Agreement) -> list[Part]:
    """In the order of the fields."""
    total = sum(map(len, agreement))
    return [
        {
            "name": name,
            "count": len(samples),
            "share": percent_interval(wilson(len(samples), total), digits=1, to="–"),
        }
        for name, samples in agreement._asdict().items()
    ]


def part_words(name: str, first: str, second: str) -> str:
    """Which images a part is, after their number."""
    return _WORDS[name].format(first, second)


def verdict(test: McNemar, first: str, second: str) -> str:
    """Conclusion about the two, as they are called, with the counts that it rests on."""
    alone = test.only_first + test.only_second
    total = alone + test.both_right + test.both_wrong
    if not alone:
        return f"Both classifiers are right on the same {test.both_right:,} of {total:,} test images."
    wins = max(test.only_first, test.only_second)
    better = second if wins == test.only_second else first
    concluded = "chance alone could explain that"
    if test.p_value < SIGNIFICANT:
        concluded = f"{better} is better by more than chance explains"
    return (
        f"On {alone:,} of {total:,} test images just one of the two is right, {better} on {wins:,} of "
        f"them: {concluded} (p {p_value(test.p_value)})"
    )


def p_value(p: float) -> str:
    """ "= 0.014", "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
