"""The drawing of a tuning, on four points that can be ordered by hand."""

import numpy as np

from dashboards.views.explain.tuning import front
from deepvid import config
from deepvid.tuning import Tuned, point

OWN = config.Students()
# (KL, faithfulness, stability) by temperature: 1 and 2 are a front; 3 by its stability alone; 4 is beaten.
POINTS = {2: (0.2, 0.5, 0.8), 1: (0.1, 0.4, 0.7), 3: (0.3, 0.45, 0.9), 4: (0.2001, 0.5, 0.7)}


def found() -> Tuned:
    numbers = np.array(list(POINTS.values()), "f4")
    settings = tuple(point(OWN).replaced(temperature=temperature) for temperature in POINTS)
    agreement = np.tile(np.array([0.9, 0.83, 0.94], "f4"), (len(POINTS), 1))
    areas = numbers[:, 1:2] + np.array([-0.1, 0.0, 0.1], "f4")  # their mean is told
    return Tuned(7, settings, 0, 100, numbers[:, 0], agreement, numbers[:, 2], areas)


def test_points_say_what_was_measured_and_what_to_type() -> None:
    drawn = front(found(), None)
    assert drawn.points[1]._asdict() == {
        "kl": 0.1,
        "faithfulness": 0.4,
        "stability": 0.7,
        "agreement": "90 % [83–94]",
        "optimal": True,
        "texts": {
            "temperature": "1", "l2": "0.001", "l1": "0",
            "smoothness": "10", "band": "0.6", "neighbors": "500",
        },
    }  # fmt: skip
    assert [each.optimal for each in drawn.points] == [True, True, True, False]


def test_the_line_leads_by_kl_over_what_nothing_beats_in_both() -> None:
    assert front(found(), None).line == (1, 0)  # not 3, nor 4, which is as good as 2 but for its stability


def test_the_student_shown_is_a_point_where_it_was_tried() -> None:
    drawn = front(found(), OWN.replaced(temperature=3.0))
    assert (drawn.own, drawn.shown) == (0, 2)
    assert front(found(), OWN.replaced(temperature=9.0)).shown is None


def test_it_says_where_the_runs_settings_stand() -> None:
    assert front(found(), None).sentence == (
        "The run’s settings rank 2 of 4 by held-out KL: 0.200 nats on 100 neighbors, the best 0.100."
    )
