"""A map that can be read near: pictures of few points, dots of a small selection, rings, contours."""

import numpy as np
import pytest

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step

pytestmark = pytest.mark.browser

LYING = "figure.renderers.find((r) => r.data_source.name == '{}').data_source.data.{}"


def test_pictures_stand_for_the_points_when_few_are_in_sight(
    open_views, synthetic_run, figure, wait_until, page
):
    session = open_views(synthetic_run)
    view = figure("map")

    def lying(name, column):
        return view.model(f"Array.from({LYING.format(name, column)})")

    table = session.population
    chosen = table.default_map
    assert lying("near", "x") == []
    session.select(Step(Mode.REPLACE, Samples(tuple(table.samples[:5].tolist()))))
    wait_until(lambda: len(lying("picked", "x")) == 5)
    session.navigation.pin = int(table.samples[7])
    wait_until(lambda: 22 in lying("rings", "size"))
    # zoomed around a point until few others are in sight
    x, y = float(chosen.x[0]), float(chosen.y[0])
    page.mouse.move(*view.at(x, y))
    for _ in range(3):
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(400)
    wait_until(lambda: lying("near", "x"))
    left, right, bottom, top = view.range()
    inside = (chosen.x >= left) & (chosen.x <= right) & (chosen.y >= bottom) & (chosen.y <= top)
    wait_until(lambda: len(lying("near", "x")) == np.count_nonzero(inside))
    opacity = dict(zip(lying("near", "x"), lying("near", "opacity"), strict=True))
    assert opacity[float(chosen.x[0])] == 1  # it is selected
    page.get_by_role("button", name="contours", exact=True).click()
    wait_until(lambda: len(lying("contours", "color")) == 20)  # two of each class
    assert "contours=yes" in session.address
