"""An optimizer's way to a student, on neighbors whose numbers can be had by hand."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from deepvid import config
from deepvid.errors import ConfigError
from deepvid.students.curve import POINTS, Curve, curve
from deepvid.students.students import plan_of, values_of
from deepvid.students.teacher_oracle import Neighborhood

MARGIN = math.log(0.8 / 0.2)


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def kl(share: float, other: float) -> float:
    """Of two distributions over two classes, by the first one's share."""
    return share * math.log(share / other) + (1 - share) * math.log((1 - share) / (1 - other))


def followed(held_out: list[float] | None = None, **settings: Any) -> Curve:
    """One pixel. It is 1 in one fitted neighbor, of class 0 by 80 %, and 0 in the other, of class 1 by 80 %;
    in the neighbors `held_out` it is 1 and their margins of class 0 are given.
    """
    exam = [MARGIN, -MARGIN, -MARGIN] if held_out is None else held_out
    pixels = jnp.array([1.0, 0.0, *[1.0] * len(exam)]).reshape(-1, 1, 1, 1)
    margins = jnp.array([MARGIN, -MARGIN, *exam])
    around = Neighborhood(
        pixels[0],
        pixels,
        jnp.ones(()),
        jnp.stack([margins / 2, -margins / 2], axis=1),
        jnp.array([0.5, 0.5]),
        jnp.array([MARGIN / 2, -MARGIN / 2]),
        jnp.int32(0),
        jnp.zeros((2, 1, 1, 1)),
        jnp.array([0, 1]),
    )
    given = {"solver": "sgd", "steps": 1, "learning_rate": 4.0, "temperature": 1.0, "l2": 1e-6}
    use = config.Students(**{"anchor": "zero", "smoothness": (0.0,)} | given | settings)
    return curve(around, values_of(use, np.ones(1, "f4"), 0), plan_of(use))


def test_a_step_is_the_gradients_and_what_it_says_is_measured() -> None:
    # At zero every neighbor is guessed. The weight of class 0 has the slope
    # 1/2 (.5 - .8) (1 - .5) + 1/2 (.5 - .2) (0 - .5) = -.15, that of class 1 its opposite, and the
    # intercepts none. A step of 4 so gives a margin of 2 · 4 · .15 · .5 = .6 to the one and -.6 to the other.
    found = followed()
    assert found.step.tolist() == [0, 1]
    assert found.measured.fitted == pytest.approx([kl(0.8, 0.5), kl(0.8, sigmoid(0.6))], rel=1e-4)
    mean = (kl(0.8, sigmoid(0.6)) + 2 * kl(0.2, sigmoid(0.6))) / 3
    assert found.measured.held_out == pytest.approx([kl(0.8, 0.5), mean], rel=1e-4)
    assert found.measured.agreement[1] == pytest.approx(1 / 3)  # all three are said to be of class 0
    assert (found.floor, found.held_out) == (pytest.approx(2 / 3), 3)


def test_the_optimum_says_what_the_teacher_says_where_one_pixel_can() -> None:
    found = followed()
    assert found.optimum.fitted == pytest.approx(0, abs=1e-5)
    assert found.optimum.held_out == pytest.approx(2 / 3 * kl(0.2, 0.8), rel=1e-2)
    assert found.optimum.agreement == pytest.approx(1 / 3)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nesterov"])
def test_an_optimizer_comes_to_the_optimum_and_never_below(optimizer: str) -> None:
    found = followed(solver=optimizer, steps=600, learning_rate=0.1)
    assert len(found.step) == POINTS + 1
    assert (found.step[1], found.step[-1]) == (3, 600)
    excess = found.measured.objective - found.optimum.objective
    assert excess.min() > -1e-5
    assert excess[-1] < 0.02 * excess[0]


def test_of_several_smoothnesses_the_greatest_is_followed() -> None:
    both, smooth = followed(smoothness=(0.0, 9.0)), followed(smoothness=(9.0,))
    assert both.measured.fitted.tolist() == smooth.measured.fitted.tolist()


def test_a_way_ends_before_what_is_no_number() -> None:
    found = followed(steps=200, learning_rate=1e30)
    assert len(found.step) < 201
    assert np.isfinite(found.measured).all()


@pytest.mark.parametrize(
    ("settings", "message"), [({"solver": "exact"}, "takes none"), ({"steps": 20_001}, "20,001")]
)
def test_what_has_no_curve_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        followed(**settings)
