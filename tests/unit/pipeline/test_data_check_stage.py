"""The check of the data in a run: it is told, stored, and computed once."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder, experiment, run
from PIL import Image
from typer.testing import CliRunner

import deepvid
from deepvid.cli.main import app

LITTLE = {
    "vae": {"latent": 2, "width": 2, "hidden": 4, "epochs": 1},
    "soft_tree": {"depth": 2, "epochs": 1, "trees": 1},
    "students": {"limit": 0},
    "explanations": {"limit": 0},
    "causes": {"limit": 0},
}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """40 training and 20 test images of noise; two of these are training images, one with another label."""
    rng = np.random.default_rng(0)
    pictures, label = rng.integers(0, 255, (60, 9, 9), np.uint8), np.arange(60) % 3
    pictures[50], label[50] = pictures[5], label[5]
    pictures[51], label[51] = pictures[6], (label[6] + 1) % 3
    test = np.arange(60) >= 40
    path = tmp_path / "images.npz"
    np.savez(path, x_train=pictures[~test], y_train=label[~test], x_test=pictures[test], y_test=label[test])
    return path


def test_it_is_told_and_stored_before_anything_is_trained(tmp_path: Path, images: Path) -> None:
    wanted = experiment(dataset={"source": "arrays", "path": str(images)})
    recorder = Recorder()
    checked = run(tmp_path / "runs", wanted, recorder, stop_after="data-check")
    assert list(recorder.outcomes) == ["dataset", "data-check"]
    stage = checked.stages["data-check"]
    group = stage.open()
    assert np.flatnonzero(group["copied"].to_numpy()).tolist() == [50, 51]
    assert np.flatnonzero(group["two_labels"].to_numpy()).tolist() == [6, 51]
    assert group["copy_of"].to_numpy()[[5, 50, 51]].tolist() == [50, 5, 6]
    assert dict(stage.metrics) == {"copied": 2, "two_labels": 2}
    assert recorder.notes[-2:] == list(group.attrs["sentences"])
    assert recorder.notes[-2] == "2 test images are also training images (#50 like #5, #51 like #6)"
    assert len(group.attrs["unknown"]) == 1
    again = Recorder()
    run(tmp_path / "runs", wanted, again, stop_after="data-check")
    assert again.outcomes["data-check"] == "reused"


def test_nothing_found_is_one_number(tmp_path: Path) -> None:
    recorder = Recorder()
    checked = run(tmp_path / "runs", experiment(), recorder, stop_after="data-check")
    assert dict(checked.stages["data-check"].metrics) == {"findings": 0}
    assert recorder.notes == []


def test_a_run_can_do_without(tmp_path: Path, images: Path) -> None:
    wanted = experiment(dataset={"source": "arrays", "path": str(images)}, data_check=False)
    recorder = Recorder()
    run(tmp_path / "runs", wanted, recorder, stop_after="dataset")
    assert list(recorder.outcomes) == ["dataset"]


def test_a_file_of_another_form_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(40):
            size = (90, 10) if (name, number) == ("dog", 7) else (20, 20)
            pixels = rng.integers(0, 255, (*size, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number:02d}.png")
    dataset = {"source": "folder", "path": str(tmp_path / "pets"), "size": 12}
    checked = run(
        tmp_path / "runs", experiment(dataset=dataset), recorder := Recorder(), stop_after="data-check"
    )
    group = checked.stages["dataset"].open()
    (odd,) = np.flatnonzero(checked.stages["data-check"].open()["odd_size"].to_numpy())
    assert group["file_size"].to_numpy()[odd].tolist() == [90, 10]
    assert recorder.notes[-1].startswith("1 image comes from a file of another form or size than the others")


def test_the_check_of_a_model_says_it_too(tmp_path: Path, images: Path) -> None:
    answers = tmp_path / "answers.npz"
    np.savez(answers, logits=np.random.default_rng(1).normal(size=(60, 3)))
    result = CliRunner().invoke(app, ["check-model", str(answers), "--images", str(images)])
    assert result.exit_code == 0, result.output
    assert "2 test images are also training images (#50 like #5, #51 like #6)." in result.output
    assert "2 images have another label elsewhere" in result.output


def test_a_model_that_is_explained_has_its_images_checked(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (30, 9, 9), np.uint8)
    pictures[7] = pictures[20]
    explained = deepvid.explain(
        lambda given: given.reshape(len(given), -1)[:, :3],
        pictures,
        np.arange(30) % 3,
        store=tmp_path,
        settings={**LITTLE, "projections": []},
        kind="logits",
    )
    group = explained.stages["data-check"].open()
    assert np.flatnonzero(group["repeated"].to_numpy()).tolist() == [7, 20]
    assert np.flatnonzero(group["two_labels"].to_numpy()).tolist() == [7, 20]
