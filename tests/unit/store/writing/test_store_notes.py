"""Notes: what a person adds to a run while the pipeline may be writing to it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from deepvid.errors import DamagedError, StoreError
from deepvid.fields import STUDENTS
from deepvid.store import (
    Mark,
    RunWriter,
    dataset_of,
    drop_map,
    drop_mark,
    drop_named,
    keep_map,
    keep_mark,
    keep_marks,
    keep_named,
    keep_selection,
    keep_student,
    kept_maps,
    kept_marks,
    kept_named,
    kept_selection,
    kept_students,
    list_runs,
    open_run,
    remove_run,
    verify,
    write_archive,
)

SIZES = {
    "student": 1,
    "fit": 2,
    "class": 3,
    "row": 2,
    "y": 4,
    "x": 4,
    "channel": 1,
    "side": 2,
    "neighbor": 5,
    "asked": 3,
}


def student_batch(sample: int, settings_key: str = "0123abcd") -> xr.Dataset:
    arrays = {
        name: np.zeros([SIZES[dim] for dim in field.dims], field.dtype) for name, field in STUDENTS.items()
    }
    attrs = {"settings": {}, "settings_key": settings_key, "seed": 0}
    return dataset_of(STUDENTS, {**arrays, "sample": np.array([sample], "i4")}, attrs)


STEPS = [["replace", "cells", [[1, 2]]], ["add", "samples", [5, 7]]]


def test_a_selection_is_kept_once_and_found_by_its_name(whole: Path) -> None:
    run = open_run(whole)
    name = keep_selection(run, STEPS)
    assert kept_selection(open_run(whole), name) == STEPS
    size = (whole / "notes" / "notes.jsonl").stat().st_size
    assert keep_selection(run, STEPS) == name
    assert (whole / "notes" / "notes.jsonl").stat().st_size == size
    assert keep_selection(run, STEPS[:1]) != name
    assert kept_selection(run, "0" * 12) is None


def test_notes_are_written_while_a_pipeline_writes(opened: Callable[[], RunWriter], run_path: Path) -> None:
    with opened() as writer:
        name = keep_selection(open_run(run_path), STEPS)
        writer.finish()
    assert kept_selection(open_run(run_path), name) == STEPS
    with opened():  # recovery leaves them
        assert kept_selection(open_run(run_path), name) == STEPS


def test_a_run_with_notes_is_whole_and_has_the_archive_that_it_had(whole: Path, tmp_path: Path) -> None:
    before = write_archive(open_run(whole), tmp_path / "before.zip").read_bytes()
    keep_selection(open_run(whole), STEPS)
    found = verify(whole)
    assert found.ok
    assert found.runs[0].extra == ()
    assert write_archive(open_run(whole), tmp_path / "after.zip").read_bytes() == before
    assert [listing.id for listing in list_runs(whole.parent) if not listing.read_only] == [whole.name]
    remove_run(whole)
    assert not whole.exists()


def test_an_archive_has_no_notes_and_takes_none(whole: Path, tmp_path: Path) -> None:
    run = open_run(write_archive(open_run(whole), tmp_path / "a.zip"))
    assert kept_selection(run, "0" * 12) is None
    with pytest.raises(StoreError, match="own folder"):
        keep_selection(run, STEPS)


def test_a_torn_note_is_cut_and_a_damaged_one_refused(whole: Path) -> None:
    run = open_run(whole)
    name = keep_selection(run, STEPS)
    path = whole / "notes" / "notes.jsonl"
    with path.open("ab") as file:
        file.write(b'{"seq":2,')
    assert kept_selection(run, name) == STEPS
    other = keep_selection(run, STEPS[:1])
    assert kept_selection(run, other) == STEPS[:1]
    path.write_bytes(path.read_bytes().replace(b"cells", b"cellz"))
    with pytest.raises(DamagedError):
        kept_selection(open_run(whole), name)


def test_a_mark_holds_as_it_was_said_last(whole: Path) -> None:
    run = open_run(whole)
    assert kept_marks(run) == {}
    keep_mark(run, 7, "a <b>shirt</b>", 3)
    keep_mark(run, 2)
    keep_mark(run, 7, "no, a coat", 4)
    marks = kept_marks(open_run(whole))
    assert list(marks) == [2, 7]
    assert (marks[7].remark, marks[7].label) == ("no, a coat", 4)
    assert (marks[2].remark, marks[2].label) == ("", None)
    drop_mark(run, 2)
    assert list(kept_marks(run)) == [7]


def test_a_label_that_is_right_is_a_mark_that_earlier_readers_do_not_see(whole: Path) -> None:
    run = open_run(whole)
    keep_mark(run, 7, "a coat", 4)
    keep_marks(run, {7: Mark("", "a shirt after all", 3, right=True), 2: Mark("", "", 1)})
    assert {sample: mark[1:] for sample, mark in kept_marks(open_run(whole)).items()} == {
        7: ("a shirt after all", 3, True),
        2: ("", 1, False),
    }
    lines = map(json.loads, (whole / "notes" / "notes.jsonl").read_text().splitlines())
    told = [line["details"] for line in lines if line["kind"] == "mark"]
    assert [one.get("dropped", False) for one in told] == [False, True, False]
    drop_mark(run, 7)
    assert list(kept_marks(run)) == [2]


def test_a_name_is_that_of_the_selection_that_had_it_last(whole: Path) -> None:
    run = open_run(whole)
    assert kept_named(run) == {}
    keep_named(run, "odd / shirts", STEPS)
    keep_named(run, "bags", STEPS[:1])
    keep_named(run, "odd / shirts", STEPS[:1], "training")
    assert list(kept_named(open_run(whole)).items()) == [
        ("bags", (STEPS[:1], "test")),
        ("odd / shirts", (STEPS[:1], "training")),
    ]
    drop_named(run, "bags")
    assert list(kept_named(run)) == ["odd / shirts"]
    assert verify(whole).ok


def test_a_map_has_a_name_until_it_is_taken_back(whole: Path) -> None:
    run = open_run(whole)
    keep_named(run, "odd", STEPS)
    keep_map(run, "odd", "projection=tsne")
    keep_map(run, "<b>", "color=error")
    keep_map(run, "odd", "view=0,1,0,1")
    assert list(kept_maps(open_run(whole)).items()) == [("<b>", "color=error"), ("odd", "view=0,1,0,1")]
    drop_map(run, "odd")
    assert list(kept_maps(run)) == ["<b>"]
    assert list(kept_named(run)) == ["odd"]
    assert verify(whole).ok


def test_a_student_is_kept_once_as_a_run_keeps_one(whole: Path) -> None:
    run = open_run(whole)
    batch = student_batch(5, settings_key="0123abcd")
    assert kept_students(run) == []
    keep_student(run, batch)
    keep_student(run, batch)
    keep_student(run, student_batch(5, settings_key="89abcdef"))
    first, second = kept_students(open_run(whole))
    assert first.name == "students/0123abcd-5"
    xr.testing.assert_equal(first.open("weights").load(), batch)
    assert second.open().attrs["settings_key"] == "89abcdef"
    assert verify(whole).ok  # the run is what it was
    next((first.path / "weights").glob("c.*")).write_bytes(b"")
    with pytest.raises(DamagedError):
        first.open().load()


def test_a_write_that_was_killed_leaves_nothing(whole: Path) -> None:
    run = open_run(whole)
    keep_student(run, student_batch(5))
    (whole / "notes" / "wip" / "left").mkdir(parents=True)
    keep_mark(run, 5)
    assert not (whole / "notes" / "wip" / "left").exists()
    assert len(kept_students(run)) == 1


def test_several_pages_keep_selections_at_once(whole: Path, python: Callable[[str], Any]) -> None:
    script = f"""
        from pathlib import Path
        from deepvid.store import keep_selection, open_run
        run = open_run(Path({str(whole)!r}))
        sys.stdin.readline()
        for number in range(20):
            keep_selection(run, [["replace", "samples", [number]]])
    """
    pages = [python(script) for _ in range(3)]
    for page in pages:
        page.stdin.write("\n")
        page.stdin.flush()
    for page in pages:
        page.communicate()
        assert page.returncode == 0
    lines = (whole / "notes" / "notes.jsonl").read_bytes().count(b"\n")
    assert 21 <= lines <= 61  # each once, unless two kept it between each other's look and line


@pytest.mark.parametrize("name", ["notes", "notes/notes.jsonl"])
def test_notes_that_cannot_be_read_are_said_to_be(whole: Path, name: str) -> None:
    blocked = whole / name
    blocked.parent.mkdir(exist_ok=True)
    blocked.symlink_to(blocked.name)  # leads to itself
    with pytest.raises(StoreError, match="Notes are read from the folder of their run"):
        kept_selection(open_run(whole), "0" * 12)
    with pytest.raises(StoreError, match="Notes are"):
        keep_selection(open_run(whole), STEPS)
