"""Where marks are kept: in the run's notes, or in the session where those cannot be written."""

from pathlib import Path

import pytest
from bokeh.document import Document
from loops import in_own_loop

from dashboards.session.notes import Marks
from dashboards.session.session import Session
from deepvid.errors import StoreError
from deepvid.permissions import Permissions
from deepvid.store import Run, import_archive, kept_marks, open_run

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"


def raised(error: BaseException) -> None:
    raise error


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path / "store"))


def opened(run: Run) -> Marks:
    marks = Marks(run.path.parent, raised)
    marks.open(run)
    return marks


def test_what_one_session_marks_another_sees_when_it_looks(run: Run) -> None:
    mine, other = opened(run), opened(run)
    mine.put(3, "a bag", 1)
    assert kept_marks(run)[3][1:] == ("a bag", 1)
    assert other.entries == {}
    other.look()
    assert other.entries == mine.entries
    other.drop(3)
    assert (other.entries, kept_marks(run)) == ({}, {})


def test_where_nothing_can_be_written_marks_stay_in_the_session(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(run).put(3, "kept", None)
    monkeypatch.setattr("dashboards.data.writable.permissions", lambda: Permissions(read_only=True))
    marks = opened(run)
    assert "read only" in marks.refusal
    marks.put(4, "mine", 0)
    marks.drop(3)
    assert [(sample, mark.remark) for sample, mark in marks.entries.items()] == [(4, "mine")]
    marks.open(None)
    assert marks.entries == {}
    marks.open(run)
    assert list(marks.entries) == [4]
    assert list(kept_marks(run)) == [3]


def test_a_mark_that_cannot_be_kept_is_a_fault_and_is_not_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[BaseException] = []
    marks = Marks(run.path.parent, faults.append)
    marks.open(run)

    def full(*_: object) -> None:
        raise StoreError("Notes are written", "no space", "Make some")

    monkeypatch.setattr("dashboards.session.notes.keep_mark", full)
    marks.put(3, "", None)
    assert marks.entries == {}
    assert [type(error) for error in faults] == [StoreError]


async def _marked_at_once(store: Path) -> list[int]:
    session = Session(store, Document())
    session.go("")
    return list(session.marks.entries)


def test_a_run_is_opened_with_its_marks(run: Run) -> None:
    opened(run).put(3, "", None)
    assert in_own_loop(lambda: _marked_at_once(run.path.parent)) == [3]
