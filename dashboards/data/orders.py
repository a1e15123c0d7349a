"""Orders that images are listed in, and class after class: permutations of all rows, computed once."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from dashboards.data.causes import NAME as CAUSE
from dashboards.data.modes import NAME as MODE
from dashboards.data.population import Mask, Population, facts_of
from dashboards.data.values import categories, certainty
from dashboards.kernels.counts import rows_in_mask, tally
from deepvid.caching import once_per, once_per_owner
from deepvid.trust import MapVerdict, Verdict


def _worst_first(table: Population) -> np.ndarray:
    if table.confidence is None or table.wrong is None:
        return _by_margin(table)
    confidence = np.nan_to_num(table.confidence, nan=-1.0)
    return np.lexsort((table.samples, np.where(table.wrong, -confidence, confidence), ~table.wrong))


def _best_explained_first(table: Population) -> np.ndarray:
    """Students by their merit; behind them, and among equals, the worst first."""
    if table.trust is None:
        return _worst_first(table)
    worst = order(table, "worst")
    trust = table.trust
    students = trust.rows[np.lexsort((worst.position[trust.rows], -trust.merit))]
    return np.concatenate([students, worst.rows[trust.of_row[worst.rows] == Verdict.UNKNOWN]])


def _by_confidence(table: Population) -> np.ndarray:
    return _ascending(table, None if table.confidence is None else -table.confidence)


def _by_margin(table: Population) -> np.ndarray:
    known = certainty(table)
    return _ascending(table, known and known.margin)


def _by_loss(table: Population) -> np.ndarray:
    known = certainty(table)
    return _ascending(table, known and -known.loss)


def _by_fidelity(table: Population) -> np.ndarray:
    return _ascending(table, None if table.trust is None else -table.trust.agreement_of_row)


def _by_label_doubt(table: Population) -> np.ndarray:
    return _ascending(table, None if table.causes is None else -table.causes.strength("label_doubt"))


def _by_area(table: Population) -> np.ndarray:
    return _ascending(table, None if table.causes is None else table.causes.area)


def _ascending(table: Population, values: np.ndarray | None) -> np.ndarray:
    """Rows by value, those that are not known (NaN) last; equals by their index, as all without values."""
    return np.lexsort((table.samples,) if values is None else (table.samples, values))


Permutation = Callable[[Population], np.ndarray]

ORDERS: dict[str, tuple[str, Permutation]] = {
    "explained": ("best explained", _best_explained_first),
    "worst": ("worst first", _worst_first),
    "confidence": ("by confidence", _by_confidence),
    "margin": ("by margin, the smallest first", _by_margin),
    "loss": ("by loss, the largest first", _by_loss),
    "fidelity": ("by fidelity of the student", _by_fidelity),
    "label_doubt": ("by label doubt", _by_label_doubt),
    "area_under_margin": ("by area under the margin, the smallest first", _by_area),
    "index": ("by index", lambda table: _ascending(table, None)),
    "label": ("by true class", lambda table: _ascending(table, table.filed)),
}
"""Name -> (what a person reads, the permutation). Worst first: confident errors, then doubtful successes;
without labels the least sure."""
_UNLABELED = {"worst": "least sure first", "label": "by predicted class"}

_OF_A_TEACHER = ("worst", "confidence", "margin", "loss")
_OF_STUDENTS = ("explained", "fidelity")
_OF_LABELS = ("loss", "margin")  # without them the margin is what is worst


def orders(table: Population) -> dict[str, tuple[str, Permutation]]:
    """Orders that the run has the facts for: without a teacher none is worst, without a student explained."""
    lacking: tuple[str, ...] = () if table.predictions is not None else _OF_A_TEACHER
    if table.trust is None:
        lacking += _OF_STUDENTS
    elif not table.trust.counts(None)[Verdict.EXPLAINED]:
        lacking += ("explained",)
    lacking += () if table.labeled else _OF_LABELS
    lacking += () if table.causes else ("label_doubt",)
    lacking += () if table.causes and table.causes.has_area else ("area_under_margin",)
    words = {} if table.labeled else _UNLABELED
    known = {name: (words.get(name, text), of) for name, (text, of) in ORDERS.items() if name not in lacking}
    return known | _of_columns(table)


def is_order(table: Population, name: str) -> bool:
    """Whether it names one, of this run or of another state of it."""
    return name in ORDERS or name in _of_columns(table)


def _of_columns(table: Population) -> dict[str, tuple[str, Permutation]]:
    """By each column of numbers or dates, and backwards, which is named with a minus."""
    found: dict[str, tuple[str, Permutation]] = {}
    for name, column in table.columns.items():
        if column.kind in ("number", "date"):
            last = "the largest" if column.kind == "number" else "the latest"
            found[name] = (f"by {name}", partial(_ascending, values=column.values))
            found[f"-{name}"] = (f"by {name}, {last} first", partial(_ascending, values=-column.values))
    return found


@dataclass(frozen=True, eq=False)
class Order:
    """All rows in an order; known by its identity."""

    rows: np.ndarray  # int32 (position,), a permutation
    position: np.ndarray  # int32 (row,), its inverse


def order_of(rows: np.ndarray) -> Order:
    """The order in which `rows`, a permutation, come."""
    position = np.empty(len(rows), np.int32)
    position[rows] = np.arange(len(rows), dtype=np.int32)
    return Order(rows.astype(np.int32), position)


class Listed:
    """The rows of a mask (None: all) in an order, looked for where somebody asks: a page shows sixty."""

    def __init__(self, order: Order, mask: Mask | None) -> None:
        self._order, self._mask = order, mask
        self._count = len(order.rows) if mask is None else int(np.count_nonzero(mask))
        self._marks = [(0, 0)]  # ascending: how many are listed of the order's first so many rows
        self._asked: tuple[int, int | None] = (-1, None)  # the row last asked for, and its position

    def __len__(self) -> int:
        return self._count

    def rows(self, first: int = 0, last: int | None = None) -> np.ndarray:
        """The rows at the positions `first`, ..., `last` - 1 (None: to the end): int32 (position,)."""
        last = self._count if last is None else min(last, self._count)
        if self._mask is None:
            return self._order.rows[first:last]
        pieces = [self._order.rows[:0]]
        position, seen = self._marks[bisect_right(self._marks, first, key=itemgetter(0)) - 1]
        while position < last:
            rows = self._kept(seen, seen + _STEP)
            pieces.append(rows[max(0, first - position) : last - position])
            position, seen = position + len(rows), seen + _STEP
            self._mark(position, seen)
        return np.concatenate(pieces)

    def position(self, row: int) -> int | None:
        """Where a row stands; None where it is not listed."""
        if self._asked[0] != row:
            self._asked = (row, self._search(row))
        return self._asked[1]

    def _search(self, row: int) -> int | None:
        before = int(self._order.position[row])
        if self._mask is None:
            return before
        if not self._mask[row]:
            return None
        position = int(np.count_nonzero(self._mask & (self._order.position < before)))
        begin = before - before % _STEP
        self._mark(position - len(self._kept(begin, before)), begin)  # the rows around it are asked for next
        return position

    def _kept(self, begin: int, end: int) -> np.ndarray:
        rows = self._order.rows[begin:end]
        return rows if self._mask is None else rows_in_mask(rows, self._mask, len(self._order.rows))

    def _mark(self, position: int, seen: int) -> None:
        at = bisect_left(self._marks, (position, seen))
        if self._marks[at : at + 1] != [(position, seen)]:
            self._marks.insert(at, (position, seen))


_STEP = 65_536


def ordered(table: Population, name: str, mask: Mask | None) -> Listed:
    """The rows of a mask (None: all) in the named order."""
    return Listed(order(table, name), mask)


def order(table: Population, name: str) -> Order:
    """The named order, one of `ORDERS` or of a column."""
    return (_of_trust if name in _OF_STUDENTS else _of_facts)(table, name)


@once_per_owner
def _of_trust(table: Population, name: str) -> Order:
    return order_of(ORDERS[name][1](table))


@once_per(facts_of)
def _of_facts(table: Population, name: str) -> Order:
    return order_of((ORDERS.get(name) or _of_columns(table)[name])[1](table))


def to_study(table: Population, mask: Mask | None) -> int | None:
    """The row to look at first: the most confident error whose cause is known, else that is explained, else
    the worst; without labels the least sure that is explained, else the least sure.

    Images whose files the model gives another class come after all others. None without a teacher, or where
    the mask (None: all) is empty.
    """
    if table.predicted is None:
        return None
    worst = order(table, "worst")
    if table.differs is not None:
        same = ~table.differs if mask is None else mask & ~table.differs
        mask = same if same.any() else mask
    if (found := _with_a_cause(table, mask)) is not None:
        return found
    if table.trust is not None:
        explained = table.trust.of(Verdict.EXPLAINED)
        wanted = np.bool_(True) if table.wrong is None else table.wrong[explained]
        selected = True if mask is None else mask[explained]
        rows = explained[np.broadcast_to(wanted & selected, explained.shape)]
        if len(rows):
            return int(rows[worst.position[rows].argmin()])
    first = Listed(worst, mask).rows(0, 1)
    return int(first[0]) if len(first) else None


def _with_a_cause(table: Population, mask: Mask | None) -> int | None:
    """The most confident error whose cause is known, of those whose first map holds if there are some."""
    if table.causes is None:
        return None
    named = table.causes.has_cause if mask is None else table.causes.has_cause & mask
    if table.trust is not None:
        held = named & (table.trust.first_map == MapVerdict.HOLDS)
        named = held if held.any() else named
    first = Listed(order(table, "worst"), named).rows(0, 1)
    return int(first[0]) if len(first) else None


class Grouping(NamedTuple):
    """Groups of rows."""

    words: str  # that a person reads
    of_row: np.ndarray  # int (row,); negative: in none
    names: tuple[str, ...]
    rest: str  # name of what is in none


def groupings(table: Population) -> dict[str, Grouping]:
    """Kinds of groups by name: classes, of which nothing is predicted without a teacher, and categories."""
    of_true = "true class" if table.labeled else table.against
    found = {"true": Grouping(of_true, table.label, table.class_names, _UNSEEN)}
    if table.predicted is not None:
        found["predicted"] = Grouping("predicted class", table.predicted, table.class_names, _UNSEEN)
    for name, column in categories(table).items():
        found[name] = Grouping(name, column.values, column.words, _RIGHT.get(name) or f"no {name}")
    return found


_UNSEEN = "not predicted yet"
_RIGHT = {CAUSE: "right", MODE: "right, or of none"}


def grouped(table: Population, order: Order, kind: str) -> Order:
    """The rows by their group of a kind, within it in their order. Sorted once for the process."""
    return _grouped((table, order), kind)


def _order(pair: tuple[Population, Order]) -> Order:
    return pair[1]


@once_per(_order)
def _grouped(pair: tuple[Population, Order], kind: str) -> Order:
    table, order = pair
    return order_of(order.rows[np.argsort(_group(table, kind)[order.rows], kind="stable")])


def group_counts(table: Population, kind: str, mask: Mask | None) -> np.ndarray:
    """int64 (group + 1,): how many rows of a mask (None: all) each has; the last: those in none."""
    return tally(_group(table, kind), mask, len(groupings(table)[kind].names) + 1)


@once_per(facts_of)
def _group(table: Population, kind: str) -> np.ndarray:
    """In the smallest unsigned type, for which sorting is fast (row,)."""
    grouping = groupings(table)[kind]
    unknown = len(grouping.names)
    return np.where(grouping.of_row < 0, unknown, grouping.of_row).astype(np.min_scalar_type(unknown))
