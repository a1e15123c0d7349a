"""A trained model on images that nobody labeled: its answer is explained against its runner-up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from micro import Recorder, experiment
from nets import linear_onnx
from PIL import Image
from typer.testing import CliRunner

import deepvid
from deepvid import config, datasets
from deepvid.cli.main import app
from deepvid.compare import compare_runs
from deepvid.config import experiment_from
from deepvid.errors import ConfigError, DataError
from deepvid.metrics import runner_up
from deepvid.pipeline.reproduce import reproduce
from deepvid.pipeline.runner import RunOptions
from deepvid.pipeline.students import Predictions, choose
from deepvid.store import Run, list_runs, open_run, write_archive

COUNT = 100  # t-SNE looks at 90 neighbors
PIXELS = np.random.default_rng(1).integers(0, 255, (COUNT, 8, 8, 1), np.uint8)
WEIGHT = np.random.default_rng(4).normal(size=(64, 3)).astype(np.float32)


def net(batch: np.ndarray) -> np.ndarray:
    return batch.reshape(len(batch), -1) @ WEIGHT


def quick(**students: Any) -> dict[str, Any]:
    micro = experiment(projections=[{"method": "pca"}]).model_dump(mode="json")
    names = ("vae", "soft_tree", "projections", "students", "explanations", "causes")
    chosen = {name: micro[name] for name in names}
    return {**chosen, "students": {**chosen["students"], **students}}


def pictures(folder: Path) -> Path:
    folder.mkdir()
    for number, pixels in enumerate(PIXELS):
        Image.fromarray(pixels[..., 0]).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    store = tmp_path_factory.mktemp("unlabeled")
    return deepvid.explain(net, PIXELS, class_names=("low", "high", "wide"), store=store, settings=quick())


def test_the_runner_up_is_the_second_class_and_of_equals_the_first() -> None:
    logits = np.array([[0, 3, 2], [5, 5, 1], [1, 1, 9], [-4, -2, -3]], np.float32)
    assert runner_up(logits).tolist() == [2, 1, 0, 2]
    assert logits[0, 1] == 3  # what was given is not written to


def test_the_least_sure_come_first_whatever_the_most_probable_class() -> None:
    # Margins of probability: e/(e + 1 + e^-9) - ... is .46; two equal logits 0; one far above the others 1.
    logits = np.array([[1, 0, -9], [0, 0, -9], [9, 0, -9]], np.float32)
    predictions = Predictions.of(logits, None, np.ones(3, np.bool_))
    assert choose("misclassified", predictions, classes=3).tolist() == [1, 0, 2]
    assert choose("class:0", predictions, classes=3, limit=2).tolist() == [1, 0]
    assert choose("confusion:1,0", predictions, classes=3).tolist() == [1, 0, 2]  # runner-up, predicted
    assert choose("confusion:0,1", predictions, classes=3).tolist() == []


def test_a_run_has_no_truth_and_nothing_that_needs_it(run: Run) -> None:
    dataset = run.stages["dataset"].open()
    assert "label" not in dataset
    assert dataset.attrs["class_names"] == ["low", "high", "wide"]
    assert run.stages["teacher"].metrics == {}
    assert "hit" not in run.stages["projection-pca-features-2d"].open()
    assert "neighborhood_hit" not in run.stages["projection-pca-features-2d"].metrics
    shares = run.stages["hierarchy"].open().attrs["accuracy"]
    assert set(shares) == {
        "hard_agreement", "soft_agreement", "random_hard_agreement", "random_soft_agreement"
    }  # fmt: skip
    assert "hard_accuracy" not in run.stages["soft-tree"].metrics
    assert not any("accuracy" in name for name in run.summary["metrics"])
    causes = run.stages["causes"].open()
    assert causes.sizes["error"] == run.stages["modes"].open().sizes["error"] == 0
    assert causes.attrs["lacks"] == ["Causes of errors are told of images with labels, and these have none"]


def test_students_explain_the_answer_against_the_runner_up_where_it_is_least_sure(run: Run) -> None:
    logits = run.stages["teacher"].open()["logits"].to_numpy()
    chances = np.sort(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), axis=1)
    least_sure = np.argsort(chances[:, -1] - chances[:, -2], kind="stable")[:3]
    students = run.students()
    assert students["sample"].to_numpy().tolist() == least_sure.tolist()
    expected = np.argsort(-logits[least_sure], axis=1)[:, :2]
    np.testing.assert_array_equal(students["contrast"], expected)


def test_the_way_down_a_tree_leaves_that_of_the_runner_up(run: Run) -> None:
    tree = run.stages["hierarchy"].open()
    logits = run.stages["teacher"].open()["logits"].to_numpy()
    parted = tree["leaf"].to_numpy() != runner_up(logits)
    np.testing.assert_array_equal(tree["turn"].to_numpy() >= 0, parted)
    assert parted.any()


def test_classes_that_nobody_named_are_numbered_by_the_outputs(tmp_path: Path) -> None:
    run = deepvid.explain(net, PIXELS, store=tmp_path, settings=quick(limit=0))
    assert run.class_names == ("0", "1", "2")
    again = deepvid.explain(net, PIXELS, store=tmp_path, settings=quick(limit=0))
    assert again.commits == run.commits
    labeled = deepvid.explain(net, PIXELS, np.arange(COUNT) % 3, store=tmp_path, settings=quick(limit=0))
    assert labeled.id != run.id
    assert "have no labels" in compare_runs(run, labeled).why_not
    assert "have no labels" in compare_runs(run, run).why_not


def test_a_table_of_answers_needs_no_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "answers.npz", logits=net(PIXELS / np.float32(255)))
    run = deepvid.explain(tmp_path / "answers.npz", PIXELS, store=tmp_path, settings=quick())
    assert run.class_names == ("0", "1", "2")
    assert "label" not in run.stages["dataset"].open()


def test_an_archive_of_such_a_run_is_reproduced(run: Run, tmp_path: Path) -> None:
    write_archive(run, tmp_path / "own.deepvid.zip")
    recorder = Recorder()
    order = RunOptions(recorder, recorder.cancel)
    assert reproduce(tmp_path / "own.deepvid.zip", tmp_path / "again", order).ok


def flat(folder: Path) -> str:
    return str(pictures(folder / "photos"))


def npz(folder: Path) -> str:
    np.savez(folder / "photos.npz", images=PIXELS)
    return str(folder / "photos.npz")


def table(folder: Path) -> str:
    pictures(folder / "photos")
    (folder / "photos.tsv").write_text("path\n" + "".join(f"photos/{n:02}.png\n" for n in range(COUNT)))
    return str(folder / "photos.tsv")


@pytest.mark.parametrize(
    ("given", "classes"), [(flat, ()), (npz, ("--classes", "low,high,wide")), (table, ())]
)
def test_the_command_explains_images_that_nobody_labeled(
    tmp_path: Path, given: Callable[[Path], str], classes: tuple[str, ...]
) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(linear_onnx((1, 8, 8), 3))
    model, images = str(tmp_path / "model.onnx"), given(tmp_path)
    told = CliRunner().invoke(app, ["check-model", model, "--images", images, *classes])
    assert told.exit_code == 0, told.output
    assert "There are no labels" in told.output
    options = ("vae.epochs=1", "vae.width=2", "vae.hidden=4", "soft_tree.epochs=1", "students.limit=0")
    tiny = [part for option in options for part in ("--set", option)]
    store = tmp_path / "runs"
    result = CliRunner().invoke(
        app, ["explain", model, "--images", images, *classes, "--store", str(store), *tiny]
    )
    assert result.exit_code == 0, result.output
    (listing,) = list_runs(store)
    run = open_run(listing.path)
    assert run.class_names == (("low", "high", "wide") if classes else ("0", "1", "2"))
    assert run.stages["dataset"].open().sizes["sample"] == COUNT
    listed = CliRunner().invoke(app, ["list", str(store)])
    assert "%" not in listed.output


def test_images_are_looked_for_where_data_are(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "data").mkdir()
    npz(tmp_path / "data")
    (tmp_path / "model.onnx").write_bytes(linear_onnx((1, 8, 8), 3))
    given = ["check-model", str(tmp_path / "model.onnx"), "--images", "photos.npz", "--data"]
    for classes in ([], ["--classes", "low,high,wide"]):
        told = CliRunner().invoke(app, [*given, str(tmp_path / "data"), *classes])
        assert told.exit_code == 0, told.output
        assert "There are no labels" in told.output


def test_a_teacher_that_is_trained_needs_labels(tmp_path: Path) -> None:
    dataset = {"source": "folder", "path": flat(tmp_path)}
    with pytest.raises(ConfigError, match="names what a trained model knows"):
        experiment_from({"name": "own", "dataset": {**dataset, "classes": ["low", "high"]}})
    with pytest.raises(DataError, match="in no class folder"):
        datasets.load(config.Dataset.model_validate(dataset), seed=0)


def test_a_column_that_may_be_meant_for_labels_is_said_not_to_be_read(tmp_path: Path) -> None:
    table(tmp_path)
    (tmp_path / "named.csv").write_text("path,kind\nphotos/00.png,low\nphotos/01.png,high\n")
    named = config.Dataset(source="table", path=tmp_path / "named.csv", test_share=1, classes=("a", "b"))
    assert datasets.load(named, seed=0).notes == (
        "No column is read as label",
        "Columns kept: kind (text)",
    )


def test_labels_of_some_images_are_refused(tmp_path: Path) -> None:
    table(tmp_path)
    (tmp_path / "some.csv").write_text("path,label\nphotos/00.png,low\nphotos/01.png,\n")
    some = config.Dataset(source="table", path=tmp_path / "some.csv")
    with pytest.raises(DataError, match="leave the column out"):
        datasets.load(some, seed=0)
    with pytest.raises(DataError, match="whole numbers or texts"):
        deepvid.explain(net, PIXELS, [np.nan] + [0.0] * (COUNT - 1), store=tmp_path)


def test_paths_are_no_pixels(tmp_path: Path) -> None:
    for images in (tmp_path, "photos", ["1.png", "2.png"]):
        with pytest.raises(DataError, match="one array; files of pictures are read by `deepvid run`"):
            deepvid.explain(net, images, store=tmp_path)
