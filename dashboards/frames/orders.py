"""The orders that images are listed in: one permutation of all rows each, computed once for the process."""

from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from dashboards.frames.population import Population
from dashboards.state.selection import Mask


def _worst_first(table: Population) -> np.ndarray:
    if table.confidence is None or table.wrong is None:
        return _by_index(table)
    confidence = np.nan_to_num(table.confidence, nan=-1.0)
    return np.lexsort((table.samples, np.where(table.wrong, -confidence, confidence), ~table.wrong))


def _by_confidence(table: Population) -> np.ndarray:
    if table.confidence is None:
        return _by_index(table)
    return np.lexsort((table.samples, -np.nan_to_num(table.confidence, nan=-1.0)))


def _by_index(table: Population) -> np.ndarray:
    return np.argsort(table.samples, kind="stable")


def _by_label(table: Population) -> np.ndarray:
    return np.lexsort((table.samples, table.label))


ORDERS: dict[str, tuple[str, Callable[[Population], np.ndarray]]] = {
    "worst": ("worst first", _worst_first),
    "confidence": ("by confidence", _by_confidence),
    "index": ("by index", _by_index),
    "label": ("by true class", _by_label),
}
"""Name -> (what a person reads, the permutation). Worst first: confident errors, then doubtful successes."""

_OF_A_TEACHER = ("worst", "confidence")


def orders(table: Population) -> dict[str, tuple[str, Callable[[Population], np.ndarray]]]:
    """The orders that mean something by now."""
    known = table.predictions is not None
    return {name: order for name, order in ORDERS.items() if known or name not in _OF_A_TEACHER}


class Order(NamedTuple):
    """All rows in an order."""

    rows: np.ndarray  # int32 (position,), a permutation
    position: np.ndarray  # int32 (row,), its inverse


def order_of(rows: np.ndarray) -> Order:
    """The order in which `rows`, a permutation, come."""
    position = np.empty(len(rows), np.int32)
    position[rows] = np.arange(len(rows), dtype=np.int32)
    return Order(rows.astype(np.int32), position)


class Listed:
    """The rows of a mask (None: all) in an order, looked for only as far as somebody asks.

    Ten million rows take a tenth of a second to list, and a page shows sixty.
    """

    def __init__(self, order: Order, mask: Mask | None) -> None:
        self._order, self._mask = order, mask
        self._count = len(order.rows) if mask is None else int(np.count_nonzero(mask))
        self._found = order.rows[:0]  # the first rows of the list
        self._seen = 0  # how many of the order's rows they are from
        self._place: tuple[int, int | None] = (-1, None)  # the row last asked for, and where it is

    def __len__(self) -> int:
        return self._count

    def rows(self, first: int = 0, last: int | None = None) -> np.ndarray:
        """The rows at the positions `first`, ..., `last` - 1 (None: to the end): int32 (position,)."""
        last = self._count if last is None else min(last, self._count)
        while len(self._found) < last:
            step = max(_STEP, self._seen)  # twice as far each time, so that all of it takes twice one look
            part = self._order.rows[self._seen : self._seen + step]
            kept = part if self._mask is None else part[self._mask[part]]
            self._found, self._seen = np.concatenate([self._found, kept]), self._seen + step
        return self._found[first:last]

    def position(self, row: int) -> int | None:
        """Where a row stands; None where it is not listed."""
        if self._place[0] != row:
            self._place = (row, self._search(row))
        return self._place[1]

    def _search(self, row: int) -> int | None:
        end = int(self._order.position[row])
        if self._mask is None:
            return end
        if not self._mask[row]:
            return None
        return int(np.count_nonzero(self._mask & (self._order.position < end)))


_STEP = 65_536
_KNOWN: WeakKeyDictionary[Population, dict[str, Order]] = WeakKeyDictionary()


def ordered(table: Population, name: str, mask: Mask | None) -> Listed:
    """The rows of a mask (None: all) in the named order."""
    known = _KNOWN.setdefault(table, {})
    if name not in known:
        known[name] = order_of(ORDERS[name][1](table))
    return Listed(known[name], mask)
