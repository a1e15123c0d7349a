"""One gesture is one commit: prepared in threads from one scene, published once, and never when stale."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from threading import Barrier, Event

import numpy as np
import pytest
from tables import a_table

from dashboards.session.gestures import Samples
from dashboards.session.linking import Linker
from dashboards.session.needs import IMAGES, PREDICTIONS
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Selection, Step
from dashboards.session.showing import Showing

TABLE = a_table([0, 1, 2, 0])


def pick(*samples, mode=Mode.REPLACE):
    return (Step(mode, Samples(samples)),)


class View:
    """Records what it publishes; after its first time, preparing waits for `gate` when one is given."""

    def __init__(self, gate=None, needs=(), follows=("table", "steps", "mask")):
        self.published, self.vacated, self.prepared, self._gate = [], [], 0, gate
        self.needs, self.follows, self.started = needs, follows, Event()

    def own(self):
        return None

    def prepare(self, scene):
        self.prepared += 1
        if self._gate and self.published:
            self.started.set()
            self._gate.wait(5)
        return None if scene.mask is None else np.flatnonzero(scene.mask).tolist()

    def occupy(self):
        pass

    def vacate(self, lacks):
        self.vacated.append(lacks.text)

    def publish(self, prepared):
        self.published.append(prepared)


class Desk:
    """A linker with its executor, and what waits for the document's own thread."""

    def __init__(self, *views, table=TABLE, threads=2):
        self.now, self.waiting, self.selection = Scene(table=table), [], Selection()
        self.executor = ThreadPoolExecutor(threads)
        self.linker = Linker(
            self.selection, lambda: self.now, executor=self.executor, schedule=self.waiting.append,
            hold=nullcontext,
        )  # fmt: skip
        self.linker.begin()
        self.refresh()
        self.showing = Showing()
        for view in views:
            self.linker.join(view, self.showing)

    def refresh(self):
        self.linker.refresh().result(5)
        self.run()

    def commit(self, steps):
        self.linker.commit(steps).result(5)
        self.run()

    def run(self):
        """Publishes what was prepared, as the document's thread does."""
        while self.waiting:
            self.waiting.pop(0)()


@pytest.fixture
def desk():
    desks = []

    def make(*views, **options):
        desks.append(Desk(*views, **options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.executor.shutdown()


def test_one_gesture_publishes_once_in_every_view(desk):
    views = View(), View()
    at = desk(*views)
    at.linker.commit(pick(1, 3)).result(5)
    assert [view.published for view in views] == [[None], [None]]  # not before the document's own thread
    (publish,) = at.waiting
    publish()
    assert [view.published for view in views] == [[None, [1, 3]], [None, [1, 3]]]
    assert at.selection.count == 2


def test_views_are_prepared_side_by_side(desk):
    both = Barrier(2)
    at = desk(View(both), View(both))
    at.linker.commit(pick(1)).result(10)
    assert not both.broken


def test_a_newer_gesture_makes_an_older_one_stale(desk):
    gate = Event()
    slow = View(gate)
    at = desk(slow, View())
    first = at.linker.commit(pick(0))
    assert slow.started.wait(5)
    second = at.linker.commit(pick(1))
    gate.set()
    first.result(5)
    second.result(5)
    at.run()
    assert slow.published == [None, [1]]
    assert at.selection.count == 1


def test_what_another_run_makes_stale_never_shows(desk):
    gate = Event()
    slow = View(gate)
    at = desk(slow)
    lasso = at.linker.commit(pick(0))
    assert slow.started.wait(5)
    at.now = replace(at.now, table=a_table([0, 1]))
    at.linker.begin()
    gate.set()
    lasso.result(5)
    at.run()
    assert slow.published == [None]
    assert at.selection.steps == ()


def test_a_table_that_grew_is_selected_anew(desk):
    at = desk(View())
    at.commit(pick(1, mode=Mode.SUBTRACT))
    at.now = replace(at.now, table=a_table([0, 1, 2, 0, 1]))
    at.refresh()
    assert at.selection.mask.tolist() == [True, False, True, True, True]
    assert at.selection.previous == ()  # growing is no gesture: nothing to undo


def test_a_view_is_asked_only_where_something_it_follows_has_changed(desk):
    of_focus, of_mask = View(follows=("focus",)), View()
    at = desk(of_focus, of_mask)
    at.commit(pick(1))
    assert (of_focus.prepared, of_mask.prepared) == (1, 2)
    at.now = replace(at.now, focus=2)
    at.linker.follow()
    assert (of_focus.prepared, of_mask.prepared) == (2, 2)


def test_what_is_clicked_during_a_gesture_is_drawn_at_its_end(desk):
    gate = Event()
    slow, of_focus = View(gate), View(follows=("focus",))
    at = desk(slow, of_focus)
    lasso = at.linker.commit(pick(1))
    assert slow.started.wait(5)
    at.now = replace(at.now, focus=2)
    at.linker.follow()
    assert of_focus.prepared == 1
    gate.set()
    lasso.result(5)
    at.run()
    assert of_focus.prepared == 2


def test_views_of_a_hidden_page_rest_and_catch_up_in_one_commit(desk):
    seen, hidden = View(), View()
    at = desk(seen)
    other = Showing()
    at.linker.join(hidden, other)
    other.hide()
    for sample in range(3):
        at.commit(pick(sample))
    assert (seen.prepared, hidden.prepared) == (4, 1)
    other.show()
    at.refresh()
    assert (seen.prepared, hidden.prepared) == (4, 2)
    assert hidden.published == [None, [2]]


def test_what_a_page_watches_rests_while_it_is_hidden():
    watched, heard, showing = Selection(), [], Showing()
    showing.watch(watched, "count", lambda *events: heard.append(len(events)))
    watched.count = 1
    showing.hide()
    watched.count = 2
    watched.count = 3
    assert heard == [1]
    showing.show()
    assert heard == [1, 0]


def test_what_a_view_lacks_stands_in_its_place_until_it_is_there(desk):
    view = View(needs=(IMAGES, PREDICTIONS.saying("after {rows} images")))
    at = desk(view, table=None)
    assert (view.prepared, view.vacated) == (0, [IMAGES.text])
    at.now = replace(at.now, table=TABLE)
    at.refresh()
    assert (view.prepared, view.vacated[1:]) == (0, ["after 4 images"])
    at.now = replace(at.now, table=a_table([0, 1], [1, 0]))
    at.refresh()
    assert (view.prepared, view.published) == (1, [None])


def test_a_gesture_that_fails_leaves_everything_and_the_next_one_works(desk):
    class Faulty(View):
        def prepare(self, scene):
            if scene.mask is not None and scene.mask[0]:
                raise OSError("the disk is gone")
            return super().prepare(scene)

    view = Faulty()
    at = desk(view)
    with pytest.raises(OSError, match="the disk is gone"):
        at.linker.commit(pick(0)).result(5)
    at.run()
    assert at.selection.steps == ()
    at.now = replace(at.now, dark=True)
    at.linker.follow()  # is not held back by the commit that failed
    at.commit(pick(1))
    assert view.published == [None, [1]]
