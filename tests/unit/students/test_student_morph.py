"""The way between two latents, and where an answer changes on it."""

import jax.numpy as jnp
import numpy as np
import pytest

from deepvid.students.morph import NARROW, changes, linear, spherical

FIRST, LAST = jnp.array([[2.0, 0.0]]), jnp.array([[0.0, 2.0]])
HALF = jnp.array([[0.5]])


def test_a_line_goes_through_the_middle_and_a_circle_keeps_the_length() -> None:
    np.testing.assert_allclose(linear(FIRST, LAST, HALF), [[1, 1]])
    np.testing.assert_allclose(spherical(FIRST, LAST, HALF), [[2**0.5, 2**0.5]], rtol=1e-5)
    thirds = spherical(FIRST, LAST, jnp.array([[0.0], [1 / 3], [1.0]]))  # 0, 30 and 90 degrees
    np.testing.assert_allclose(thirds, [[2, 0], [3**0.5, 1], [0, 2]], atol=1e-5)


@pytest.mark.parametrize("scale", [1.0, -1.0, 0.0])
def test_a_circle_through_no_angle_is_a_line(scale: float) -> None:
    found = spherical(FIRST, scale * FIRST, HALF)
    np.testing.assert_allclose(found, linear(FIRST, scale * FIRST, HALF), atol=1e-5)


def test_a_change_is_found_to_a_thousandth_of_the_way() -> None:
    asked: list[float] = []

    def answer(position: float) -> int:
        asked.append(position)
        return 7 if position < 0.4371 else 9

    (change,) = changes([0.0, 0.5, 1.0], [7, 9, 9], answer)
    assert (change.before, change.after) == (7, 9)
    assert change.low < 0.4371 <= change.high
    assert change.high - change.low <= NARROW
    assert len(asked) == 9  # 0.5 / 2⁹ is less than a thousandth


def test_a_third_class_between_two_steps_has_a_change_on_either_side() -> None:
    found = changes([0.0, 1.0], [0, 2], lambda position: int(position >= 0.3) + int(position >= 0.8))
    assert [(one.before, one.after) for one in found] == [(0, 1), (1, 2)]
    assert [one.low for one in found] == pytest.approx([0.3, 0.8], abs=NARROW)


def test_where_the_answer_stays_there_is_no_change() -> None:
    assert changes([0.0, 0.5, 1.0], [3, 3, 3], lambda _: 4) == []
