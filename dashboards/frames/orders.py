"""The orders that images are listed in: one permutation of all rows each, computed once for the process."""

from collections.abc import Callable
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


_KNOWN: WeakKeyDictionary[Population, dict[str, np.ndarray]] = WeakKeyDictionary()


def ordered(table: Population, name: str, mask: Mask | None) -> np.ndarray:
    """The rows of a mask (None: all) in the named order: int32 (position,)."""
    known = _KNOWN.setdefault(table, {})
    if name not in known:
        known[name] = ORDERS[name][1](table).astype(np.int32)
    every = known[name]
    return every if mask is None else every[mask[every]]
