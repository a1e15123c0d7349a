"""A map read near and far: pictures, dots of a small selection, contours."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map
from dashboards.kernels.shading import Viewport
from dashboards.theme import class_color
from dashboards.views.map.contours import SHARES, blur, contours, level_around
from dashboards.views.map.near import framed, opacity, pictures, rows_in_sight
from dashboards.views.map.picked import picked

COLUMN = Map("m", np.float32([0, 0, 0, np.nan]), np.float32([0, 1, 2, np.nan]), {}, {})


def test_few_points_in_sight_are_pictures_and_many_are_none():
    assert rows_in_sight(COLUMN, Viewport(-1, 0.5, 1, 9, 100, 100)).tolist() == [1, 2]
    assert rows_in_sight(COLUMN, Viewport(-1, -1, 1, 9, 100, 100), most=2).tolist() == []
    assert rows_in_sight(COLUMN, Viewport(5, -1, 6, 9, 100, 100)).tolist() == []
    found = pictures(a_table([0, 1, 0, 1]), COLUMN, np.array([1, 2]))
    assert (found.x, found.y) == ([0, 0], [1, 2])
    assert found.url[0].startswith("data:image/png")
    assert opacity(np.array([1, 2]), np.array([True, True, False, False])) == [1, 0.25]


def test_a_picture_is_framed_by_its_class_and_an_error_has_a_corner_of_the_answer():
    table = a_table([0, 0], [0, 1])
    right, wrong = (framed(table, row, np.zeros((4, 4, 1), np.uint8)) for row in (0, 1))

    def color(pixel):
        return "#{:02X}{:02X}{:02X}".format(*pixel)

    assert color(right[0, -1]) == color(right[-1, 0]) == class_color(0).upper()
    assert color(wrong[0, -1]) == class_color(1).upper()
    assert color(wrong[-1, 0]) == class_color(0).upper()


def test_a_small_selection_has_dots_of_its_colors():
    table = a_table([0, 1, 1, 0])
    dots = picked(table, COLUMN, "label", np.array([True, False, True, True]))
    assert (dots.y, dots.color) == ([0, 2], [class_color(0), class_color(1)])  # the last one has no place
    assert picked(table, COLUMN, "label", None).x == []


def test_contours_hold_half_and_nine_tenths_of_each_class():
    density = np.array([[4.0, 3.0], [2.0, 1.0]])  # 4 + 3 of 10 are above the second level
    assert level_around(density, 0.7) == 3
    assert level_around(density, 0.8) == 2
    assert blur(np.ones((9, 9))) == pytest.approx(np.ones((9, 9)))
    noise = np.random.default_rng(0).normal(size=(2, 400))
    label = np.repeat([0, 1], 200)
    chosen = Map("m", np.float32(noise[0] + 20 * label), np.float32(noise[1]), {}, {})
    drawn = contours(a_table(label.tolist()), chosen, "error")  # no classes: those of the labels
    assert drawn.color == [class_color(k) for k in (0, 0, 1, 1)]
    assert drawn.width == [*SHARES.values()] * 2
    assert [np.nanmean(xs) > 10 for xs in drawn.xs] == [False, False, True, True]
    assert np.nanmax(drawn.xs[0]) > np.nanmax(drawn.xs[1])  # nine tenths reach farther than half
