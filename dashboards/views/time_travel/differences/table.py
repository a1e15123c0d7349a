"""Whose answers differ between two moments of classifiers, on the test images that both have."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.agreement import METHOD, Part, parts, verdict
from dashboards.data.time_travel import Travel
from dashboards.theme import class_color
from deepvid.compare import Agreement, agreement
from deepvid.statistics import mcnemar_test

MOST = 60  # rows


class Row(TypedDict):
    """Images that are given one class here and another one there."""

    here: str
    there: str
    colors: list[str]  # of the two
    count: int
    better: int  # of which only what stands beside it is right
    worse: int  # of which only what is shown is right


class Listed(TypedDict):
    """What is said of the two."""

    title: str
    method: str
    first: str
    second: str
    parts: list[Part]
    rows: list[Row]  # the most frequent first
    more: int  # rows that are not listed
    changed: int  # images


class Differences(NamedTuple):
    """What is said, and the samples that stand behind it."""

    listed: Listed
    agreement: Agreement
    changes: list[np.ndarray]  # samples of each row


def differences(
    shown: tuple[Travel, int], other: tuple[Travel, int], names: tuple[str, str], class_names: Sequence[str]
) -> Differences:
    """Of the epoch shown, from 0, and of the one beside it, as they are called."""
    (here, epoch), (there, beside), (first, second) = shown, other, names
    sample = there.samples[there.training :]
    point = here.points_of(sample)
    shared = np.flatnonzero(point >= here.training)
    sample, point, place = sample[shared], point[shared], there.training + shared
    named = here.predicted[epoch, point], there.predicted[beside, place]
    right = [said == here.label[point] for said in named]
    found, test = agreement(sample, *right), mcnemar_test(*right)
    changed = np.flatnonzero(named[0] != named[1])
    pairs = np.stack(named, axis=1)[changed]
    kinds, of = np.unique(pairs, axis=0, return_inverse=True) if len(pairs) else (pairs, np.zeros(0, int))
    groups = [changed[of.ravel() == kind] for kind in range(len(kinds))]
    order = sorted(range(len(kinds)), key=lambda kind: (-len(groups[kind]), *kinds[kind]))
    rows: list[Row] = [
        {
            "here": class_names[kinds[kind][0]],
            "there": class_names[kinds[kind][1]],
            "colors": [class_color(int(name)) for name in kinds[kind]],
            "count": len(groups[kind]),
            "better": int(right[1][groups[kind]].sum()),
            "worse": int(right[0][groups[kind]].sum()),
        }
        for kind in order
    ]
    listed: Listed = {
        "title": verdict(test, first, second),
        "method": METHOD,
        "first": first,
        "second": second,
        "parts": parts(found),
        "rows": rows[:MOST],
        "more": max(0, len(rows) - MOST),
        "changed": len(changed),
    }
    return Differences(listed, found, [sample[groups[kind]] for kind in order[:MOST]])
