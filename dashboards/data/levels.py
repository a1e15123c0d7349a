"""Numbers known of images, in ten steps that a map can show and a histogram count."""

from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.data.values import vocabulary
from dashboards.kernels.counts import tally
from deepvid.caching import once_per_owner
from deepvid.columns import DAY, date_text

LEVELS = 10
_TAIL = 98.0  # percentile above which a number shares the last level


class Levels(NamedTuple):
    """`of_row` is uint8 (row,): 1 + the level, 0 where it is not known. Level k begins at edges[k]."""

    name: str
    of_row: np.ndarray
    edges: tuple[float, ...]  # (LEVELS + 1,); what is beyond the last is in the last level
    dated: bool = False  # numbers are seconds of a date

    @property
    def ticks(self) -> list[str]:
        """The edges as people read them."""
        return [date_text(edge) if self.dated else f"{edge:g}" for edge in self.edges]

    def query(self, level: int) -> str:
        """Query for the rows of a level, in the words of `dashboards.data.query`."""
        edges = [f'"{tick}"' if self.dated else tick for tick in self.ticks]
        low = f"{self.name} >= {edges[level]}" if level else ""
        high = f"{self.name} < {edges[level + 1]}" if level < LEVELS - 1 else ""
        return " and ".join(side for side in (low, high) if side)

    def histogram(self, mask: Mask | None) -> np.ndarray:
        """How many rows of a mask (None: all) each level has: int64 (level,)."""
        return tally(self.of_row, mask, LEVELS + 1)[1:]


def numbers(table: Population) -> list[str]:
    """The values of a query that have a scale, and that the run knows."""
    return [name for name, value in vocabulary(table).items() if value.is_measured and value.there(table)]


@once_per_owner
def levels(table: Population, name: str) -> Levels:
    """The levels of one of `numbers`. Slow the first time, where images are many."""
    value = vocabulary(table)[name]
    values = np.asarray(value.read(table))
    if values.dtype != np.float64:  # as a query compares it
        values = values.astype(np.float32)
    dated, finite = value.kind == "date", np.isfinite(values)
    edges = (_dates if dated else _edges)(values[finite])
    place = np.searchsorted(np.array(edges[1:-1], values.dtype), values, side="right") + 1
    return Levels(name, np.where(finite, place, 0).astype(np.uint8), edges, dated)


def _dates(values: np.ndarray) -> tuple[float, ...]:
    """Equal steps of whole days, or of seconds within ten days."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    unit = DAY if high - low >= LEVELS * DAY else 1
    start = floor(low / unit) * unit
    step = ceil((high - start + unit) / (LEVELS * unit)) * unit
    return tuple(float(start + k * step) for k in range(LEVELS + 1))


def _edges(values: np.ndarray) -> tuple[float, ...]:
    """Equal round steps: over 0 to 1 for shares, else from the least number to all but the tail."""
    low, high = (float(values.min()), float(np.percentile(values, _TAIL))) if len(values) else (0.0, 1.0)
    if low >= 0 and (not len(values) or values.max() <= 1):
        low, high = 0.0, 1.0
    least = 1e-3 * max(1.0, abs(low), abs(high))  # the six digits of a query tell the steps apart
    step = _round_up(max(high - low, least) / LEVELS)
    start = floor(low / step + 1e-9) * step
    return tuple(round(start + k * step, 9) for k in range(LEVELS + 1))


def _round_up(step: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    power = 10.0 ** floor(log10(step))
    share = ceil(step / power * 1e6) / 1e6
    return next(each for each in (1, 2, 2.5, 5, 10) if each >= share) * power
