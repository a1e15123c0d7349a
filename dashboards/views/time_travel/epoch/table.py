"""How right the classifier is after each epoch, and what it says of one image."""

from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.memberships import labeled
from dashboards.data.population import Population
from dashboards.data.time_travel import FULL, Travel
from dashboards.theme import class_color
from deepvid.statistics import wilson
from deepvid.wording import probability

NAMES = {"test": "test images", "train": "training images"}


class Curve(TypedDict):
    """Accuracy of one kind of images."""

    name: str
    values: list[float]  # (epoch,)
    value: float  # after the epoch shown, with its 95 % Wilson interval
    low: float
    high: float
    change: float | None  # from the epoch before; None: there is none
    images: int


class Column(TypedDict):
    """What is said of an image after one epoch."""

    color: str  # of the class that is predicted
    share: float  # probability of the label
    hint: str


class Moments(TypedDict):
    """When something happened to an image; what never did is not listed."""

    what: str
    hint: str
    epochs: list[int]  # from 1


class History(NamedTuple):
    """An image through the epochs."""

    title: str
    story: str
    columns: list[Column]
    moments: list[Moments]


def curves(travel: Travel, epoch: int) -> list[Curve]:
    """Of the test images, then of the training images."""
    found: list[Curve] = []
    for part, name in NAMES.items():
        values = travel.accuracy.get(part)
        if values is None:
            continue
        images = travel.training if part == "train" else len(travel.samples) - travel.training
        interval = wilson(round(float(values[epoch]) * images), images)
        change = float(values[epoch] - values[epoch - 1]) if epoch else None
        found.append(
            {
                "name": name,
                "values": [float(value) for value in values],
                "value": float(values[epoch]),
                "low": interval.low,
                "high": interval.high,
                "change": change,
                "images": images,
            }
        )
    return found


def history(travel: Travel, table: Population, point: int) -> History:
    """One image: the class that every epoch gives it."""
    names, label, said = table.class_names, int(travel.label[point]), travel.predicted[:, point]
    columns: list[Column] = [
        {
            "color": class_color(int(predicted)),
            "share": float(travel.probability[epoch, point]) / FULL,
            "hint": f"Epoch {epoch + 1}: {names[predicted]}, probability of {names[label]} "
            f"{probability(travel.probability[epoch, point] / FULL)}",
        }
        for epoch, predicted in enumerate(said)
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
    found = [(what, hint, np.flatnonzero(seen[:, point]) + 1) for what, hint, seen in kinds]
    return [
        {"what": what, "hint": hint, "epochs": epochs.tolist()} for what, hint, epochs in found if len(epochs)
    ]


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
