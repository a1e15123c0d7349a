"""The order by distance to one image in the teacher's features, which a person asks for."""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np

from dashboards.data.feature_neighbors import Space
from dashboards.data.orders import Order, order_of
from dashboards.data.population import FactsKey, Population

NEAR = "distance"
"""The name of the order, before a colon and the number of the image."""

CACHED_ORDERS = 4  # of a table: sessions that ask for different orders do not sort at every gesture
LONGEST = 12  # digits of a number in a link
_orders: WeakKeyDictionary[FactsKey, OrderedDict[int, Order]] = WeakKeyDictionary()
_lock = Lock()


def distance_sample(sort: str) -> int | None:
    """The image that an order `distance:4711` is about; None of other orders."""
    name, _, number = sort.partition(":")
    return int(number) if name == NEAR and number.isdecimal() and len(number) <= LONGEST else None


def by_distance(table: Population, space: Space, sample: int) -> Order:
    """The image itself, then the nearest first; those as far as each other by their index."""
    with _lock:
        known = _orders.setdefault(table.facts, OrderedDict())
        if (found := known.get(sample)) is not None:
            known.move_to_end(sample)
            return found
    distance = space.distances(sample)[table.samples]
    distance[table.samples == sample] = -1.0  # others may be equal to it
    made = order_of(np.lexsort((table.samples, distance)))
    with _lock:
        known[sample] = made
        while len(known) > CACHED_ORDERS:
            known.popitem(last=False)
    return made
