"""How often each value of what is known of images occurs, of all and of the selection."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.clauses import Range, range_of, words_of
from dashboards.data.levels import levels, numbers
from dashboards.data.population import Mask, Population
from dashboards.data.values import Value, vocabulary
from dashboards.kernels.counts import tally
from deepvid.caching import once_per_owner
from deepvid.columns import date_text, seconds_of

NAMES = (
    "true",
    "runner_up",
    "predicted",
    "wrong",
    "cause",
    "verdict",
    "mode",
    "confidence",
    "margin",
    "marked",
)
"""In their order; further columns stand behind them."""
TITLES: Mapping[str, str] = {
    "true": "Class",
    "runner_up": "Runner-up",
    "predicted": "Predicted",
    "wrong": "Answer",
    "cause": "Cause",
    "verdict": "First map",
    "mode": "Kind of mistake",
    "confidence": "Confidence",
    "margin": "Margin",
    "marked": "Label",
}
SAID: Mapping[tuple[str, str], str] = {
    ("wrong", "no"): "right",
    ("wrong", "yes"): "wrong",
    ("marked", "no"): "not marked",
    ("marked", "yes"): "marked as wrong",
}
MOST = 20  # words that are listed until a person asks for more


class Words(NamedTuple):
    """One of few values, the commonest first where they are many."""

    name: str
    title: str
    hint: str
    words: tuple[str, ...]  # as a query has them
    every: tuple[int, ...]
    selected: tuple[int, ...]  # of the words; empty: nothing is selected
    wanted: tuple[str, ...]  # by the query
    left: int  # words that are not listed
    of_many: tuple[str, ...]  # all words, where they are many


class Numbers(NamedTuple):
    """A number, or a date in seconds, in steps."""

    name: str
    title: str
    hint: str
    edges: tuple[float, ...]
    every: tuple[int, ...]
    selected: tuple[int, ...]  # of the steps; empty: nothing is selected
    wanted: Range | None  # by the query
    dated: bool

    @property
    def band(self) -> tuple[float, float] | None:
        """The range that is wanted, within the edges."""
        if self.wanted is None:
            return None
        low, high = (_number(end) for end in self.wanted)
        first, last = self.edges[0], self.edges[-1]
        return (first if low is None else max(first, low)), (last if high is None else min(last, high))

    def range(self, low: float, high: float) -> Range:
        """The range between two places that were dragged over; beyond the outermost edges it is open."""
        ends = (
            None if low <= self.edges[0] else low,
            None if high >= self.edges[-1] else high,
        )
        return Range(*(date_text(end) if self.dated and end is not None else end for end in ends))


def sections(
    table: Population, mask: Mask | None, query: str, opened: Sequence[str]
) -> list[Words | Numbers]:
    """Values that the run knows; `opened` are names of which all words are listed."""
    known = vocabulary(table)
    names = [name for name in NAMES if known[name].there(table)]
    names += [name for name, column in table.columns.items() if column.kind != "text"]
    scaled = set(numbers(table))
    return [
        _numbers(table, name, known[name], mask, query)
        if name in scaled
        else _words(table, name, known[name], mask, query, every=name in opened)
        for name in names
    ]


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _words(
    table: Population, name: str, value: Value, mask: Mask | None, query: str, *, every: bool
) -> Words:
    words, group = value.words(table), _marked(table) if name == "marked" else _group(table, name)
    counts = tally(group, None, len(words) + 1)[:-1]
    chosen = None if mask is None else tally(group, mask, len(words) + 1)[:-1]
    wanted = words_of(query, name)
    order: Sequence[int] = range(len(words))
    if len(words) > MOST:
        unasked = np.array([word not in wanted for word in words])
        by_count = np.lexsort((-counts, unasked)).tolist()
        order = by_count if every else by_count[:MOST]
    places = [place for place in order if counts[place] or words[place] in wanted]
    return Words(
        name,
        _title(name),
        value.meaning,
        tuple(words[place] for place in places),
        tuple(int(counts[place]) for place in places),
        () if chosen is None else tuple(int(chosen[place]) for place in places),
        wanted,
        max(0, int(np.count_nonzero(counts)) - len(places)),
        words if len(words) > MOST else (),
    )


def _marked(table: Population) -> np.ndarray:
    return np.asarray(vocabulary(table)["marked"].read(table), np.uint8)


@once_per_owner
def _group(table: Population, name: str) -> np.ndarray:
    """The word of each row, behind the last where it is not known, in the smallest unsigned type (row,)."""
    value = vocabulary(table)[name]
    values, unknown = np.asarray(value.read(table)), len(value.words(table))
    known = (values >= 0) & (values < unknown)
    return np.where(known, values, unknown).astype(np.min_scalar_type(unknown))


def _numbers(table: Population, name: str, value: Value, mask: Mask | None, query: str) -> Numbers:
    found = levels(table, name)
    selected = () if mask is None else tuple(found.histogram(mask).tolist())
    return Numbers(
        name,
        _title(name),
        value.meaning,
        found.edges,
        tuple(found.histogram(None).tolist()),
        selected,
        range_of(query, name),
        found.dated,
    )


def _number(end: float | str | None) -> float | None:
    return seconds_of(end) if isinstance(end, str) else end
