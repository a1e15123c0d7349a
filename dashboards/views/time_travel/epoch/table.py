"""How right the classifier is after each epoch, and what it says of one image."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.memberships import labeled
from dashboards.data.population import Population
from dashboards.data.time_travel import FULL, Travel
from dashboards.kit.charts import Chart, Course
from dashboards.kit.elements import Box, Button, Child, Element, quiet, text
from dashboards.kit.pictures import Picture
from dashboards.theme import class_color
from deepvid.statistics import Interval, wilson
from deepvid.wording import change, percent, probability

NAMES = {"test": "test images", "train": "training images"}
LOOKS = {"test": "", "train": "dotted"}
LISTED = 12  # epochs of a kind


class Accuracy(NamedTuple):
    """Of one kind of images."""

    name: str
    look: str
    values: tuple[float, ...]  # (epoch,)
    interval: Interval  # after the epoch shown, 95 %
    change: float | None  # from the epoch before; None: there is none
    images: int


class Moments(NamedTuple):
    """When something happened to an image; what never did is not listed."""

    what: str
    hint: str
    epochs: list[int]  # from 1


class Column(NamedTuple):
    """What is said of an image after one epoch."""

    color: str  # of the class that is predicted
    share: float  # probability of the label
    hint: str


class History(NamedTuple):
    """An image through the epochs."""

    title: str
    story: str
    columns: list[Column]
    moments: list[Moments]


def course(found: Sequence[Accuracy], epoch: int, planned: int) -> tuple[Element, Element]:
    """The numbers of an epoch, from 0, and a chart of all; a click on one asks to `go` there, from 1."""
    every = [value for each in found for value in each.values]
    span = min(every), max(*every, min(every) + 0.001)
    hints = (
        f"Epoch {number}: " + ", ".join(f"{each.name} {_percent(each.values[number - 1])}" for each in found)
        for number in range(1, len(found[0].values) + 1)
    )
    told = (f"Accuracy on {each.name}: {', '.join(map(_percent, each.values))}" for each in found)
    chart = Chart(
        tuple(Course(each.values, each.look) for each in found),
        planned,
        span,
        epoch,
        tuple(hints),
        "go",
        first=1,
        ends=(_percent(span[0]), _percent(span[1])),
        label=". ".join(told),
    )
    return Box(tuple(map(_number, found)), look="numbers"), chart


def _number(each: Accuracy) -> Box:
    value, low, high = each.interval
    changed = "" if each.change is None else change(100 * each.change, 1)
    look = "change down" if each.change is not None and each.change < 0 else "change up"
    return Box(
        (
            quiet(text(tag="i", look=f"key {each.look}"), each.name),
            text(text(_percent(value), tag="strong"), text(changed, look=look) if changed else None),
            quiet(f"{100 * low:.1f}–{100 * high:.1f}"),
        ),
        look="share",
        hint=f"{_percent(value)} of {each.images:,} {each.name} are right; 95 % interval {_percent(low)} to "
        f"{_percent(high)}",
    )


def life(
    past: History, image: np.ndarray, lines: Iterable[tuple[str, str]], epoch: int, planned: int
) -> Element:
    """An image with what each epoch says of it; `lines`, with their hints, are about the epoch shown."""
    columns = tuple(_said(column, at, epoch) for at, column in enumerate(past.columns, 1))
    missing = (text(look="said"),) * (planned - len(columns))
    story = f" · {past.story}"
    return Box(
        (
            Picture(image.tobytes(), image.shape, label=past.title),
            Box(
                (
                    text(text(past.title, tag="strong"), quiet(story), tag="p", hint=f"{past.title}{story}"),
                    quiet(*(_when(each, epoch) for each in past.moments), tag="p", look="when")
                    if past.moments
                    else None,
                    Box((*columns, *missing), look="strip", role="group", label="What each epoch says of it"),
                    Box(tuple(quiet(line, tag="p", hint=hint) for line, hint in lines), look="lines"),
                ),
                look="life",
            ),
        ),
        look="study",
    )


def _said(column: Column, at: int, epoch: int) -> Button:
    fill = f"background:{column.color}"
    height = max(6, 100 * column.share)
    return Button(
        (text(tag="i", style=f"{fill}; height:{height:.4g}%"), text(tag="b", style=fill)),
        "go",
        at,
        look="said now" if at == epoch + 1 else "said",
        hint=column.hint,
        label=column.hint,
    )


def _when(each: Moments, epoch: int) -> Box:
    """When something happened to it; a number leads there."""
    rest = len(each.epochs) - LISTED
    buttons: list[Child] = [
        Button((str(at),), "go", at, current=at == epoch + 1, label=f"{each.what}: epoch {at}")
        for at in each.epochs[:LISTED]
    ]
    every = f"{'epoch' if len(each.epochs) == 1 else 'epochs'} {', '.join(map(str, each.epochs))}"
    more = f"and {rest} more" if rest > 0 else None
    return text(f"{each.what} in ", *buttons, more, look="moments", hint=f"{each.hint}: {every}")


def _percent(share: float) -> str:
    return percent(share, digits=1)


def curves(travel: Travel, epoch: int) -> list[Accuracy]:
    """Of the test images, then of the training images."""
    found = []
    for part, name in NAMES.items():
        values = travel.accuracy.get(part)
        if values is None:
            continue
        images = travel.training if part == "train" else len(travel.samples) - travel.training
        _, low, high = wilson(round(float(values[epoch]) * images), images)
        interval = Interval(float(values[epoch]), low, high)
        changed = float(values[epoch] - values[epoch - 1]) if epoch else None
        found.append(Accuracy(name, LOOKS[part], tuple(values.tolist()), interval, changed, images))
    return found


def history(travel: Travel, table: Population, point: int) -> History:
    """One image: the class that every epoch gives it."""
    names, label, said = table.class_names, int(travel.label[point]), travel.predicted[:, point]
    shares = [float(each) / FULL for each in travel.probability[:, point]]
    columns = [
        Column(
            class_color(predicted),
            share,
            f"Epoch {epoch}: {names[predicted]}, probability of {names[label]} {probability(share)}",
        )
        for epoch, (predicted, share) in enumerate(zip(said.tolist(), shares, strict=True), 1)
    ]
    title = f"#{travel.samples[point]} {labeled(travel, point, names)}"
    return History(title, _story(said, label), columns, _moments(travel, point))


def _moments(travel: Travel, point: int) -> list[Moments]:
    kinds = (
        ("class changed", "It is given another class than in the epoch before", travel.flips),
        (
            "border crossed",
            "It crosses a border of the map: the ground below it is another class's",
            travel.crossings,
        ),
    )
    found = [Moments(what, hint, (np.flatnonzero(seen[:, point]) + 1).tolist()) for what, hint, seen in kinds]
    return [each for each in found if each.epochs]


def _story(said: np.ndarray, label: int) -> str:
    """`changed class 3 times, right since epoch 4`."""
    changes, right = int(np.count_nonzero(said[1:] != said[:-1])), said == label
    changed = (
        "never changed class" if not changes else f"changed class {changes} time{'s' if changes > 1 else ''}"
    )
    if right.all():
        return f"{changed}, right in every epoch"
    if not right.any():
        return f"{changed}, right in no epoch"
    if right[-1]:
        return f"{changed}, right since epoch {len(right) - int(np.argmin(right[::-1])) + 1}"
    return f"{changed}, right last in epoch {int(np.flatnonzero(right)[-1]) + 1}"
