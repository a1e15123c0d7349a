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
from dashboards.session.visibility import Visibility
from deepvid.errors import DamagedError

TABLE = a_table([0, 1, 2, 0])


def pick(*samples, mode=Mode.REPLACE):
    return (Step(mode, Samples(samples)),)


def raised(error):
    """Nothing here is expected to fail."""
    raise error


class View:
    """Records what it publishes; after its first time, preparing waits for `gate` when one is given."""

    subject = "This view"

    def __init__(self, gate=None, needs=(), follows=("table", "steps", "mask")):
        self.published, self.vacated, self.prepared, self._gate = [], [], 0, gate
        self.needs, self.follows, self.started = needs, follows, Event()

    def scene_for(self, scene):
        return scene

    def local_state(self):
        return None

    def prepare(self, scene):
        self.prepared += 1
        if self._gate and self.published:
            self.started.set()
            self._gate.wait(5)
        return None if scene.mask is None else np.flatnonzero(scene.mask).tolist()

    def is_stale(self, scene):
        return False

    def show_content(self):
        pass

    def show_placeholder(self, lacks):
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
            hold=nullcontext, focus=self.focus,
        )  # fmt: skip
        self.linker.reset()
        self.refresh()
        self.showing = Visibility(raised)
        for view in views:
            self.linker.join(view, self.showing)

    def focus(self, sample):
        self.now = replace(self.now, focus=sample)

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


class Turning(View):
    """Has a state of its own, an epoch, and publishes that."""

    epoch = 1

    def local_state(self):
        return self.epoch

    def is_stale(self, scene):
        return scene.own != self.epoch

    def prepare(self, scene):
        return scene.own


def test_what_changes_while_a_commit_is_prepared_is_shown_as_it_is_then(desk):
    view = Turning()
    at = desk(view)
    at.linker.commit(pick(1)).result(5)  # of epoch 1
    view.epoch = 2
    at.linker.redraw(view)
    at.run()
    assert view.published == [1, 2, 2]


def test_what_another_run_makes_stale_never_shows(desk):
    gate = Event()
    slow = View(gate)
    at = desk(slow)
    lasso = at.linker.commit(pick(0))
    assert slow.started.wait(5)
    at.now = replace(at.now, table=a_table([0, 1]))
    at.linker.reset()
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
    other = Visibility(raised)
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
    watched, heard, showing = Selection(), [], Visibility(raised)
    showing.watch(watched, "count", lambda *events: heard.append(len(events)))
    watched.count = 1
    showing.hide()
    watched.count = 2
    watched.count = 3
    assert heard == [1]
    showing.show()
    assert heard == [1, 0]


def test_a_view_that_joins_hidden_is_prepared_in_a_thread_when_it_is_shown(desk):
    hidden, showing = View(), Visibility(raised)
    at = desk()
    showing.hide()
    at.linker.join(hidden, showing)
    assert hidden.prepared == 0
    showing.show()
    at.linker.catch_up()
    at.executor.shutdown()  # waits for what was submitted
    assert (hidden.prepared, hidden.published) == (1, [])
    at.run()
    assert hidden.published == [None]


def test_what_is_shown_during_a_gesture_is_drawn_at_its_end_and_takes_nothing_from_it(desk):
    gate = Event()
    slow, hidden, showing = View(gate), View(), Visibility(raised)
    at = desk(slow)
    showing.hide()
    at.linker.join(hidden, showing)
    lasso = at.linker.commit(pick(1))
    assert slow.started.wait(5)
    showing.show()
    at.linker.catch_up()
    gate.set()
    lasso.result(5)
    at.run()
    assert (slow.published, hidden.published) == ([None, [1]], [[1]])
    assert at.selection.steps == pick(1)


def test_a_part_rests_with_its_whole_and_by_itself():
    watched, heard, page = Selection(), [], Visibility(raised)
    tab = page.part()
    tab.watch(watched, "count", lambda *events: heard.append(len(events)))
    page.hide()
    watched.count = 1
    tab.hide()
    page.show()
    assert (heard, tab.shown) == ([], False)
    page.hide()
    tab.show()
    assert (heard, tab.shown) == ([], False)
    page.show()
    assert (heard, tab.shown) == ([0], True)


def test_who_asks_hears_when_a_part_is_hidden_and_shown_again():
    page = Visibility(raised)
    tab, heard = page.part(), []
    tab.on_turn(lambda: heard.append(tab.shown))
    tab.show()  # it is shown already
    tab.hide()
    tab.hide()
    tab.show()
    page.hide()  # not the part itself
    assert heard == [False, True]


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
    class Impossible(Samples):
        def mask(self, table):
            raise OSError("the disk is gone")

    view, of_focus = View(), View(follows=("focus",))
    at = desk(view, of_focus)
    at.now = replace(at.now, focus=2)  # clicked while the gesture is under way
    with pytest.raises(OSError, match="the disk is gone"):
        at.linker.commit((Step(Mode.REPLACE, Impossible((0,))),)).result(5)
    at.run()
    assert at.selection.steps == ()
    assert of_focus.prepared == 2
    at.commit(pick(1))
    assert view.published == [None, [1]]


class Faulty(View):
    """Cannot show what holds row 0."""

    def __init__(self, fails_in, error, **options):
        super().__init__(**options)
        self._fails_in, self._error = fails_in, error

    def prepare(self, scene):
        prepared = super().prepare(scene)
        if self._fails_in == "prepare" and 0 in (prepared or ()):
            raise self._error
        return prepared

    def publish(self, prepared):
        if self._fails_in == "publish" and 0 in (prepared or ()):
            raise self._error
        super().publish(prepared)


@pytest.mark.parametrize("fails_in", ["prepare", "publish"])
@pytest.mark.parametrize(
    ("error", "found"),
    [
        (DamagedError("Bytes are whole", "weights/c.0 is cut", "Verify it"), "weights/c.0 is cut"),
        (OSError("the disk is gone"), "the disk is gone"),
        (ValueError("checksums do not match"), "ValueError: checksums do not match"),
        (KeyError("logits"), "KeyError: 'logits'"),
        (RecursionError("too deep"), "RecursionError: too deep"),
    ],
)
def test_what_a_view_raises_takes_its_own_place_until_the_next_commit(desk, caplog, fails_in, error, found):
    faulty, sound = Faulty(fails_in, error), View()
    at = desk(faulty, sound)
    at.commit(pick(0))
    assert sound.published == [None, [0]]
    assert faulty.published == [None]
    (said,) = faulty.vacated
    assert f"Found: {found}." in said
    assert caplog.records[-1].exc_info[1] is error
    at.commit(pick(1))
    assert faulty.published == [None, [1]]


def test_a_view_that_failed_is_asked_again_by_a_commit_that_changes_nothing_it_follows(desk):
    faulty = Faulty("prepare", OSError("gone"), follows=("mask",))
    at = desk(faulty)
    at.commit(pick(0))
    faulty._fails_in = "nothing"  # somebody has mended the file
    at.refresh()
    assert faulty.published == [None, [0]]


def test_one_that_fails_at_a_click_does_not_keep_the_others_from_following(desk):
    class Broken(View):
        def prepare(self, scene):
            if scene.focus is not None:
                raise ValueError
            return super().prepare(scene)

    broken, sound = Broken(follows=("focus",)), View(follows=("focus",))
    at = desk(broken, sound)
    at.now = replace(at.now, focus=2)
    at.linker.follow()
    assert (len(broken.vacated), sound.prepared) == (1, 2)


def test_what_one_watcher_raises_does_not_keep_the_others_from_hearing():
    watched, heard, faults = Selection(), [], []
    showing = Visibility(faults.append)
    error = ValueError("cannot be drawn")
    showing.watch(watched, "count", lambda *_: raised(error))
    showing.watch(watched, "count", lambda *_: heard.append("count"))
    watched.count = 1
    assert (heard, faults) == (["count"], [error])


class Card(View):
    """Shows what is under study."""

    def __init__(self):
        super().__init__(follows=("focus",))

    def prepare(self, scene):
        return scene.focus


def first(scene):
    return int(np.flatnonzero(scene.mask)[0])


def test_a_gesture_takes_what_is_under_study_along_in_its_own_commit(desk):
    card = Card()
    at = desk(card)
    at.linker.commit(pick(2, 3), first).result(5)
    at.run()
    assert card.published == [None, 2]  # once, and prepared with the rest
    assert at.now.focus == 2


def test_a_sample_chosen_while_a_gesture_is_under_way_stays(desk):
    card = Card()
    at = desk(card)
    at.linker.commit(pick(2, 3), first).result(5)
    at.focus(1)
    at.run()
    assert card.published[-1] == 1
    assert at.now.focus == 1
