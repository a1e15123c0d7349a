"""A mask of another table is refused before compiled code, which checks no bounds, gets to see it."""

import numpy as np
import pytest

from dashboards.kernels.counts import cells, confusion, overlap, rows_in_mask
from dashboards.kernels.shading import Viewport, aggregate_groups, count_groups
from dashboards.kernels.tiles import tile

ROWS = np.arange(4, dtype=np.int32)
SHORT, LONG = np.ones(3, bool), np.ones(5, bool)


@pytest.mark.parametrize("mask", [SHORT, LONG])
def test_a_mask_of_another_length_raises(mask):
    grid = tile(ROWS.astype(np.float32), ROWS.astype(np.float32))
    for use in (
        lambda: confusion(cells(ROWS % 2, ROWS % 2, 2), mask, 2),
        lambda: rows_in_mask(ROWS, mask, 4),
        lambda: overlap(np.ones(4, bool), mask),
        lambda: count_groups(grid, np.ones(4, np.uint8), mask, Viewport(0, 0, 4, 4, 2, 2), 0.0),
        lambda: aggregate_groups(grid, np.ones(4, np.uint8), mask, Viewport(0, 0, 4, 4, 2, 2)),
    ):
        with pytest.raises(ValueError, match=f"a mask of {len(mask)} rows for a table of 4"):
            use()
