"""What happened to which image: the training events of a run, the largest first."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.time_travel import BORDER, FULL, Events, Travel
from dashboards.theme import class_color
from deepvid.wording import probability

MOST = 100  # rows
KINDS: dict[str, tuple[str, str]] = {
    "flip": ("class", "It is given another class"),
    "probability": ("probability", "The probability of its label changes by more than .5"),
    "distance": (
        "place",
        "Its way to its last place changes by more than the mean and two standard deviations",
    ),
    BORDER: ("border", "It crosses a border of the map: the ground below it is another class's"),
}
"""What a person reads of a kind, and its hint."""


class Row(TypedDict):
    """One event, or all those of an image in one epoch."""

    sample: int
    epoch: int
    training: bool
    label: str
    color: str  # of the label
    text: str
    likely: str  # probability of the label before and after
    colors: list[str]  # of the classes that the text names


class Listed(NamedTuple):
    """The first moments, how many there are, and how many events of each kind."""

    rows: list[Row]
    total: int
    counts: dict[str, int]


def listed(
    travel: Travel, epoch: int | None, kind: str, selected: np.ndarray | None, class_names: Sequence[str]
) -> Listed:
    """Of an epoch (from 0; None: of all) and of the points selected (None: of all), those of a kind."""
    events = travel.happened
    assert events is not None
    point = travel.points_of(events.sample)
    inside = (point >= 0) & (events.epoch <= travel.epochs)
    if epoch is not None:
        inside &= events.epoch == epoch + 1
    if selected is not None:
        inside &= selected[point]
    counts = {name: int((inside & (events.kind == number)).sum()) for number, name in enumerate(events.kinds)}
    if kind in events.kinds:
        inside &= events.kind == events.kinds.index(kind)
    found = np.flatnonzero(inside)
    order = found[np.lexsort((events.kind[found], events.sample[found], -_size(events)[found]))]
    moments = events.epoch[order].astype(np.int64) * len(travel.samples) + point[order]
    order = order[np.sort(np.unique(moments, return_index=True)[1])]  # the first event of each
    rows = [_row(travel, events, int(place), int(point[place]), class_names) for place in order[:MOST]]
    return Listed(rows, len(order), counts)


def _size(events: Events) -> np.ndarray:
    """How large a change is among those of its kind, 0 to 1."""
    size = np.abs(events.change.astype(np.float64))
    for number in range(len(events.kinds)):
        own = events.kind == number
        size[own] /= max(size[own].max(initial=0.0), np.finfo(float).eps)
    return np.nan_to_num(size)


def _row(travel: Travel, events: Events, place: int, point: int, class_names: Sequence[str]) -> Row:
    epoch, label = int(events.epoch[place]), int(travel.label[point])
    times = max(0, epoch - 2), epoch - 1
    unlikely, likely = (probability(travel.probability[time, point] / FULL) for time in times)
    text, classes = _told(travel, events, place, point, class_names)
    return {
        "sample": int(events.sample[place]),
        "epoch": epoch,
        "training": point < travel.training,
        "label": class_names[label],
        "color": class_color(label),
        "text": text,
        "likely": f"{unlikely} → {likely}",
        "colors": [class_color(one) for one in classes],
    }


def _told(
    travel: Travel, events: Events, place: int, point: int, class_names: Sequence[str]
) -> tuple[str, list[int]]:
    """What happened, and the classes that it speaks of."""
    epoch = int(events.epoch[place])
    before, after = (int(travel.predicted[time, point]) for time in (max(0, epoch - 2), epoch - 1))
    match kind := events.kinds[events.kind[place]]:
        case "flip":
            return f"{class_names[before]} → {class_names[after]}", [before, after]
        case "probability":
            return class_names[after], [after]
        case "distance":
            return f"leaps {abs(float(events.change[place])):.2g} on the map", []
        case "border":
            ground = int(travel.ground[epoch - 1, point])
            return f"crosses to {class_names[ground]}", [ground]
    return kind, []
