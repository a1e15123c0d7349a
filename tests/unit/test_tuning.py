"""A grid of settings, its front and its ranking, on numbers that can be done by hand."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console

from deepvid import config
from deepvid.cli.tuning import show
from deepvid.config.reading import text_of, value_of
from deepvid.store import open_writer
from deepvid.tuning import Grid, Tuned, grid_around, grid_points, pareto, place_of, point, ranking

OWN = config.Students()
SMALL = Grid((1.0, 2.0), (1e-3,), (0.0,), (10.0,), (0.6,), (500,))


def tuned(kl: list[float], stability: list[float], faithfulness: list[float], sample: int = 7) -> Tuned:
    """Points that differ in temperature: 2 (the run's own), 1, 3, 4, ..."""
    temperatures = [2.0, 1.0, 3.0, 4.0, 5.0][: len(kl)]
    points = tuple(point(OWN).replaced(temperature=temperature) for temperature in temperatures)
    agreement = np.tile(np.array([0.9, 0.8, 0.95], "f4"), (len(kl), 1))
    areas = np.repeat(np.array(faithfulness, "f4")[:, None], 3, axis=1)
    return Tuned(sample, points, 0, 100, np.array(kl, "f4"), agreement, np.array(stability, "f4"), areas)


def test_every_value_is_crossed_with_every_other() -> None:
    points = grid_points(OWN, grid_around(OWN))
    assert len(points) == 3 * 2 * 2 * 3 * 2 * 2
    assert len(set(points)) == len(points)
    assert point(OWN) in points
    assert {each.band for each in points} == {0.6, 0.9}
    assert {each.neighbors for each in points} == {250, 500}
    assert all(len(each.smoothness) == 1 for each in points)


def test_the_runs_own_settings_are_a_point_wherever_they_lie() -> None:
    own = OWN.replaced(temperature=3.5, smoothness=(0.0, 7.0))
    points = grid_points(own, SMALL)
    assert len(points) == 3
    assert points[0] == own.replaced(smoothness=(7.0,))


def test_other_students_are_points_where_they_differ_in_what_is_tuned_alone() -> None:
    near = OWN.replaced(temperature=9.0, smoothness=(1.0,), images="5")
    assert [each.temperature for each in grid_points(OWN, SMALL, near)] == [9.0, 1.0, 2.0]
    far = OWN.replaced(temperature=9.0, anchor="zero")
    assert [each.temperature for each in grid_points(OWN, SMALL, far)] == [1.0, 2.0]


def test_bands_of_each_latent_are_widened_one_by_one() -> None:
    assert grid_around(OWN.replaced(band=(0.2, 0.4))).band == ((0.2, 0.4), (0.3, 0.6))


def test_the_front_is_what_nothing_beats() -> None:
    costs = np.array([[1, 5], [2, 3], [3, 4], [4, 1], [2, 3], [np.nan, 0]])
    # (3, 4) costs more than (2, 3) in both; the equal ones stay; the last is not known
    assert pareto(costs).tolist() == [True, True, False, True, True, False]


@given(arrays(np.float64, st.tuples(st.integers(1, 8), st.just(3)), elements=st.integers(0, 3).map(float)))
def test_every_point_off_the_front_is_beaten_by_one_on_it(costs: np.ndarray) -> None:
    front = pareto(costs)
    assert front.any()
    for index in np.flatnonzero(~front):
        beaten = (costs[front] <= costs[index]).all(axis=1) & (costs[front] < costs[index]).any(axis=1)
        assert beaten.any()


def test_points_are_ranked_by_held_out_kl() -> None:
    # the second beats the fourth in all; the third is the most stable; the first is the most faithful
    found = ranking([tuned([0.2, 0.1, 0.3, 0.4], [0.5, 0.6, 0.9, 0.5], [0.7, 0.6, 0.1, 0.5])])
    assert [row.settings.temperature for row in found.rows] == [1.0, 2.0, 3.0, 4.0]
    assert [row.optimal for row in found.rows] == [True, True, True, False]
    assert (found.rank, found.own.settings.temperature) == (2, 2.0)
    assert found.own.kl.value == pytest.approx(0.2)
    assert math.isnan(found.own.kl.low)  # one image has no interval
    assert found.better is None
    assert found.own.agreement == pytest.approx((0.9, 0.8, 0.95))  # but of its neighbors


def test_what_beats_the_runs_own_settings_is_told() -> None:
    found = ranking([tuned([0.3, 0.1, 0.2, 0.25], [0.5, 0.4, 0.5, 0.6], [0.5, 0.9, 0.5, 0.6])])
    assert found.better is not None
    assert found.better.settings.temperature == 3.0  # the first in KL is less stable
    assert not found.own.optimal


def test_the_command_line_says_what_beats_them_and_how_to_fit_it(tmp_path: Path) -> None:
    with open_writer(tmp_path, "toy", config={"name": "toy"}, provenance={}) as writer:
        run = writer.run
    told = io.StringIO()
    console = Console(file=told, width=200)
    # the second has the same stability and faithfulness, and a lower KL
    show(console, ranking([tuned([0.3, 0.2], [0.5, 0.5], [0.5, 0.5])]), run)
    assert "rank 1 is as good in all three, and better in one." in told.getvalue()
    assert "deepvid fit-students toy --images 7 --temperature 1 " in told.getvalue()
    told.truncate(0)
    show(console, ranking([tuned([0.1, 0.2], [0.5, 0.5], [0.5, 0.5])]), run)
    assert "no others beat them." in told.getvalue()
    assert "fit-students" not in told.getvalue()


@given(st.floats(1e-9, 1e9))
def test_a_number_is_typed_so_that_it_is_read_again(number: float) -> None:
    rounded = float(f"{number:.12g}")
    assert value_of(text_of(rounded), [config.Students.model_fields["l2"]]) == rounded


def test_a_student_is_the_point_of_its_smoothest_fit() -> None:
    found = tuned([0.1, 0.2], [0.5, 0.5], [0.5, 0.5])
    assert place_of(found, OWN.replaced(temperature=1.0, images="5,7")) == 1
    assert place_of(found, OWN.replaced(temperature=1.0, anchor="zero")) is None


def test_what_differs_by_less_than_is_told_is_equal() -> None:
    found = ranking([tuned([0.1001, 0.1004], [0.501, 0.499], [0.7, 0.7])])
    assert [row.optimal for row in found.rows] == [True, True]


def test_of_several_images_means_are_ranked_with_their_intervals() -> None:
    first = tuned([0.2, 0.1], [0.5, 0.5], [0.4, 0.4])
    second = tuned([0.2, 0.9], [0.7, 0.5], [0.6, 0.4], sample=8)
    found = ranking([first, second])
    assert [row.settings.temperature for row in found.rows] == [2.0, 1.0]  # 0.2 and 0.5
    assert found.rows[1].kl == pytest.approx((0.5, 0.1, 0.9))
    assert found.rows[0].stability.value == pytest.approx(0.6)
    assert found.samples == (7, 8)


def test_a_student_that_left_the_numbers_is_last() -> None:
    found = ranking([tuned([math.nan, 0.3], [0.5, 0.4], [0.5, 0.4])])
    assert [row.settings.temperature for row in found.rows] == [1.0, 2.0]
    assert [row.optimal for row in found.rows] == [True, False]
