"""Images in the place of points where few are in sight: found in a thread, after the viewport has changed."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.kernels.shading import Viewport
from dashboards.kernels.tiles import points_between
from dashboards.session.work import EXECUTOR
from dashboards.theme import class_color
from dashboards.views.map.columns import NearColumns
from dashboards.views.map.overlays import PICTURE_PIXELS
from dashboards.views.map.thumbnail import data_url
from deepvid.newest import Newest

MOST = 60  # points in sight, up to which there are images
_QUIET = 0.25  # opacity of what is not selected
_BORDER = 2  # pixels of a frame


def rows_in_sight(chosen: Map, view: Viewport, most: int = MOST) -> np.ndarray:
    """int32 (row,): the points in the viewport, ascending; none where they are more than `most`."""
    tiles, there = chosen.tiles, points_between(chosen.tiles, view.bottom, view.top)
    x, y = tiles.x[there], tiles.y[there]
    inside = (x >= view.left) & (x <= view.right) & (y >= view.bottom) & (y <= view.top)
    rows = tiles.order[there][inside]
    return np.sort(rows) if len(rows) <= most else rows[:0]


def pictures(table: Population, chosen: Map, rows: np.ndarray) -> NearColumns:
    """Images in frames of their classes, those of errors with a corner in the color of the answer."""
    if not len(rows) or not table.pictured:
        return NearColumns([], [], [], [])
    urls = [
        data_url(framed(table, row, image), PICTURE_PIXELS)
        for row, image in zip(rows.tolist(), table.images(rows), strict=True)
    ]
    return NearColumns(chosen.x[rows].tolist(), chosen.y[rows].tolist(), urls, [1.0] * len(rows))


def framed(table: Population, row: int, image: np.ndarray) -> np.ndarray:
    """uint8 (y, x, 3), enlarged by whole pixels to what is drawn."""
    scale = max(1, -(-(PICTURE_PIXELS - 2 * _BORDER) // max(image.shape[:2])))
    large = image[..., :3].repeat(scale, axis=0).repeat(scale, axis=1)
    large = np.broadcast_to(large, (*large.shape[:2], 3))
    height, width = large.shape[:2]
    border = max(_BORDER, round(_BORDER * max(height, width) / PICTURE_PIXELS))
    drawn = np.empty((height + 2 * border, width + 2 * border, 3), np.uint8)
    drawn[:] = _rgb(class_color(int(table.filed[row])))
    drawn[border:-border, border:-border] = large
    if table.wrong is not None and table.wrong[row]:
        assert table.predicted is not None
        y, x = np.ogrid[: len(drawn), : drawn.shape[1]]
        away = y + drawn.shape[1] - 1 - x  # from the upper right corner
        drawn[away < max(drawn.shape) // 3 + border] = 255
        drawn[away < max(drawn.shape) // 3] = _rgb(class_color(int(table.predicted[row])))
    return drawn


def _rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def opacity(rows: np.ndarray, mask: Mask | None) -> list[float]:
    """Of pictures under a selection."""
    return [1.0] * len(rows) if mask is None else np.where(mask[rows], 1.0, _QUIET).tolist()


class NearPictures:
    """Looks for what is in sight; of several viewports soon after another the last one's images are shown."""

    def __init__(self, schedule: Callable[[Callable[[], None]], None], show: Callable[[], None]) -> None:
        """`schedule` runs a function soon on the document's thread; `show` is called there."""
        self._schedule, self._show = schedule, show
        self._newest: Newest[object] = Newest()
        self._asked: tuple[Any, ...] = ()
        self.rows = np.zeros(0, np.int32)
        self.columns = NearColumns([], [], [], [])

    def look(self, table: Population, chosen: Map, view: Viewport) -> None:
        """Returns at once; does nothing where neither map nor viewport has changed."""
        asked = table.facts, chosen, view
        if asked != self._asked:
            self._asked = asked
            EXECUTOR.submit(self._find, self._newest.take(object()), table, chosen, view)

    def forget(self) -> None:
        """Nothing is in sight: what is being looked for is not shown."""
        self._newest.take(object())
        self._asked, self.rows, self.columns = (), self.rows[:0], NearColumns([], [], [], [])

    def _find(self, turn: object, table: Population, chosen: Map, view: Viewport) -> None:
        if not self._newest.holds(turn):
            return
        rows = rows_in_sight(chosen, view)
        self._schedule(partial(self._take, turn, rows, pictures(table, chosen, rows)))

    def _take(self, turn: object, rows: np.ndarray, columns: NearColumns) -> None:
        if self._newest.leave(turn) and (len(rows) or len(self.rows)):
            self.rows, self.columns = rows, columns
            self._show()
