"""The one selection: how gestures fold into a mask, and what undo means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import a_table

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Selection, Step, fold

ROWS = 4


TABLE = a_table([0] * ROWS)


def _step(mode, *rows):
    return Step(mode, Samples(rows))


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        (Mode.REPLACE, [1, 2]),
        (Mode.ADD, [0, 1, 2]),
        (Mode.SUBTRACT, [0]),
        (Mode.INTERSECT, [1]),
    ],
)
def test_each_mode_combines_the_old_with_the_new(mode, rows):
    steps = (_step(Mode.REPLACE, 0, 1), _step(mode, 1, 2))
    assert np.flatnonzero(fold(steps, TABLE)).tolist() == rows


def test_a_first_step_starts_from_all_or_from_none():
    assert fold((), TABLE) is None
    assert np.flatnonzero(fold((_step(Mode.ADD, 2),), TABLE)).tolist() == [2]
    assert np.flatnonzero(fold((_step(Mode.SUBTRACT, 2),), TABLE)).tolist() == [0, 1, 3]
    assert np.flatnonzero(fold((_step(Mode.INTERSECT, 2),), TABLE)).tolist() == [2]


steps = st.builds(
    lambda mode, rows: _step(mode, *rows), st.sampled_from(Mode), st.lists(st.integers(0, ROWS - 1))
)


@given(st.lists(steps, min_size=1, max_size=8))
def test_undo_goes_back_through_every_selection_and_redo_forth(gestures):
    selection = Selection()
    seen = [selection.steps]
    for step in gestures:
        after = selection.after(step)
        if after in (selection.steps, selection.previous, selection.next):
            continue
        selection.publish(after, fold(after, TABLE))
        seen.append(after)
    for expected in reversed(seen[:-1]):
        assert selection.previous == expected
        selection.publish(expected, fold(expected, TABLE))
    assert selection.previous is None
    for expected in seen[1:]:
        assert selection.next == expected
        selection.publish(expected, fold(expected, TABLE))
    assert selection.next is None
