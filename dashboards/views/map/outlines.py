"""What lassos and boxes leave on the map that they were drawn on."""

from dashboards.data.maps import Map
from dashboards.session.gestures import Polygon
from dashboards.session.selection import Mode, Steps
from dashboards.views.map.plot import OutlineColumns


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
