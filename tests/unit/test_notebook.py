"""The page for notebooks: every block of it runs, in order, on a real run; and what it promises holds."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import deepvid
from deepvid.errors import DataError, StoreError
from deepvid.store import Run
from deepvid.store.reading.labeled import joined

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_every_block_of_the_page_runs(tiny_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"RUN": str(tiny_run)}
    for block in blocks("docs/notebook.md"):
        exec(compile(block, "docs/notebook.md", "exec"), names)
    said = capsys.readouterr().out
    run = deepvid.open_run(tiny_run)
    metrics = run.summary["metrics"]
    wrong = round((1 - metrics["test_accuracy"]) * 300)
    assert f"{wrong} of 300 test images are misclassified" in said
    assert said.count("the student agrees on") == 3
    found = names["found"]
    assert np.isfinite(found.kl).all()
    assert found.agreement.mean() > 0.5


def test_the_readme_counts_test_images_and_names_classes(tiny_run: Path) -> None:
    (block,) = blocks("README.md")
    first = str(deepvid.open_run(tiny_run).students().student.to_numpy()[0])
    names: dict[str, Any] = {}
    exec(block.replace("runs/fashion_mnist_small-xxxxxxxx", str(tiny_run)).replace("14405", first), names)
    assert int(names["errors"].sum()) == round((1 - names["run"].summary["metrics"]["test_accuracy"]) * 300)


@pytest.fixture
def run(tiny_run: Path) -> Run:
    return deepvid.open_run(tiny_run)


def test_all_students_are_one_data_set(run: Run) -> None:
    students, batches = run.students(), [batch.open() for batch in run.batches("students")]
    assert len(batches) > 1
    for name in batches[0].data_vars:
        if "student" in batches[0][name].dims:
            whole = np.concatenate([batch[name].to_numpy() for batch in batches])
            np.testing.assert_array_equal(students[name].to_numpy(), whole)
    assert students.student.to_numpy().tolist() == students.sample.to_numpy().tolist()
    assert tuple(students["class"].to_numpy()) == run.class_names
    assert set(students.settings.to_numpy()) == {batches[0].attrs["settings_key"]}


@pytest.mark.parametrize(
    "key",
    [
        (5,),
        (-1, 0),
        (slice(2, 20, 3),),
        (slice(None, None, -4), 1, slice(2, 5)),
        ([17, 3, 3, 9], 0, [4, 1]),
        (np.array([], int),),
        (slice(7, 7),),
        (slice(None), 0, 2, slice(3, 9), [1, 5], 0),
    ],
    ids=str,
)
def test_any_part_of_the_joined_weights_is_that_of_the_whole(run: Run, key: tuple[Any, ...]) -> None:
    whole = np.concatenate([batch.open()["weights"].to_numpy() for batch in run.batches("students")])
    joined = run.students()["weights"]
    expected = xr.DataArray(whole, dims=joined.dims)[key]
    np.testing.assert_array_equal(joined[key].to_numpy(), expected.to_numpy())


def test_one_student_is_read_without_the_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    from deepvid.store.reading.files import GroupStore

    read = GroupStore._read

    def noted(store: GroupStore, key: str, *rest: Any) -> Any:
        asked.append(store._group.path)
        return read(store, key, *rest)

    students = run.students()
    monkeypatch.setattr(GroupStore, "_read", noted)
    students["weights"].isel(student=-1).load()
    assert set(asked) == {run.batches("students")[-1].group}


def test_students_of_before_labels_were_stored_are_joined_with_others(run: Run) -> None:
    first, *others = [batch.open() for batch in run.batches("students")]
    names = [batch.name for batch in run.batches("students")]
    whole = joined([first.drop_vars(["labels", "jacobian"]), *others], names)
    assert set(first.data_vars) - set(whole.data_vars) == {"labels", "jacobian"}
    assert whole.sizes["student"] == run.students().sizes["student"]


def test_samples_and_classes_have_names(run: Run) -> None:
    dataset, teacher, series = run.open("dataset"), run.open("teacher"), run.open("series/teacher")
    for opened in (dataset, teacher):
        assert opened["sample"].to_numpy().tolist() == list(range(dataset.sizes["sample"]))
    assert series["sample"].to_numpy().tolist() == np.flatnonzero(dataset.test.to_numpy()).tolist()
    for opened in (teacher, series, run.to_xarray()["teacher"]):
        assert tuple(opened["class"].to_numpy()) == run.class_names
    last = series["test_logits"].isel(epoch=-1)
    assert float(abs(teacher["logits"] - last).max()) < 1e-4  # xarray puts equal samples side by side
    with pytest.raises(StoreError, match="'teachers'"):
        run.open("teachers")
    with pytest.raises(StoreError, match="fit-students"):
        run.students("ffff")


def test_a_classifier_that_leaves_jax_is_told_so() -> None:
    import jax.numpy as jnp

    from deepvid.students.teachers import traced

    class Foreign:
        def logits(self, images: Any) -> Any:
            return np.asarray(images).mean(axis=(1, 2))

    class Own:
        def logits(self, images: Any) -> Any:
            return jnp.mean(images, axis=(1, 2))

    import jax

    own = Own()
    program = jax.jit(lambda teacher, images: teacher.logits(images))
    with traced(own) as first, traced(own) as again, traced(Own()) as other:
        assert first == again  # compiled once
        assert first != other
        assert program(first, jnp.ones((2, 4, 4, 3))).shape == (2, 3)
    with pytest.raises(DataError, match=r"Foreign\.logits leaves JAX"), traced(Foreign()) as foreign:
        program(foreign, jnp.ones((2, 4, 4, 3)))
