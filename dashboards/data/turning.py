"""Another run's time travel in the plane of the run that is open."""

from dataclasses import replace
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from dashboards.data.time_travel import Landscape, Travel, travels
from deepvid.alignment import Turn, procrustes
from deepvid.compare import other_images
from deepvid.errors import DataError
from deepvid.store import Run

NOTHING = -1  # class of a cell of which nothing is known


class Turned(NamedTuple):
    """`travel` is another run's: its points are named, and lie, as those of the run that is open."""

    travel: Travel
    explained: float  # share of the variance of the shared images' places, all epochs together


def turned(onto: Travel, run: Run, other: Run) -> Turned:
    """The same form of the other run, or its first, turned as a whole, so that motion stays motion.

    Raises DataError where the other has no time travel, or other test images.
    """
    known = travels(other)
    travel = known.get(onto.form) or next(iter(known.values()), None)
    must, do = "Maps are compared of two runs with the same test images", "Choose another run"
    if travel is None:
        raise DataError(must, f"{other.id} has no time travel", do)
    with _lock:
        before = _known.setdefault(onto, WeakKeyDictionary())
        if travel not in before:
            before[travel] = other_images(run, other) or _turned(onto, travel, run, other)
        found = before[travel]
    if isinstance(found, str):
        raise DataError(must, found, do)
    return found


# By the two as they are, since those are read once; what is turned holds neither.
_known: WeakKeyDictionary[Travel, WeakKeyDictionary[Travel, Turned | str]] = WeakKeyDictionary()
_lock = Lock()


def _turned(onto: Travel, travel: Travel, run: Run, other: Run) -> Turned:
    named = _named(travel, run, other)
    place = onto.points_of(named.samples)
    shared, both = place >= 0, min(onto.epochs, travel.epochs)
    pair = named.position[:both, shared], onto.position[:both, place[shared]]
    turn = procrustes(*(side.reshape(-1, 2).astype(np.float32) for side in pair))
    return Turned(
        replace(
            named,
            position=turn.of(named.position.astype(np.float32)).astype(np.float16),
            boundary=turn.of(named.boundary.astype(np.float32)).astype(np.float16),
            landscapes=tuple(_seen(landscape, turn) for landscape in named.landscapes),
        ),
        turn.explained,
    )


def _named(travel: Travel, run: Run, other: Run) -> Travel:
    """With the samples of the run that is open; training images that are others there are left out."""
    label, test = (
        [stored.stages["dataset"].open("label", "test")[name].to_numpy() for stored in (run, other)]
        for name in ("label", "test")
    )
    if np.array_equal(test[0], test[1]) and np.array_equal(label[0], label[1]):
        return travel
    sample = np.full(len(test[1]), -1)
    sample[test[1]] = np.flatnonzero(test[0])
    begin = travel.training
    return replace(
        travel,
        samples=sample[travel.samples[begin:]].astype(np.int32),
        training=0,
        label=travel.label[begin:],
        predicted=travel.predicted[:, begin:],
        probability=travel.probability[:, begin:],
        position=travel.position[:, begin:],
        preserved=travel.preserved[:, begin:],
        events=None,
        original=None if travel.original is None else travel.original[begin:],
        labeled=None,
    )


def _seen(landscape: Landscape, turn: Turn) -> Landscape:
    """As many cells a side over all of it, each what the cell is that lies there."""
    (left, low), (right, high) = landscape.box.astype(float)
    corners = turn.of(np.array([[left, low], [left, high], [right, low], [right, high]]))
    side = len(landscape.decided)
    box = np.array([corners.min(axis=0), corners.max(axis=0)])
    x, y = np.linspace(box[0], box[1], side).T
    centers = turn.back(np.stack(np.meshgrid(x, y), axis=-1))
    cell = np.rint((centers - (left, low)) / (right - left, high - low) * (side - 1)).astype(int)
    inside = ((cell >= 0) & (cell < side)).all(axis=-1)
    at = tuple(np.clip(cell, 0, side - 1).transpose(2, 0, 1)[::-1])
    return Landscape(
        np.where(inside, landscape.decided[at].astype(np.int32), NOTHING),
        np.where(inside, landscape.margin[at], 0).astype(np.uint8),
        landscape.doubtful[at] & inside,
        box.astype(np.float32),
    )
