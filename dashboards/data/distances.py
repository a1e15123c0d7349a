"""The order by distance to one image in the teacher's features, which a person asks for."""

from collections import OrderedDict
from weakref import WeakKeyDictionary

import numpy as np

from dashboards.data.orders import Order, order_of
from dashboards.data.population import Facts, Population
from dashboards.data.similar import Space
from deepvid.store import Run

KEPT = 4  # orders of a table, so that sessions which ask for different ones do not sort at every gesture
_ORDERS: WeakKeyDictionary[Facts, OrderedDict[int, Order]] = WeakKeyDictionary()
_MEASURED: dict[tuple[str, str], bool] = {}  # by address and key of a teacher: it has features


def by_distance(table: Population, space: Space, sample: int) -> Order:
    """The image itself, then the nearest first; those as far as each other by their index."""
    known = _ORDERS.setdefault(table.facts, OrderedDict())
    if sample not in known:
        distance = space.distances(sample)[table.samples]
        distance[table.samples == sample] = -1.0  # others may be equal to it
        known[sample] = order_of(np.lexsort((table.samples, distance)))
        while len(known) > KEPT:
            known.popitem(last=False)
    return known[sample]


def has_distances(run: Run | None) -> bool:
    """Whether the run has a teacher whose features are stored."""
    if run is None or "teacher" not in run.stages:
        return False
    teacher = run.stages["teacher"]
    key = str(run.address), teacher.key
    if key not in _MEASURED:
        _MEASURED[key] = "features" in teacher.open()
    return _MEASURED[key]
