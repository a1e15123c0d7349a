"""Numbers in ten steps: every row is in the level whose query selects it."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.levels import LEVELS, _edges, levels, numbers
from dashboards.data.query import evaluated


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([0.2, 0.9], (0.0, 0.1, 1.0)),  # shares
        ([0.0, 3.9], (0.0, 0.5, 5.0)),
        ([-13.0, 7.0], (-14.0, 2.0, 6.0)),  # upwards from a round number
        ([], (0.0, 0.1, 1.0)),
        ([5.0, 5.0], (5.0, 5e-4, 5.005)),
    ],
)
def test_steps_are_round(values: list[float], edges: tuple[float, float, float]) -> None:
    first, step, last = edges
    made = _edges(np.float32(values))
    assert len(made) == LEVELS + 1
    assert made[0] == pytest.approx(first)
    assert np.diff(made) == pytest.approx(step, rel=0.01)
    assert made[-1] == pytest.approx(last)


def test_a_level_has_the_rows_that_its_query_selects() -> None:
    table = a_table(np.arange(200) % 3, ((np.arange(200) * 7) % 3).tolist())
    assert {"confidence", "margin", "loss"} <= {*numbers(table)}
    for name in numbers(table):
        known = levels(table, name)
        mask = np.arange(table.rows) % 2 == 0
        for level in range(LEVELS):
            rows = evaluated(known.query(level), table)
            np.testing.assert_array_equal(rows, known.of_row == level + 1)
            assert known.histogram(None)[level] == rows.sum()
            assert known.histogram(mask)[level] == (rows & mask).sum()


def test_without_a_teacher_nothing_is_measured() -> None:
    assert numbers(a_table([0, 1])) == []
