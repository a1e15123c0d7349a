"""Class after class: the rows of an order in groups, and how many of a selection are in each."""

from collections.abc import Callable

import numpy as np

from dashboards.data.orders import Order, order_of
from dashboards.data.population import Mask, Population, facts_of
from dashboards.kernels.counts import tally
from deepvid.caching import once_per

KINDS: dict[str, tuple[str, Callable[[Population], np.ndarray | None]]] = {
    "true": ("true class", lambda table: table.label),
    "predicted": ("predicted class", lambda table: table.predicted),
}
"""Name -> (what a person reads, the class of each row, of which a negative one is not known)."""


def kinds(table: Population) -> dict[str, str]:
    """What the rows can be grouped by, with its name: nothing is predicted without a teacher."""
    names = {} if table.labeled else {"true": table.against}
    return {name: names.get(name, text) for name, (text, of) in KINDS.items() if of(table) is not None}


def grouped(table: Population, order: Order, kind: str) -> Order:
    """The rows by their class, one of `KINDS`; within a class in their order. Sorted once for the process."""
    return _grouped((table, order), kind)


def _order(pair: tuple[Population, Order]) -> Order:
    return pair[1]


@once_per(_order)
def _grouped(pair: tuple[Population, Order], kind: str) -> Order:
    table, order = pair
    return order_of(order.rows[np.argsort(_group(table, kind)[order.rows], kind="stable")])


def counts(table: Population, kind: str, mask: Mask | None) -> np.ndarray:
    """How many rows of a mask (None: all) each class has, int64 (class + 1,); at last those that are not
    predicted yet.
    """
    return tally(_group(table, kind), mask, table.class_count + 1)


@once_per(facts_of)
def _group(table: Population, kind: str) -> np.ndarray:
    """In the smallest unsigned type, for which sorting is fast (row,)."""
    of, unknown = KINDS[kind][1](table), table.class_count
    assert of is not None
    return np.where(of < 0, unknown, of).astype(np.min_scalar_type(unknown))
