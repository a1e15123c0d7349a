"""Curves of a training: a chart for each quantity, whose places are epochs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.training import EPOCH, SECOND, STEP, Numbers, TrainingCourse
from dashboards.data.training_steps import StepCourse
from dashboards.kit import ticks
from dashboards.kit.charts import Chart, Course
from dashboards.kit.elements import Box, column, text
from dashboards.kit.pictures import Read
from deepvid.store import Run
from deepvid.wording import bare, number, percent, quantity, sentence_case

UNITS = {EPOCH: "epochs", STEP: "steps", SECOND: "seconds"}
MARKS = 8  # numbers along the axis
ROOM = 0.04  # of the span of the values, above and below


class Quantity(NamedTuple):
    """One chart: numbers of the journal on one scale."""

    name: str
    title: str
    training: str
    test: str
    of_step: str  # of a `StepCourse`
    share: bool = False
    ticks: int = ticks.MOST


QUANTITIES = (
    Quantity("loss", "loss, nats (↓ better)", "train_loss", "test_loss", "loss"),
    Quantity("accuracy", "accuracy (↑ better)", "train_accuracy", "test_accuracy", "accuracy", share=True),
    Quantity("rate", "learning rate", "learning_rate", "", "learning_rate", ticks=2),
)


class Other(NamedTuple):
    """A run on the same axes."""

    run: Run
    course: TrainingCourse

    @property
    def id(self) -> str:
        """The run's."""
        return self.run.id


class Lines(NamedTuple):
    """All that is drawn: the run, the accuracy of the selection, and another run."""

    own: TrainingCourse
    selection: Numbers = ()
    other: Other | None = None
    steps: StepCourse | None = None  # None: they were not recorded


def sentence(own: TrainingCourse, *, running: bool) -> str:
    """`87.9 % right [87.3, 88.6] after 5 epochs`, of the test images, and whether more are under way."""
    unfinished = own.epochs < own.planned
    done = (
        f"after epoch {own.epochs} of {own.planned}"
        if unfinished
        else f"after {quantity(own.epochs, 'epoch')}"
    )
    after = f"{done}, under way" if running else done
    share = own.numbers.get("test_accuracy", (None,))[-1]
    if share is None:
        return sentence_case(after)
    low, high = (ends.get("test_accuracy", (None,))[-1] for ends in (own.low, own.high))
    between = "" if low is None or high is None else f" [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{percent(share, digits=1)} right{between} {after}"


def curves(lines: Lines, axis: str, band: tuple[int, int] | None, *, ratios: bool) -> Box:
    """A chart for each quantity that is known; a place is pointed at in all."""
    own, other = lines.own, lines.other
    shared = other is not None and axis in other.course.ends
    whole = max(own.whole(axis), other.course.whole(axis) if other is not None and shared else 0.0)
    says = tuple(epoch_sentence(lines, epoch) for epoch in range(own.planned))
    charts = [
        chart
        for quantity in QUANTITIES
        if (
            chart := _chart(
                quantity, lines, axis, whole, says, band, ratios=ratios and quantity.name == "loss"
            )
        )
        is not None
    ]
    charts = [*charts[:-1], *(_marked(chart, own, axis, whole) for chart in charts[-1:])]
    plots = tuple(_plot(chart, UNITS[axis] if chart is charts[-1] else "") for chart in charts)
    return column(
        *plots,
        Box((Read("", (says[own.epochs - 1],), look="quiet readout"),), role="status"),
        look="course",
    )


def _plot(chart: Chart, below: str) -> Box:
    under = text(below, look="axis-name") if below else None
    return Box((text(chart.label, look="axis-name"), chart, under), look=f"plot {chart.data['of']}")


def keys(lines: Lines) -> Iterator[Box]:
    """All lines and their meaning."""
    yield _key("ink", "test images")
    during = "during the epoch" if lines.steps is None else "step by step"
    yield _key("faint", f"training images, {during}")
    if lines.selection:
        yield _key("selected", "the selection")
    if lines.other is not None:
        yield _key("ink beside", lines.other.id)


def _key(look: str, words: str) -> Box:
    return text(Box((), "i", look=f"legend-line {look}"), words, look="key")


def _chart(
    quantity: Quantity,
    lines: Lines,
    axis: str,
    whole: float,
    says: Sequence[str],
    band: tuple[int, int] | None,
    *,
    ratios: bool,
) -> Chart | None:
    """None where nothing is known of a quantity."""
    own, other, courses = lines.own, lines.other, []
    steps = _steps(quantity, lines, axis, whole)
    courses += [] if steps is None else [steps]
    for name, look in ((quantity.training, "faint"), (quantity.test, "ink")):
        if name in own.numbers and (look == "ink" or steps is None):
            courses.append(Course(own.numbers[name], look, _between(own, name)))
        if other is not None and axis in other.course.ends and name in other.course.numbers:
            places = tuple(end / whole for end in other.course.ends[axis])
            courses.append(Course(other.course.numbers[name], f"{look} beside", (), places))
    if not courses:
        return None
    if quantity.name == "accuracy" and any(share is not None for share in lines.selection):
        courses.append(Course(lines.selection, "selected"))
    span = _span([value for each in courses for value in _drawn(each)], ratios=ratios)
    return Chart(
        tuple(_above(each, span[0]) for each in courses) if ratios else tuple(courses),
        own.planned,
        span,
        own.epochs - 1,
        positions=_positions(own, axis, whole),
        ticks=tuple(_ticks(span, quantity, ratios=ratios)),
        ratios=ratios,
        says=tuple(says),
        brush="brush",
        band=band,
        label=quantity.title,
        data={"of": quantity.name},
    )


def _steps(quantity: Quantity, lines: Lines, axis: str, whole: float) -> Course | None:
    """The numbers of the steps, in the place of those of the epochs; None where they were not recorded."""
    steps, ends = lines.steps, lines.own.ends[axis]
    if steps is None or not len(steps.ends):
        return None
    values = getattr(steps, quantity.of_step)
    if np.isnan(values).all():
        return None
    after = ends[-1] + ends[-1] / len(ends)  # of the epoch under way, as long as the others
    at = np.interp(steps.ends, np.arange(len(ends) + 2), (0.0, *ends, after)) / whole
    known = tuple(None if np.isnan(value) else value for value in _rounded(values))
    return Course(known, "faint", (), _rounded(at))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.4g}") for value in values.tolist())


def _between(own: TrainingCourse, name: str) -> tuple[tuple[float, float] | None, ...]:
    pairs = zip(own.low.get(name, ()), own.high.get(name, ()), strict=True)
    return tuple(None if low is None or high is None else (low, high) for low, high in pairs)


def _drawn(line: Course) -> Iterator[float]:
    yield from (value for value in line.values if value is not None)
    yield from (end for pair in line.intervals if pair is not None for end in pair)


def _above(line: Course, low: float) -> Course:
    """No lower than the end of a scale of ratios: an interval of a loss may reach below 0."""
    values = tuple(None if value is None else max(value, low) for value in line.values)
    ends = tuple(None if pair is None else (max(pair[0], low), max(pair[1], low)) for pair in line.intervals)
    return line._replace(values=values, intervals=ends)


def _span(values: Sequence[float], *, ratios: bool) -> tuple[float, float]:
    """With some room at both ends, and never of no height."""
    if ratios:
        above = [value for value in values if value > 0] or [1.0]
        return min(above) / (1 + ROOM), max(above) * (1 + ROOM)
    low, high = min(values), max(values)
    room = ROOM * (high - low) or max(abs(high), 1e-6) / 10
    return low - room, high + room


def _ticks(span: tuple[float, float], of: Quantity, *, ratios: bool) -> Iterator[tuple[float, str]]:
    if ratios:
        yield from ticks.ratios(*span)
        return
    for value in ticks.linear(*span, of.ticks):
        yield value, percent(value) if of.share else f"{value:.4g}"


def _positions(own: TrainingCourse, axis: str, whole: float) -> tuple[float, ...]:
    """Shares of the width, of the epochs to come in equal steps."""
    ends = own.ends[axis]
    left = own.planned - own.epochs
    step = (own.whole(axis) - ends[-1]) / max(1, left)
    return tuple(end / whole for end in (*ends, *(ends[-1] + step * number for number in range(1, left + 1))))


def _marked(chart: Chart, own: TrainingCourse, axis: str, whole: float) -> Chart:
    """With numbers along its axis, at the ends of some epochs."""
    every = math.ceil(own.planned / MARKS)
    places = [place for place in range(own.planned) if (place + 1) % every == 0]
    words = (
        str(place + 1) if axis == EPOCH else number(chart.positions[place] * whole, 3) for place in places
    )
    return replace(chart, marks=tuple(zip(places, words, strict=True)))


def epoch_sentence(lines: Lines, epoch: int) -> str:
    """All numbers of an epoch, from 0, in one line."""
    own, name = lines.own, f"Epoch {epoch + 1}"
    if epoch >= own.epochs:
        return f"{name} is still to come"
    told = [
        told
        for told in (
            _pair(own, epoch, "loss", "test_loss", "train_loss", bare),
            _pair(own, epoch, "right", "test_accuracy", "train_accuracy", _percent),
        )
        if told
    ]
    if lines.selection and (share := lines.selection[epoch]) is not None:
        told.append(f"{_percent(share)} of the selection")
    rate = own.numbers.get("learning_rate", (None,) * own.epochs)[epoch]
    told += [f"rate {number(rate, 2)}"] if rate is not None else []
    other = lines.other
    if other is not None and epoch < other.course.epochs:
        beside = _pair(other.course, epoch, "right", "test_accuracy", "", _percent)
        told += [f"{other.id}: {beside}"] if beside else []
    return f"{name}: {'; '.join(told)}" if told else name


def _percent(value: float) -> str:
    return percent(value, digits=1)


def _pair(own: TrainingCourse, epoch: int, what: str, test: str, training: str, write: Any) -> str:
    """`loss .33 [.32, .35] of the test images, .26 while training`; empty where nothing is known."""
    value, trained = (own.numbers.get(name, (None,) * own.epochs)[epoch] for name in (test, training))
    low, high = (ends.get(test, (None,) * own.epochs)[epoch] for ends in (own.low, own.high))
    said = []
    if value is not None:
        between = f" [{write(low)}, {write(high)}]" if low is not None and high is not None else ""
        said.append(f"{write(value)}{between} of the test images")
    if trained is not None:
        said.append(f"{write(trained)} while training")
    return f"{what} {', '.join(said)}" if said else ""
