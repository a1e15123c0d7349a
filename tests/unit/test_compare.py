"""Two runs side by side, on teachers whose answers are chosen."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from toy import KEYS

from deepvid.compare import compare_runs
from deepvid.store import Run, import_archive, open_run, open_writer, write_archive

LABEL = np.array([0, 1] * 20, np.int32)
TEST = np.arange(40) >= 10


def a_run(store: Path, name: str, wrong: list[int], *, shift: int = 0, epochs: int = 3) -> Run:
    """A teacher that is wrong about these samples; `shift` changes the images."""
    image = (np.arange(40 * 4, dtype=np.uint8) + shift).reshape(40, 2, 2, 1)
    data = {
        "image": (("sample", "y", "x", "channel"), image),
        "label": ("sample", LABEL),
        "test": ("sample", TEST),
    }
    predicted = LABEL.copy()
    predicted[wrong] = 1 - predicted[wrong]
    logits = np.eye(2, dtype=np.float32)[predicted]
    config = {"name": name, "teacher": {"epochs": epochs, "network": {"kind": "mlp", "hidden": [4]}}}
    with open_writer(store, f"{name}-0123abcd", config=config, provenance={}) as writer:
        dataset = xr.Dataset(data, attrs={"class_names": ["a", "b"]})
        writer.commit_stage("dataset", KEYS[0], dataset, metrics={"test_images": 30})
        answers = xr.Dataset({"logits": (("sample", "class"), logits)})
        writer.commit_stage("teacher", KEYS[1], answers, metrics={"test_accuracy": 1 - len(wrong) / 30})
        writer.finish()
        return open_run(writer.run.path)


def test_settings_that_differ_are_named_by_their_paths(tmp_path: Path) -> None:
    first, second = a_run(tmp_path, "one", []), a_run(tmp_path, "two", [], epochs=5)
    rows = {row.name: (row.first, row.second) for row in compare_runs(first, second).config}
    assert rows == {"name": ("one", "two"), "teacher.epochs": (3, 5)}


def test_metrics_stand_side_by_side(tmp_path: Path) -> None:
    found = compare_runs(a_run(tmp_path, "one", [20, 21, 22]), a_run(tmp_path, "two", []))
    rows = {row.name: (row.first, row.second) for row in found.metrics}
    assert rows["teacher: test_accuracy"] == (0.9, 1.0)
    assert rows["dataset: test_images"] == (30, 30)


def test_mcnemar_counts_the_test_images(tmp_path: Path) -> None:
    """Wrong on 20, 21, 22 against 22, 23 and, in training, 3: 20 and 21 only second, 23 only first."""
    compared = compare_runs(a_run(tmp_path, "one", [20, 21, 22]), a_run(tmp_path, "two", [3, 22, 23]))
    found, agreement = compared.mcnemar, compared.agreement
    assert found is not None
    assert agreement is not None
    assert [part.tolist() for part in agreement[1:]] == [[23], [20, 21], [22]]
    assert len(agreement.both_right) == 26
    assert (found.both_right, found.only_first, found.only_second, found.both_wrong) == (26, 1, 2, 1)
    assert found.method == "exact binomial"
    assert found.p_value == pytest.approx(1.0)  # 2 (1 + 3) / 8


def test_other_images_are_not_compared(tmp_path: Path) -> None:
    found = compare_runs(a_run(tmp_path, "one", []), a_run(tmp_path, "two", [], shift=1))
    assert found.mcnemar is None
    assert found.why_not == "they have other test images"


def test_runs_without_images_are_compared_where_they_are_known_to_be_the_same(tmp_path: Path) -> None:
    first, second, third = (
        a_run(tmp_path, "one", [20]),
        a_run(tmp_path, "two", []),
        a_run(tmp_path, "x", [], shift=1),
    )
    file = write_archive(first, tmp_path / "one.zip", without=["images"])
    reduced = open_run(import_archive(file, tmp_path / "elsewhere"))
    found = compare_runs(reduced, second)
    assert found.mcnemar is not None
    assert found.mcnemar.only_second == 1
    assert "without images" in compare_runs(reduced, third).why_not


def test_a_run_without_a_teacher_says_so(tmp_path: Path) -> None:
    first = a_run(tmp_path, "one", [])
    file = write_archive(first, tmp_path / "one.zip", only=["dataset"])
    assert "no stage teacher" in compare_runs(first, open_run(import_archive(file, tmp_path / "b"))).why_not
