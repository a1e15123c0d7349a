"""Where marks are kept: in the run's notes, or in the session where those cannot be written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bokeh.document import Document
from loops import in_own_loop

from dashboards.session import notes
from dashboards.session.address import rows
from dashboards.session.gestures import Samples
from dashboards.session.notes import LongSelections, Marks, new_mark
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.errors import StoreError
from deepvid.permissions import Permissions
from deepvid.store import Run, import_archive, keep_mark, kept_marks, kept_selection, open_run
from deepvid.store.writing.lock import RunLock

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"


def raised(error: BaseException) -> None:
    raise error


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path / "store"))


class Page:
    """The document's thread, by hand: does what is scheduled once all notes are written."""

    def __init__(self) -> None:
        self.scheduled: list[Callable[[], None]] = []

    def settle(self) -> None:
        notes.EXECUTOR.submit(lambda: None).result()
        while self.scheduled:
            self.scheduled.pop(0)()


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def opened(run: Run, page: Page) -> Callable[[], Marks]:
    def open_marks() -> Marks:
        marks = Marks(run.path.parent, raised, page.scheduled.append)
        marks.open(run)
        return marks

    return open_marks


def test_what_one_session_marks_another_sees_when_it_looks(
    run: Run, page: Page, opened: Callable[[], Marks]
) -> None:
    mine, other = opened(), opened()
    mine.put(3, "a bag", 1)
    assert mine.entries[3][1:] == ("a bag", 1, False)  # at once
    page.settle()
    assert kept_marks(run)[3][1:] == ("a bag", 1, False)
    assert other.entries == {}
    other.look()
    assert other.entries == mine.entries
    mine.put_all({3: new_mark("a bag", 1), 4: new_mark("", 2, right=True)})
    assert (list(mine.entries), list(mine.wrong)) == ([3, 4], [3])
    mine.drop(4)
    page.settle()
    other.look()
    other.drop(3)
    assert other.entries == {}
    page.settle()
    assert (other.entries, kept_marks(run)) == ({}, {})


def test_nobody_waits_for_who_writes_notes(run: Run, page: Page, opened: Callable[[], Marks]) -> None:
    keep_mark(run, 5)
    marks, steps = opened(), (Step(Mode.REPLACE, Samples((3,))),)
    links = LongSelections(run.path.parent, page.scheduled.append, lambda: None)
    lock = RunLock(run.path / "notes")
    marks.put(3, "first", None)
    marks.drop(3)
    marks.put(3, "last", None)
    marks.drop(5)
    name = links.keep(run, steps)
    marks.look()  # as once a second
    assert {sample: mark.remark for sample, mark in marks.entries.items()} == {3: "last"}
    assert list(kept_marks(run)) == [5]
    assert links.find(run, name) == steps  # a link that is opened at once
    lock.release()
    page.settle()
    for seen in (marks.entries, kept_marks(run)):
        assert {sample: mark.remark for sample, mark in seen.items()} == {3: "last"}
    assert kept_selection(run, name) == rows(steps)
    assert links.find(run, name) == steps


def test_a_long_selection_that_cannot_be_kept_has_no_name(
    run: Run, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    links = LongSelections(run.path.parent, page.scheduled.append, lambda: shown.append("anew"))
    monkeypatch.setattr("dashboards.session.notes.keep_selection", full)
    links.keep(run, ())
    page.settle()
    assert shown == ["anew"]
    with pytest.raises(StoreError, match="no space"):
        links.keep(run, ())


def test_where_nothing_can_be_written_marks_stay_in_the_session(
    run: Run, page: Page, opened: Callable[[], Marks], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().put(3, "kept", None)
    page.settle()
    monkeypatch.setattr("dashboards.data.writable.permissions", lambda: Permissions(read_only=True))
    marks = opened()
    assert "read only" in marks.refusal
    marks.put(4, "mine", 0)
    marks.drop(3)
    page.settle()
    assert [(sample, mark.remark) for sample, mark in marks.entries.items()] == [(4, "mine")]
    marks.open(None)
    assert marks.entries == {}
    marks.open(run)
    assert list(marks.entries) == [4]
    assert list(kept_marks(run)) == [3]


def full(*_: object) -> None:
    raise StoreError("Notes are written", "no space", "Make some")


def test_a_mark_that_cannot_be_kept_is_a_fault_and_is_not_shown(
    run: Run, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[BaseException] = []
    marks = Marks(run.path.parent, faults.append, page.scheduled.append)
    marks.open(run)
    monkeypatch.setattr("dashboards.session.notes.keep_mark", full)
    marks.put(3, "", None)
    page.settle()
    assert marks.entries == {}
    assert [type(error) for error in faults] == [StoreError]


async def _marked_at_once(store: Path) -> list[int]:
    session = Session(store, Document())
    session.go("")
    return list(session.marks.entries)


def test_a_run_is_opened_with_its_marks(run: Run) -> None:
    keep_mark(run, 3)
    assert in_own_loop(lambda: _marked_at_once(run.path.parent)) == [3]
