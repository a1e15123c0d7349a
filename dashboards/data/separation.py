"""Does a map of three dimensions separate the classes better than the same one of two?"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dashboards.data.maps import Map, Map3D, Measure
from dashboards.data.population import Population
from deepvid.statistics import Interval, bootstrap_difference, bootstrap_mean

_HIT = "neighborhood_hit"
_SEED = 0  # of the bootstrap: the same numbers whenever they are looked at


class Pair(NamedTuple):
    """The same projection in two and in three dimensions."""

    flat: Map
    deep: Map3D


class Separation(NamedTuple):
    """Neighborhood hits with their 95 % intervals."""

    flat: Measure
    deep: Measure
    data: Interval | None  # of what both maps show; None: an older version did not measure it
    gain: Interval | None  # of three dimensions over two, sample by sample; None where `data` is

    @property
    def better(self) -> int:
        """1 where three dimensions separate better, -1 where two do, 0 where that cannot be told."""
        apart = self.deep.low - self.flat.high, self.deep.high - self.flat.low  # without hits by sample
        low, high = self.gain[1:] if self.gain else apart
        return 1 if low > 0 else -1 if high < 0 else 0


def pair_of(table: Population, chosen: Map | Map3D) -> Pair | None:
    """The two maps of which `chosen` is one; None where it has no counterpart."""
    alike = [
        [known for known in maps.values() if _settings(known) == _settings(chosen)]
        for maps in (table.maps, table.maps_3d)
    ]
    flat, deep = alike
    return Pair(flat[0], deep[0]) if flat and deep else None  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def separation(pair: Pair) -> Separation | None:
    """None where a neighborhood hit was not measured."""
    flat, deep = pair
    if _HIT not in flat.quality or _HIT not in deep.quality:
        return None
    data = gain = None
    if flat.hits is not None and deep.hits is not None:
        measured = np.isfinite(deep.hits.in_data)
        data = bootstrap_mean(deep.hits.in_data[measured], seed=_SEED) if measured.any() else None
        gain = bootstrap_difference(deep.hits.on_map, flat.hits.on_map, seed=_SEED) if data else None
    return Separation(flat.quality[_HIT], deep.quality[_HIT], data, gain)


def _settings(known: Map | Map3D) -> dict[str, object]:
    """All but the dimensions: two maps that differ in more are no answer."""
    return {name: value for name, value in known.settings.items() if name != "dimensions"}
