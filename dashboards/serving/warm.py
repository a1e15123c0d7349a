"""Run when a server starts, so that no person waits for what is done once per process.

`panel serve dashboards/app.py --setup dashboards/serving/warm.py`; `deepvid serve` does. (Panel's own
`--warm` builds a whole session that nobody sees and that is gone before its first gesture is published.)
"""

import sys
from contextlib import suppress
from threading import Thread

import numpy as np

from dashboards.data.runs import catalog
from dashboards.kernels import seen
from dashboards.kernels.counts import cells, confusion, in_cells, overlap, rows_in_mask
from dashboards.kernels.shading import Viewport, count_groups, shade
from dashboards.kernels.tiles import inside_polygon, nearest, tile
from dashboards.shell import store_address  # and all that the script of every session imports
from deepvid.errors import DeepVIDError


def list_runs() -> None:
    """Lists the runs of the store that is served: the first page of 20,000 would wait for seconds."""
    arguments = sys.argv[sys.argv.index("--args") + 1 :] if "--args" in sys.argv else ()
    with suppress(DeepVIDError):  # the pages say it
        catalog(store_address(arguments)).look()


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


for work in (list_runs, warm):
    Thread(target=work, name=f"deepvid-{work.__name__}", daemon=True).start()
