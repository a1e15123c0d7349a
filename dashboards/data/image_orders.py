"""Orders of all images by how near they are to one of them: in the teacher's features, or as mistakes."""

from typing import NamedTuple

import numpy as np

from dashboards.data.feature_neighbors import space
from dashboards.data.orders import Order, order_of
from dashboards.data.population import Population, facts_of
from dashboards.data.recent import Recent
from deepvid.caching import once_per
from deepvid.store import Run

KINDS = {"distance": "by distance to", "alike": "mistakes like"}
"""Of these orders, each with its words before the image."""
DISTANCE, ALIKE = KINDS

CACHED_ORDERS = 4  # of a table: sessions that ask for different orders do not sort at every gesture
LONGEST = 12  # digits of a number in a link


class ImageOrder(NamedTuple):
    """One that a link names as `distance:4711`."""

    kind: str
    sample: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.sample}"


class NearOrder(NamedTuple):
    """The order by how near images are to one."""

    by: ImageOrder
    order: Order


def image_order(sort: str) -> ImageOrder | None:
    """The one of this name; None of other orders."""
    kind, _, number = sort.partition(":")
    known = kind in KINDS and number.isdecimal() and len(number) <= LONGEST
    return ImageOrder(kind, int(number)) if known else None


def is_known(table: Population, asked: ImageOrder) -> bool:
    """Whether a table can be in this order."""
    if asked.kind == ALIKE:
        return table.modes is not None and table.modes.has(asked.sample)
    return table.row_of(asked.sample) is not None


def by_image(table: Population, run: Run, asked: ImageOrder) -> Order:
    """The image itself, then the nearest first; those as far as each other by their index. It `is_known`."""
    return _orders(table).get(asked, lambda: _by_image(table, run, asked))


@once_per(facts_of)
def _orders(table: Population) -> Recent[Order]:
    return Recent(CACHED_ORDERS)


def _by_image(table: Population, run: Run, asked: ImageOrder) -> Order:
    if asked.kind == ALIKE:
        assert table.modes is not None  # or it is not known
        distance = table.modes.distances(asked.sample)
    else:
        distance = space(run).distances(asked.sample)[table.samples]
    distance[table.samples == asked.sample] = -1.0  # others may be equal to it
    return order_of(np.lexsort((table.samples, distance)))
