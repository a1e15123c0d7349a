"""Outlines that the lassos of a selection leave on a map."""

import numpy as np

from dashboards.data.maps import Map
from dashboards.session.gestures import Cells, Polygon, Polygon3D
from dashboards.session.selection import Mode, Step
from dashboards.views.map.outlines import outlines

NOWHERE = np.empty(0, np.float32)
TRIANGLE, OTHER = ((0.0, 1.0, 2.0), (0.0, 1.0, 0.0)), ((5.0, 6.0, 7.0), (5.0, 6.0, 5.0))


def test_a_lasso_leaves_its_outline_on_its_own_map_and_dashed_where_it_took_away():
    steps = (
        Step(Mode.REPLACE, Polygon.drawn("shown", *TRIANGLE)),
        Step(Mode.ADD, Cells(((0, 1),))),
        Step(Mode.ADD, Polygon.drawn("another", *OTHER)),
        Step(Mode.INTERSECT, Polygon3D.drawn("shown", np.eye(3, 4).ravel(), *TRIANGLE)),
        Step(Mode.SUBTRACT, Polygon.drawn("shown", *OTHER)),
    )
    left = outlines(steps, Map("shown", NOWHERE, NOWHERE, {}, {}))
    assert left.xs == [[0, 1, 2], [5, 6, 7]]
    assert left.ys == [[0, 1, 0], [5, 6, 5]]
    assert left.dash == ["solid", "dashed"]
