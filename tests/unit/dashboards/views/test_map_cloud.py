"""The drawing of a map of three dimensions, and its sentences."""

from dataclasses import replace

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map, Map3D, Measure
from dashboards.data.separation import Separation
from dashboards.theme import CLASS_COLORS
from dashboards.views.map.cloud import table as clouds
from dashboards.views.map.cloud.table import cloud, names, place, shades
from dashboards.views.map.words import above, measures
from deepvid.statistics import Interval

# The middle of the box is (1, 0, 0), and the farthest point 3 away from it.
POSITION = np.array([[-2, 0, 0], [4, 0, 0], [1, 2, 0], [1, -2, 0], [np.nan] * 3], np.float32)
SETTINGS = {"method": "tsne", "of": "features"}


def the_map():
    return Map3D("tsne-features-3d", POSITION, {}, SETTINGS)


def test_points_lie_in_a_ball_around_the_middle_and_rows_that_are_nowhere_are_left_out():
    shown = cloud(the_map())
    assert (shown.middle, shown.radius, shown.rows.tolist()) == ((1, 0, 0), 3, [0, 1, 2, 3])
    np.testing.assert_allclose(
        shown.position, [[-1, 0, 0], [1, 0, 0], [0, 2 / 3, 0], [0, -2 / 3, 0]], rtol=1e-6
    )
    assert place(shown, 1) == [1, 0, 0]
    assert place(shown, 4) is None


def test_of_many_points_some_are_drawn_and_their_number_is_known(monkeypatch):
    monkeypatch.setattr(clouds, "MOST_POINTS", 2)
    shown = cloud(the_map())
    assert (len(shown.rows), len(shown.position), shown.placed) == (2, 2, 4)


def test_what_is_not_selected_has_the_first_color():
    table, shown = a_table([0, 1, 1, 2, 0]), cloud(the_map())
    assert shades(table, shown, "label", None).of_point.tolist() == [1, 2, 2, 3]
    mask = np.array([True, False, True, False, True])
    assert shades(table, shown, "label", mask).of_point.tolist() == [1, 0, 2, 0]
    colored = shades(table, shown, "label", mask)
    assert colored.colors[1:] == CLASS_COLORS[:3]
    assert colored.front == (False, True, True, True)


def test_errors_lie_over_what_is_right():
    table = a_table([0, 1, 1, 2, 0], [0, 1, 2, 2, 0])
    colored = shades(table, cloud(the_map()), "error", None)
    assert [colored.front[shade] for shade in colored.of_point] == [False, False, True, False]


def test_names_stand_at_the_median_of_their_points_and_only_where_colors_are_classes():
    table, shown = a_table([0, 1, 1, 1, 0]), cloud(the_map())
    found = names(table, shown, "label")
    assert [name.text for name in found] == ["c0", "c1"]
    assert found[1].at == pytest.approx((0, 0, 0))
    assert names(table, shown, "error") == names(a_table([0] * 5, [0] * 5), shown, "error") == ()


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (Interval(0.003, 0.001, 0.004), "3-D separates better: +.003 [+.001, +.004]"),
        (Interval(0.003, -0.001, 0.004), "3-D separates no better: +.003 [−.001, +.004]"),
        (Interval(-0.02, -0.03, -0.01), "3-D separates worse: −.020 [−.030, −.010]"),
    ],
)
def test_the_answer_says_all_hits_with_their_intervals(gain, verdict):
    told = Separation(
        Measure(0.83, 0.825, 0.836, 0.1), Measure(0.833, 0.828, 0.838, 0.1), Interval(0.84, 0.835, 1.0), gain
    )
    chosen = replace(the_map(), quality={"neighborhood_hit": told.deep})
    said = measures(chosen, told)["beware"]
    hits = "2-D .830 [.825–.836], 3-D .833 [.828–.838], features .840 [.835–1.00]"
    assert said.startswith(f"{verdict} (neighborhood hit of {hits}).")
    assert measures(chosen, None)["beware"].startswith("Sizes")
    assert measures(the_map(), told) == {}  # nothing was measured


def test_a_menu_lists_every_map_and_of_a_pair_the_one_of_these_dimensions():
    table, flat = a_table([0] * 5), np.zeros(5, np.float32)
    for name, method in (("tsne-features-2d", "tsne"), ("pca-features-2d", "pca")):
        table.maps[name] = Map(name, flat, flat, {}, SETTINGS | {"method": method})
    for name, of in (("tsne-features-3d", "features"), ("tsne-pixels-3d", "pixels")):
        table.maps_3d[name] = Map3D(name, POSITION, {}, SETTINGS | {"of": of})

    def choices(chosen):
        return {choice["label"]: choice["options"] for choice in above("", table, chosen, "label")["choices"]}

    deep = choices(table.maps_3d["tsne-features-3d"])
    assert [option[0] for option in deep["Dimensions"]] == ["tsne-features-2d", "tsne-features-3d"]
    assert deep["map"] == [
        ["pca-features-2d", "PCA of features"],
        ["tsne-features-3d", "t-SNE of features"],
        ["tsne-pixels-3d", "t-SNE of pixels, 3-D"],
    ]
    alone = choices(table.maps["pca-features-2d"])
    assert "Dimensions" not in alone
    assert [name for name, _ in alone["map"]] == ["tsne-features-2d", "pca-features-2d", "tsne-pixels-3d"]
