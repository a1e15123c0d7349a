"""The chosen run beside another one, and whether the difference between them is more than chance."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from dashboards.data.agreement import METHOD, part_words, verdict
from dashboards.data.runs import MOST_CHOICES, run_choices
from dashboards.kit.agreement import agreement_table
from dashboards.kit.elements import Box, Child, Choice, text
from dashboards.kit.forms import Entry
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.archive.state import archive_state
from dashboards.views.archive.tab import Sheet, Tab, run_of
from deepvid import wording
from deepvid.compare import Comparison, compare_runs
from deepvid.errors import DeepVIDError
from deepvid.progress import Progress
from deepvid.statistics import wilson
from deepvid.store import RunListing

_DIGITS = 3
_OF_IMAGES = ("test accuracy", "hard accuracy", "soft accuracy", "reconstruction agreement")
"""Metrics that are shares of the test images, and so have an interval."""
_MORE = (*_OF_IMAGES, "neighborhood hit", "trustworthiness", "continuity", "knn preservation", "elbo")
_LESS = ("test loss", "calibration error", "reconstruction error")
"""Metrics that are the better, the greater or the smaller they are."""
FIRST, SECOND = "first", "second"


class CompareTab(Tab):
    """Compares as soon as both runs are known, and again when one of them has grown."""

    doing = "Comparing"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._sought = ""  # in the ids of the other runs
        self._asked: tuple[str, ...] = ()  # both ids and when they were last written
        self._comparison: Comparison | None = None  # of what was asked; None until it is known

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"other": self._choose, "seek": self._seek, "part": self._study}

    def sheet(self, listing: RunListing) -> Sheet:
        others = [run for run in self.session.runs if run.error is None and run.id != listing.id]
        other = next((run for run in others if run.id == archive_state(self.session).other), None)
        if not others:
            return Sheet(
                "There is no other run to compare with",
                "Import an archive, or run the experiment again with other settings: "
                "deepvid run EXPERIMENT.toml --set seed=1",
            )
        choice = self._choice(listing, others, other.id if other else "")
        if other is None:
            return Sheet("Choose a run to compare with", children=(choice,))
        asked = (listing.id, other.id, listing.time, other.time)
        if asked != self._asked:
            self._compare(listing, other, asked)
        if self._comparison is None:
            return Sheet("Comparing …", children=(choice,))
        compared = side_by_side(self._comparison)
        return Sheet(compared.title, compared.text, (choice, *tables(self._comparison, compared)))

    def error(self, listing: RunListing) -> DeepVIDError | None:
        return super().error(listing) if archive_state(self.session).other else None

    def _choice(self, listing: RunListing, others: list[RunListing], other: str) -> Box:
        found = run_choices(others, other, self._sought)
        options = (("", "choose a run", ""), *((run_id, words, "") for run_id, words in found))
        choice = Choice("other", options, other, disabled=("",), label="Compare with")
        hint = (
            f"The menu has the latest of {len(others):,} runs: type a part of another's id"
            if len(others) > MOST_CHOICES
            else ""
        )
        field = Entry("seek", "Find a run", label="Find a run", hint=hint) if hint else None
        second = text(f"{SECOND} ", choice, field, look="second")
        return Box((text(f"{FIRST} ", text(listing.id, tag="b")), second), look="versus")

    def _choose(self, listing: RunListing, other: str) -> None:
        archive_state(self.session).other = other

    def _seek(self, listing: RunListing, asked: Any) -> None:
        self._sought = asked["text"].strip()

    def _study(self, listing: RunListing, asked: Any) -> None:
        """Opens the first run with the images of one part selected."""
        if self._comparison is None or listing.id != self._asked[0]:
            return
        samples = getattr(self._comparison.agreement, asked["name"]).tolist()
        self.session.study(listing.id)
        words = part_words(asked["name"], "this run", self._asked[1])
        self.session.select(Step(Mode.REPLACE, Samples(tuple(samples), words)))

    def _compare(self, listing: RunListing, other: RunListing, asked: tuple[str, ...]) -> None:
        self._asked, self._comparison = asked, None

        def work(_: Progress) -> Comparison:
            return compare_runs(run_of(listing), run_of(other))

        # Later: what is drawn just now must not be drawn anew from inside.
        self.session.schedule(lambda: self.task.start(listing.id, work, self._arrive))

    def _arrive(self, comparison: Comparison) -> None:
        self._comparison = comparison


class SideBySide(NamedTuple):
    """Two runs that are compared."""

    title: str
    text: str  # what the sentence rests on
    metrics: list[tuple[str, list[list[str]]]]  # (stage, [name, first, second, difference] of each metric)
    settings: list[list[str]]  # [path, first, second] of those that differ
    different: str  # how many settings do


def side_by_side(comparison: Comparison) -> SideBySide:
    """Words and numbers for two runs."""
    count = len(comparison.config)
    differ = f"{wording.quantity(count, 'setting')} {'differs' if count == 1 else 'differ'}"
    return SideBySide(
        mcnemar_sentence(comparison),
        "" if comparison.mcnemar is None else METHOD,
        _by_stage(comparison),
        [[path, _text(a), _text(b)] for path, a, b in comparison.config],
        differ if count else "All settings are the same",
    )


def tables(comparison: Comparison, compared: SideBySide) -> Iterable[Child]:
    """Who is right, which settings differ, and the metrics of both."""
    if comparison.agreement is not None:
        hint = "Study these images of the first run"
        yield agreement_table(comparison.agreement, FIRST, SECOND, hint=hint, act="part")
    if compared.settings:
        yield _table(compared.different, [("", compared.settings)], FIRST, SECOND)
    else:
        yield text(compared.different, tag="h3")
    yield _table("Metrics", compared.metrics, FIRST, SECOND, "difference")


def _table(label: str, groups: list[tuple[str, list[list[str]]]], *columns: str) -> Box:
    head = Box((Box(tuple(text(name, tag="th") for name in (label, *columns)), "tr"),), "thead")
    bodies = (
        Box((_group(name) if name else None, *(_row(*row) for row in rows)), "tbody") for name, rows in groups
    )
    return Box((head, *bodies), "table", label=label)


def _group(name: str) -> Box:
    return Box((text(name, tag="th", role="rowheader"),), "tr", look="group")


def _row(name: str, *values: str) -> Box:
    cells = (text(value, tag="td") for value in values)
    return Box(
        (text(name, tag="th", role="rowheader"), *cells), "tr", look="same" if "same" in values[2:] else ""
    )


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
    """The conclusion that a reader may draw, with the counts it rests on."""
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
