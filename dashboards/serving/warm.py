"""Run when a server starts, so that no person waits for what is done once per process.

`panel serve dashboards/app.py --setup dashboards/serving/warm.py`; `deepvid serve` does. (Panel's own
`--warm` builds a whole session that nobody sees and that is gone before its first gesture is published.)
"""

from threading import Thread

import numpy as np

import dashboards.shell  # noqa: F401 - what the script of every session imports
from dashboards.kernels import seen
from dashboards.kernels.counts import cells, confusion, in_cells, overlap, rows_in_mask
from dashboards.kernels.shading import Viewport, count_groups, shade
from dashboards.kernels.tiles import inside_polygon, nearest, tile


def warm() -> None:
    """Runs every kernel once on three points, with the types that the views use."""
    grid = tile(np.zeros(3, np.float32), np.zeros(3, np.float32))
    corner = np.array([0.0, 1.0, 1.0])
    mask = inside_polygon(grid, corner, corner[::-1], 3)
    seen.inside_polygon(np.zeros((3, 3), np.float32), np.eye(3, 4), corner, corner[::-1])
    nearest(grid, 0.0, 0.0, 1.0, 1.0)
    group, view = np.ones(3, np.uint8), Viewport(-1.0, -1.0, 1.0, 1.0, 2, 2)
    shade(count_groups(grid, group, mask, view, 0.0), np.ones(2))
    row = np.zeros(3, np.int32)
    for classes in (10, 100):  # cells of one byte and of two
        cell = cells(row, row, classes)
        confusion(cell, None, classes)
        confusion(cell, mask, classes)
        in_cells(cell, np.ones((classes, classes), np.bool_))
    rows_in_mask(row, mask, len(mask))
    overlap(mask, mask)


Thread(target=warm, name="deepvid-warm", daemon=True).start()
