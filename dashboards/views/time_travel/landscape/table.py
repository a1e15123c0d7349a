"""The epochs as the browser plays them: small numbers, sent once."""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from dashboards.data.memberships import labeled
from dashboards.data.time_travel import Landscape, Travel
from dashboards.data.turning import NOTHING
from dashboards.kit.moving import Label, pack
from dashboards.theme import CLASS_COLORS
from deepvid.caching import once_per_owner
from deepvid.wording import probability

NO_CELL = 255
MARKED = 128  # added to a color: misclassified, or doubtful
MOST_NAMES = 20

_numbers = count(1)


class Packed(NamedTuple):
    """Of one form; whoever has it plays it without asking."""

    number: int  # no other has it
    span: tuple[float, ...]  # lowest x and y, highest x and y of what is packed into `position`
    position: bytes  # uint16 (epoch, point + boundary, 2), as `pack` makes them
    answer: bytes  # uint8 (epoch, point): color of the prediction; + 128 where it is wrong
    kept: bytes  # uint8 (epoch, point)
    label: bytes  # uint8 (point,): color of the label
    cells: bytes  # uint8 (epoch, 2, y, x): color of the class, + 128 where it is doubtful; then the margin.
    # NO_CELL: nothing is known of it
    names: list[Label]


@once_per_owner
def packed(travel: Travel, class_names: tuple[str, ...]) -> Packed:
    """The same object for every session and gesture, as long as somebody has the travel."""
    placed = np.concatenate([travel.position, travel.boundary], axis=1).astype(np.float32)
    span = np.array([np.nanmin(placed, axis=(0, 1)), np.nanmax(placed, axis=(0, 1))], float)
    colors = len(CLASS_COLORS)
    cells = [
        np.stack([_colored(scene, colors), scene.margin]).astype(np.uint8) for scene in travel.landscapes
    ]
    return Packed(
        next(_numbers),
        tuple(span.ravel().tolist()),
        pack(placed, span),
        (travel.predicted % colors + MARKED * travel.wrong).astype(np.uint8).tobytes(),
        travel.preserved.tobytes(),
        (travel.label % colors).astype(np.uint8).tobytes(),
        np.stack(cells).tobytes(),
        _names(travel, class_names),
    )


def _colored(scene: Landscape, colors: int) -> np.ndarray:
    marked = scene.decided % colors + MARKED * scene.doubtful
    return np.where(scene.decided == NOTHING, NO_CELL, marked)


def flips(travel: Travel, selected: np.ndarray | None) -> list[int]:
    """How many of the selected test images (None: of all) change class in each epoch."""
    test = travel.flips[:, travel.training :]
    inside = test if selected is None else test[:, selected[travel.training :]]
    return [int(number) for number in inside.sum(axis=1)]


def told(travel: Travel, epoch: int, point: int, class_names: Sequence[str]) -> list[str]:
    """What is known of a point after an epoch, line by line."""
    label, said = travel.label[point], travel.predicted[epoch, point]
    part = "a training image" if point < travel.training else "a test image"
    if travel.labeled is not None and point < travel.training and not travel.labeled[epoch, point]:
        part = "an unlabeled training image"
    sure = travel.probability[epoch, point] / 255
    known, answer = labeled(travel, point, class_names), f"taken for {class_names[said]}"
    if said == label and not travel.noisy[point]:  # with another label than the true one it may be a mistake
        answer = "recognized"
    return [
        f"#{travel.samples[point]}, {part}",
        *([known, answer] if travel.noisy[point] else [f"{known}, {answer}"]),
        f"probability of {class_names[label]} {probability(sure)}",
        f"{travel.preserved[epoch, point]} of its 15 nearest kept here",
    ]


def _names(travel: Travel, class_names: tuple[str, ...]) -> list[Label]:
    label, position = (
        travel.label[travel.training :],
        travel.position[:, travel.training :].astype(np.float32),
    )
    amount = np.bincount(label, minlength=len(class_names))
    found = []
    for index in np.argsort(-amount, kind="stable")[:MOST_NAMES]:
        if amount[index]:
            middle = np.nanmedian(position[:, label == index], axis=1)
            color = CLASS_COLORS[index % len(CLASS_COLORS)]
            found.append(Label(text=class_names[index], color=color, at=middle.tolist()))
    return found
