"""One damaged batch of students hides no other one, and no image gets a student that may not be its last."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from dashboards.data.students import StudentTable, students
from deepvid.errors import StoreError
from deepvid.store import Run, Stage, import_archive, open_run, open_writer

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
SETTINGS = "41d7493b"
OLD, NEW, LOST, NOBODY = 1, 2, 3, 4  # images in the first, in both, in the second batch alone, in none


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Copies of the one golden student, in two batches."""
    path = import_archive(GOLDEN, tmp_path)
    original = open_run(path)
    one = original.stages[f"students/{SETTINGS}-0"].open().load()
    with open_writer(tmp_path, "two-1", config={}, provenance={}) as writer:
        for number, samples in enumerate(((OLD, NEW), (NEW, LOST))):
            batch = xr.concat([one, one], "student", data_vars="minimal")
            batch["sample"] = ("student", np.array(samples, np.int32))
            writer.commit_stage(f"students/{SETTINGS}-{number}", f"{number}" * 12, batch)
        writer.finish()
    return open_run(tmp_path / "two-1")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


@pytest.mark.parametrize("change", [Path.unlink, cut])
@pytest.mark.parametrize("name", ["agreement", "weights", "kl"])
def test_a_damaged_variable_takes_the_students_of_its_batch(
    run: Run, name: str, change: Callable[[Path], None]
) -> None:
    (file,) = (run.stages[f"students/{SETTINGS}-1"].path / name).glob("c.*")
    change(file)
    known = students(run)
    assert known.get(OLD).agreement.shape == (1,)  # type: ignore[union-attr]
    for sample in (NEW, LOST):
        with pytest.raises(StoreError) as caught:
            known.get(sample)
        assert f"{name}/{file.name}" in caught.value.found
    assert known.get(NOBODY) is None


@pytest.mark.parametrize("name", ["zarr.json", "sample/c.0"])
def test_where_nobody_knows_whose_students_are_lost_it_may_be_any_that_has_no_other(
    run: Run, name: str, tmp_path: Path
) -> None:
    file = run.stages[f"students/{SETTINGS}-1"].path / name
    shutil.copy(file, tmp_path / "kept")
    cut(file)
    known = students(run)
    for sample in (OLD, NEW):
        assert known.get(sample) is not None
    for sample in (LOST, NOBODY):
        with pytest.raises(StoreError) as caught:
            known.get(sample)
        assert name in caught.value.found
    shutil.copy(tmp_path / "kept", file)
    assert students(run).get(LOST) is not None  # as soon as it is mended
    assert students(run).get(NOBODY) is None


def said(run: Run) -> list[Stage]:
    """Its batches, whose lines say their samples."""
    return [
        replace(stage, listed_samples=" ".join(map(str, stage.samples))) for stage in run.batches("students")
    ]


def test_a_batch_whose_line_says_its_samples_is_opened_when_one_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, stages, opened, open_stage = StudentTable(), said(run), list[str](), Stage.open

    def opening(stage: Stage, *needed: str) -> xr.Dataset:
        opened.append(stage.name)
        return open_stage(stage, *needed)

    monkeypatch.setattr(Stage, "open", opening)
    table.grow(stages)
    assert [table.keys(sample) for sample in (OLD, NEW, LOST, NOBODY)] == [[SETTINGS]] * 3 + [[]]
    assert opened == []
    assert table.get(OLD) is not None
    assert table.facts(OLD) is not None
    assert opened == [f"students/{SETTINGS}-0"]
    table.facts(NEW)
    assert opened == [f"students/{SETTINGS}-0", f"students/{SETTINGS}-1"]


def test_one_that_cannot_be_read_says_so_of_its_students_alone(run: Run) -> None:
    table, stages = StudentTable(), said(run)
    cut(run.stages[f"students/{SETTINGS}-1"].path / "zarr.json")
    table.grow(stages)
    assert table.get(OLD) is not None
    assert table.get(NOBODY) is None
    assert table.settings(LOST) == {}
    with pytest.raises(StoreError, match=r"zarr\.json"):
        table.get(LOST)


def test_a_line_that_says_other_samples_than_its_batch_has_is_found_out(run: Run) -> None:
    table, (first, second) = StudentTable(), said(run)
    table.grow([replace(first, listed_samples=f"{OLD} {NEW} {NOBODY}"), second])
    assert table.get(LOST) is not None
    for sample in (OLD, NOBODY):
        with pytest.raises(StoreError, match="samples that its line says"):
            table.get(sample)


def test_what_only_a_fit_needs_is_neither_held_nor_read(run: Run) -> None:
    table, batch = StudentTable(), run.stages[f"students/{SETTINGS}-0"].open()
    table.extend([batch.assign(labels=batch["weights"].variable)])  # which is read when it is asked for
    student = table.get(OLD)
    assert student is not None
    assert "labels" not in student.values
    assert not table._resident(0)["labels"].variable._in_memory


@pytest.mark.parametrize("gradient", [np.nan, 0.0, None])
def test_a_student_without_a_gradient_has_none(run: Run, gradient: float | None) -> None:
    batch = run.stages[f"students/{SETTINGS}-0"].open().load()
    if gradient is None:
        batch = batch.drop_vars("neighborhood_gradient")
        batch["occlusion"] = (("student", "y", "x"), np.ones((batch.sizes["student"], 28, 28), "f2"))
    else:
        batch["neighborhood_gradient"][:] = gradient
    table = StudentTable()
    table.extend([batch])
    student = table.get(OLD)
    assert student is not None
    assert student.gradient is None
    assert (student.occlusion is None) == (gradient is not None)


def test_what_a_student_lacks_is_said_where_it_is_needed(run: Run) -> None:
    table = StudentTable()
    table.extend([run.stages[f"students/{SETTINGS}-0"].open().drop_vars("kappa")])
    student = table.get(OLD)
    assert student is not None
    with pytest.raises(StoreError, match="Showing a student needs its kappa"):
        assert student.kappa
