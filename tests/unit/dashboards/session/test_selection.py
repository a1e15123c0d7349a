"""The one selection: how gestures fold into a mask, what undo means, and that a stale gesture never shows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier, Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.session.linking import Linker
from dashboards.session.selection import Gesture, Mode, Selection, Step, fold

ROWS = 4


def _resolve(gesture):
    mask = np.zeros(ROWS, bool)
    mask[gesture.value] = True
    return mask


def _step(mode, *rows):
    return Step(mode, Gesture("samples", list(rows)))


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
    assert np.flatnonzero(fold(steps, _resolve)).tolist() == rows


def test_a_first_step_starts_from_all_or_from_none():
    assert fold((), _resolve) is None
    assert np.flatnonzero(fold((_step(Mode.ADD, 2),), _resolve)).tolist() == [2]
    assert np.flatnonzero(fold((_step(Mode.SUBTRACT, 2),), _resolve)).tolist() == [0, 1, 3]
    assert np.flatnonzero(fold((_step(Mode.INTERSECT, 2),), _resolve)).tolist() == [2]


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
        selection.publish(after, fold(after, _resolve))
        seen.append(after)
    for expected in reversed(seen[:-1]):
        assert selection.previous == expected
        selection.publish(expected, fold(expected, _resolve))
    assert selection.previous is None
    for expected in seen[1:]:
        assert selection.next == expected
        selection.publish(expected, fold(expected, _resolve))
    assert selection.next is None


class _View:
    """Records what it publishes; preparing a mask waits for `gate` when one is given."""

    def __init__(self, gate=None):
        self.published, self._gate = [], gate
        self.started = Event()

    def prepare(self, mask):
        self.started.set()
        if self._gate:
            self._gate.wait(5)
        return None if mask is None else np.flatnonzero(mask).tolist()

    def publish(self, prepared):
        self.published.append(prepared)


def _linker(executor, views, scheduled):
    linker = Linker(Selection(), _resolve, executor=executor, schedule=scheduled.append, hold=nullcontext)
    linker.views.extend(views)
    return linker


def test_one_gesture_publishes_once_in_every_view():
    with ThreadPoolExecutor(1) as executor:
        views, scheduled = [_View(), _View()], []
        linker = _linker(executor, views, scheduled)
        linker.commit((_step(Mode.REPLACE, 1, 3),)).result(5)
        assert [view.published for view in views] == [[], []]  # not before the document's own thread
        (publish,) = scheduled
        publish()
        assert [view.published for view in views] == [[[1, 3]], [[1, 3]]]
        assert linker.selection.count == 2


def test_views_are_prepared_side_by_side():
    both = Barrier(2)
    with ThreadPoolExecutor(2) as executor:
        linker = _linker(executor, [_View(both), _View(both)], [])
        linker.commit((_step(Mode.REPLACE, 1),)).result(10)
    assert not both.broken


def test_a_newer_gesture_makes_an_older_one_stale():
    gate = Event()
    with ThreadPoolExecutor(2) as executor:
        slow, scheduled = _View(gate), []
        linker = _linker(executor, [slow, _View()], scheduled)
        first = linker.commit((_step(Mode.REPLACE, 0),))
        slow.started.wait(5)
        second = linker.commit((_step(Mode.REPLACE, 1),))
        gate.set()
        first.result(5)
        second.result(5)
        for publish in scheduled:
            publish()
        assert slow.published == [[1]]
        assert linker.selection.count == 1


def test_a_table_that_grew_is_selected_anew():
    table = {"rows": 2}

    def resolve(gesture):
        return np.arange(table["rows"]) >= gesture.value[0]

    with ThreadPoolExecutor(1) as executor:
        scheduled = []
        linker = Linker(Selection(), resolve, executor=executor, schedule=scheduled.append, hold=nullcontext)
        linker.commit((_step(Mode.REPLACE, 1),)).result(5)
        scheduled[-1]()
        table["rows"] = 5
        linker.refresh().result(5)
        scheduled[-1]()
        assert linker.selection.mask.tolist() == [False, True, True, True, True]
        assert linker.selection.previous == ()  # growing is no gesture: nothing to undo
