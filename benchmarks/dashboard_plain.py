"""A gesture of ours beside the same through plain HoloViz; part of `dashboard.py`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard_page import Gesture, times_if_answered
from playwright.sync_api import Browser
from records import Record, at_percentile

BUDGETS = {"pn.bind": 3.0, "hv.DynamicMap": None}
"""By how HoloViews draws again: pictures anew, or only their data."""


class Plain(NamedTuple):
    """The same through plain HoloViz."""

    page: str  # `?plain=` of it
    gesture: Gesture
    words: str  # what it draws


def beside_plain(
    browser: Browser,
    address: str,
    name: str,
    ours: Sequence[float],
    plain: Plain,
    repeats: int,
    shares: Sequence[int] = (95,),
) -> Iterator[Record]:
    """Ours beside each way of `BUDGETS`."""
    for through, budget in BUDGETS.items():
        page = f"{address}&plain={plain.page}&through={through}"
        others = times_if_answered(browser, page, plain.gesture, repeats)
        for share in shares:
            words = f"{through} to {plain.words}"
            yield at_percentile(share, name, ours, words, others, budget=budget)
