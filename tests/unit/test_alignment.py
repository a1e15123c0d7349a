"""Maps are turned, mirrored, scaled and moved onto each other, and nothing else."""

import numpy as np
import pytest

from deepvid.alignment import procrustes

POINTS = np.random.default_rng(0).normal(0, (3, 1), (200, 2))
QUARTER = np.array([[0.0, 1.0], [-1.0, 0.0]])
MIRROR = np.array([[1.0, 0.0], [0.0, -1.0]])


@pytest.mark.parametrize("rotation", [np.eye(2), QUARTER, MIRROR, QUARTER @ MIRROR])
def test_a_map_that_was_turned_comes_back(rotation: np.ndarray) -> None:
    moved = 2.5 * POINTS @ rotation + (10, -4)
    turn = procrustes(moved, POINTS)
    np.testing.assert_allclose(turn.of(moved), POINTS, atol=1e-9)
    np.testing.assert_allclose(turn.back(POINTS), moved, atol=1e-9)
    assert (turn.explained, turn.scale) == (pytest.approx(1), pytest.approx(1 / 2.5))


def test_no_other_turn_comes_nearer() -> None:
    random = np.random.default_rng(1)
    other = POINTS @ QUARTER + random.normal(0, 1, POINTS.shape)
    turn = procrustes(other, POINTS)

    def missed(scale: float, angle: float) -> float:
        c, s = np.cos(angle), np.sin(angle)
        rotation = turn.rotation @ np.array([[c, s], [-s, c]])
        return float((((other - turn.center) @ rotation * scale + turn.onto - POINTS) ** 2).sum())

    best = missed(turn.scale, 0)
    assert all(missed(turn.scale * (1 + by), 0) > best for by in (-0.02, 0.02))
    assert all(missed(turn.scale, angle) > best for angle in (-0.05, 0.05))
    spread = ((POINTS - POINTS.mean(axis=0)) ** 2).sum()
    assert turn.explained == pytest.approx(1 - best / spread)


def test_maps_that_have_nothing_in_common_explain_nothing() -> None:
    other = np.random.default_rng(2).normal(0, 1, (5000, 2))
    assert procrustes(other, np.random.default_rng(3).normal(0, 1, (5000, 2))).explained < 0.01


def test_what_has_no_place_is_left_out_and_one_place_is_only_moved() -> None:
    moved = POINTS + 1
    moved[:3], onto = np.nan, POINTS.copy()
    onto[-2] = np.nan
    np.testing.assert_allclose(procrustes(moved, onto).of(POINTS + 1), POINTS, atol=1e-9)
    one = procrustes(np.ones((4, 2)), POINTS[:4])
    np.testing.assert_allclose(one.of(np.ones(2)), POINTS[:4].mean(axis=0))
    assert one.explained == 0
    assert procrustes(np.zeros((0, 2)), np.zeros((0, 2))).explained == 0
