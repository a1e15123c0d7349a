"""The picture of a map: Datashader counts all points, the kernel over tiles those that a gesture selects."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map
from dashboards.views.map import table as module
from dashboards.views.map.coloring import coloring
from dashboards.views.map.table import extent_of, in_sight, shaded, whole_map

ROWS = 100_001  # with one less, points are discs


def test_datashader_counts_what_no_picture_before_has_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = a_table(np.arange(ROWS) % 3, np.zeros(ROWS))
    chosen = Map("m", *np.random.default_rng(0).random((2, ROWS), np.float32), {}, {})
    whole, mask = whole_map(chosen, (60, 40)), table.label == 1
    part = whole._replace(left=0.5)
    count_tiles, last, used = module.count_groups, None, []
    for name in ("aggregate_groups", "count_groups"):
        counting = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given, name=name, counting=counting: used.append(name) or counting(*given)
        )
    for color, selected, view, counts in (
        ("label", None, whole, "aggregate_groups"),
        ("label", None, part, "aggregate_groups"),
        ("error", None, part, "aggregate_groups"),
        ("error", mask, part, "count_groups"),
        ("error", mask, whole, "aggregate_groups"),
    ):
        picture = shaded(table, chosen, color, selected, view, last)
        assert used.pop() == counts
        group, weight = coloring(table, color).group, coloring(table, color).weight
        expected = module.shade(count_tiles(chosen.tiles, group, selected, view, 0.0), weight)
        np.testing.assert_array_equal(picture.pixels, expected)
        last = picture.counted


def test_an_address_says_what_is_in_sight_to_less_than_a_pixel() -> None:
    chosen = Map("m", np.float32([0, 100, 50]), np.float32([-7, 13, 0]), {}, {})
    size = 680, 420
    whole = whole_map(chosen, size)
    assert extent_of(chosen, whole) is None
    assert in_sight(chosen, None, size) == whole
    for view in (
        whole._replace(left=10 / 3, right=20 / 3, bottom=-1e-4 / 3, top=1e-3),
        whole._replace(right=1e5),
    ):
        extent = extent_of(chosen, view)
        assert extent is not None
        again = in_sight(chosen, extent, size)
        assert extent_of(chosen, again) == extent
        np.testing.assert_allclose(
            again[:4],
            view[:4],
            atol=max((view.right - view.left) / size[0], (view.top - view.bottom) / size[1]),
        )
    assert extent_of(chosen, whole._replace(right=whole.left)) is None
