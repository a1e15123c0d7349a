"""What lassos and boxes leave on the map that they were drawn on."""

from collections.abc import Sequence
from typing import Any

from dashboards.data.maps import Map
from dashboards.session.gestures import Polygon
from dashboards.session.selection import Mode, Steps
from dashboards.views.map.columns import OutlineColumns


def outlines(steps: Steps, chosen: Map) -> OutlineColumns:
    """The outline of every gesture that belongs to a map; a dashed one where it took away."""
    drawn = [
        (mode, lasso) for mode, lasso in steps if isinstance(lasso, Polygon) and lasso.map == chosen.name
    ]
    return OutlineColumns(
        [list(lasso.x) for _, lasso in drawn],
        [list(lasso.y) for _, lasso in drawn],
        ["dashed" if mode is Mode.SUBTRACT else "solid" for mode, _ in drawn],
    )


def sketch(corners: Sequence[tuple[float, float]]) -> OutlineColumns:
    """A lasso that is not closed yet; none without corners."""
    if not corners:
        return OutlineColumns([], [], [])
    x, y = zip(*corners, strict=True)
    return OutlineColumns([list(x)], [list(y)], ["dotted"])


def corners(shape: dict[str, Any]) -> tuple[list[float], list[float]]:
    """x and y of what Bokeh says of a lasso or a box."""
    if shape["type"] == "poly":
        return list(shape["x"]), list(shape["y"])
    x0, x1, y0, y1 = (shape[side] for side in ("x0", "x1", "y0", "y1"))
    return [x0, x1, x1, x0], [y0, y0, y1, y1]
