"""A content path becomes a run that the dashboard reads, or nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from content_paths import BIAS, ROWS, TEST, TRAIN, WEIGHT, make_content_path
from tensors import save, tensor

from dashboards.data.population import population
from deepvid.cli.main import main
from deepvid.errors import DataError
from deepvid.pipeline.content_path import import_content_path
from deepvid.store import Run, list_runs, open_run, verify


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_content_path(tmp_path / "ResNet CIFAR")


def give_images(folder: Path, images: np.ndarray) -> None:
    """Of all samples, training samples first."""
    for part, rows in (("Training", images[:30]), ("Testing", images[30:])):
        save(folder / f"{part}_data" / f"{part.lower()}_dataset_data.pth", tensor(rows))


def imported(folder: Path, store: Path) -> Run:
    return open_run(import_content_path(folder, store))


def test_every_epoch_is_a_snapshot_of_the_run(folder: Path, tmp_path: Path) -> None:
    run = imported(folder, tmp_path / "runs")
    assert run.id.startswith("resnet_cifar-")
    series = run.series("teacher")
    assert series is not None
    assert [metrics["epoch"] for metrics in series.metrics] == [2, 10]
    epoch = series.open().isel(epoch=1)
    used = np.isin(np.arange(30), ROWS)
    np.testing.assert_array_equal(np.isnan(epoch["training_features"]).all(axis=1), ~used)
    np.testing.assert_array_equal(epoch["training_features"][used], TRAIN[used])
    np.testing.assert_array_equal(epoch["test_features"], TEST)
    np.testing.assert_allclose(epoch["test_logits"], TEST @ WEIGHT.T + BIAS, rtol=1e-5)
    np.testing.assert_array_equal(epoch["head_weight"], WEIGHT.T)
    np.testing.assert_array_equal(epoch["head_bias"], BIAS)
    assert run.status().state == "finished"
    assert verify(run.path).ok


def test_epochs_of_other_samples_join_by_their_rows(folder: Path, tmp_path: Path) -> None:
    later = [*range(20), 29]
    (folder / "Model/Epoch_10/index.json").write_text(json.dumps(later[::-1]))
    np.save(folder / "Model/Epoch_10/train_data.npy", TRAIN[later[::-1]])
    series = imported(folder, tmp_path / "runs").series("teacher")
    assert series is not None
    first, second = (series.open()["training_features"].isel(epoch=number).to_numpy() for number in range(2))
    np.testing.assert_array_equal(second[later], TRAIN[later])
    assert np.isnan(second[20:29]).all()
    both = sorted({*ROWS} & {*later})
    np.testing.assert_array_equal(first[both], second[both])


def test_images_are_pictures_of_the_run(folder: Path, tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((36, 3, 8, 9)).astype(np.float32)
    give_images(folder, images)
    table = population(imported(folder, tmp_path / "runs"))
    assert table is not None
    expected = np.rint(np.moveaxis(images[30:], 1, -1) * 255)
    np.testing.assert_array_equal(table.images(range(6)), expected)


def test_standardized_images_are_stretched_and_said_to_be(folder: Path, tmp_path: Path) -> None:
    images = np.linspace(-2, 2, 36 * 64, dtype=np.float32).reshape(36, 8, 8, 1)
    give_images(folder, images)
    dataset = imported(folder, tmp_path / "runs").stages["dataset"].open()
    np.testing.assert_array_equal(dataset["image"].to_numpy().ravel(), np.rint(np.linspace(0, 255, 36 * 64)))
    assert "Pixels from -2 to 2, shown from black to white" in dataset.attrs["notes"]


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (None, "no file"),
        (np.zeros((31, 8, 8, 1), np.float32), "31 images of 36 samples"),
        (np.zeros((36, 8, 8, 2), np.float32), "2 channels"),
        (np.zeros((36, 5), np.float32), r"shape \(36, 5\)"),
        (np.full((36, 8, 8, 1), np.nan, np.float32), "nan in image 0"),
        ([[1]], "a list in"),
    ],
)
def test_without_images_that_can_be_shown_there_are_no_pictures(
    folder: Path, tmp_path: Path, images: np.ndarray | list[Any] | None, said: str
) -> None:
    if isinstance(images, list):
        save(folder / "Training_data/training_dataset_data.pth", images)
    elif images is not None:
        give_images(folder, images)
    run = imported(folder, tmp_path / "runs")
    table = population(run)
    assert table is not None
    assert not table.pictured
    (note,) = run.stages["dataset"].open().attrs["notes"]
    assert note.startswith("No pictures: ")
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(note)


@pytest.mark.parametrize("nested", [True, False])
def test_classes_are_named_as_the_folder_says(folder: Path, tmp_path: Path, nested: bool) -> None:
    settings = {"CLASSES": ["plane", "car", "bird"], "GPU": "0"}
    (folder / "config.json").write_text(json.dumps({"DVI": settings} if nested else settings))
    assert imported(folder, tmp_path / "runs").class_names == ("plane", "car", "bird")


@pytest.mark.parametrize(
    "classes", ['["a", "a", "b"]', '["a"]', f'["a", "b", {"[" * 900}{"]" * 900}]', "[" * 10**5, "3"]
)
def test_classes_are_numbers_where_it_does_not(folder: Path, tmp_path: Path, classes: str) -> None:
    text = f'{{"CLASSES": {classes}}}'
    (folder / "config.json").write_text(text)
    assert imported(folder, tmp_path / "runs").class_names == ("0", "1", "2")


def test_what_is_refused_leaves_no_run(folder: Path, tmp_path: Path) -> None:
    (folder / "Model/Epoch_10/test_data.npy").unlink()
    with pytest.raises(DataError, match=r"no file .*test_data\.npy"):
        import_content_path(folder, tmp_path / "runs")
    assert list_runs(tmp_path / "runs") == []


def leave(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return caught.value.code


def test_the_command_says_what_it_made_and_what_comes_next(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "runs"
    assert leave("import-dvi", folder, "--store", store, "--name", "theirs") == 0
    (run,) = list_runs(store)
    said = capsys.readouterr().out
    assert f"Imported {run.id} into {store}: 2 epochs." in said
    assert "No pictures: no file" in said
    assert f"deepvid project {run.id} --store {store}" in said
    assert leave("import-dvi", folder, "--store", store, "--json") == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["nowhere"], "none in nowhere"),
        (["{folder}", "--name", "My run"], "must be 1 to 48 small letters"),
        (["{folder}", "--store", "s3://bucket"], "written to a folder of this machine"),
    ],
)
def test_the_command_leaves_with_2_where_it_cannot(
    folder: Path, tmp_path: Path, arguments: list[str], found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.replace("{folder}", str(folder)) for word in arguments]
    assert leave("import-dvi", *words, *([] if "--store" in words else ["--store", tmp_path / "runs"])) == 2
    assert found in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "runs").exists()
