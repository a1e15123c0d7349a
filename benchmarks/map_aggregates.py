"""Which back end aggregates a map: Datashader's `Canvas.points`, or the kernel over tiles?

The answer is in docs/decisions/datashader.md.

    python benchmarks/map_aggregates.py

A picture is its counts, their sum and its shading, of 680 x 420 pixels, where a point is a pixel, as on the
page above 100,000; both back ends in turns, medians. What a process imports and compiles once has its lines.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from statistics import median
from typing import NamedTuple

import numpy as np
from records import Baseline, Record, arguments, at_most, lower_is_better, seconds_of, show

from dashboards.kernels.shading import Viewport, aggregate_groups, count_groups, shade
from dashboards.kernels.tiles import Tiles, tile

CLASSES = 10
BUDGET = at_most(1.5)


class Case(NamedTuple):
    """A picture: which part of the map, in shares of its sides, in which colors, of what."""

    name: str
    left: float
    share: float
    colors: str = "classes"
    selected: bool = False
    counted: bool = False  # the tile kernel starts from a whole that the last picture has counted


CASES = (
    Case("first paint", 0.0, 1.0),
    Case("pan by a tenth", 0.1, 1.0),
    Case("zoom to a third", 0.3, 0.3),
    Case("zoom to a twentieth", 0.4, 0.05),
    Case("recoloring", 0.0, 1.0, "errors"),
    Case("pan with a selection", 0.1, 1.0, selected=True),
    Case("recoloring of a selection", 0.0, 1.0, "errors", selected=True, counted=True),
)


def measure(sizes: tuple[int, ...]) -> Iterator[Record]:
    """One line a case and size."""
    for rows in sizes:
        random = np.random.default_rng(0)
        label = random.integers(0, CLASSES, rows)
        x, y = (random.normal(size=(CLASSES, 2))[label] * 4 + random.normal(size=(rows, 2))).T
        colors = {"classes": label + 1, "errors": 1 + (random.random(rows) < 0.1)}
        groups = {name: group.astype(np.uint8) for name, group in colors.items()}
        grid = tile(x.astype(np.float32), y.astype(np.float32))
        for case in CASES:
            yield _compared(grid, groups[case.colors], label == 3 if case.selected else None, case)


def _compared(grid: Tiles, group: np.ndarray, mask: np.ndarray | None, case: Case) -> Record:
    left, bottom, right, top = grid.bounds
    width, height = right - left, top - bottom
    left, bottom = left + case.left * width, bottom + case.left * height
    view = Viewport(left, bottom, left + case.share * width, bottom + case.share * height, 680, 420)
    whole = _sum(count_groups(grid, group, None, view, 0.0)) if case.counted else None

    def of_tiles() -> np.ndarray:
        counts = count_groups(grid, group, mask, view, 0.0, whole)
        return _picture(counts, whole)

    def of_datashader() -> np.ndarray:
        return _picture(aggregate_groups(grid, group, mask, view), None)

    assert (of_tiles() == of_datashader()).all()
    ours, theirs = _in_turns(of_tiles, of_datashader, 9 if len(group) > 1_000_000 else 31)
    name = f"{case.name}, {len(group):,} points"
    return lower_is_better(name, theirs, "ms", Baseline("tile kernel", ours), budget=BUDGET)


def _in_turns(first: Callable[[], object], second: Callable[[], object], repeats: int) -> tuple[float, float]:
    times = [(seconds_of(first), seconds_of(second)) for _ in range(repeats)]
    ours, theirs = (1e3 * median(of_one) for of_one in zip(*times, strict=True))
    return ours, theirs


def _picture(counts: np.ndarray, whole: np.ndarray | None) -> np.ndarray:
    if whole is None:
        _sum(counts)
    return shade(counts, np.r_[1e-6, np.ones(CLASSES)])


def _sum(counts: np.ndarray) -> np.ndarray:
    return np.einsum("yxg->yx", counts)


def first_calls() -> Iterator[Record]:
    """Each back end on three points, for a number of groups that the process has not seen."""
    grid = tile(np.zeros(3, np.float32), np.zeros(3, np.float32))
    view = Viewport(-1.0, -1.0, 1.0, 1.0, 2, 2)
    for groups in (11, 3):
        group = np.full(3, groups - 1, np.uint8)
        ours = 1e3 * seconds_of(lambda: count_groups(grid, group, None, view, 0.0))  # noqa: B023
        theirs = 1e3 * seconds_of(lambda: aggregate_groups(grid, group, None, view))  # noqa: B023
        yield lower_is_better(f"first call with {groups} groups", theirs, "ms", Baseline("tile kernel", ours))


if __name__ == "__main__":
    options = arguments(__doc__)
    sizes = (70_000, 1_000_000) if options.quick else (70_000, 1_000_000, 10_000_000)
    show(chain(first_calls(), measure(sizes)), options)
