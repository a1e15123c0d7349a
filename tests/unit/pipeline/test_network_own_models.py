"""The layers of a teacher that somebody else has trained: as many as it shows."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from explained import described
from micro import Recorder, looked_into
from nets import IMAGES, NAMES, answers, onnx_bytes

from deepvid.config import Experiment
from deepvid.errors import ConfigError
from deepvid.fields import PARTS
from deepvid.network.influence import with_one
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.pipeline.user_model import named_in
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

COUNT, K = len(IMAGES), 5
LABEL = np.arange(COUNT) % 3
STORED = np.rint(255 * IMAGES).astype(np.uint8)
ANSWERS = answers(STORED / np.float32(255))

Asked = Callable[..., Run]


def images(into: Path, **more: Any) -> Path:
    path = into / "images.npz"
    np.savez(path, images=STORED, labels=LABEL, class_names=NAMES, **more)
    return path


def every(path: Path) -> dict[str, Any]:
    return {"source": "arrays", "path": str(path), "test_share": 1}


def asked(store: Path, wanted: Experiment) -> Run:
    """A run whose teacher was asked, and nothing more."""
    recorder, named = Recorder(), named_in(wanted)
    assert named is not None
    order = RunOptions(recorder, recorder.cancel, stop_after="teacher", user_model=named)
    return open_run(run_experiment(named.of(wanted), store, order))


def looked(run: Run) -> xr.Dataset:
    found = looked_into(run.path, components=64, neighbors=K, left_out=5)
    return found.together(*PARTS).load()


@pytest.fixture
def shown(tmp_path: Path) -> Run:
    """An ONNX model that shows the five features which its last layer reads; every image is a test image."""
    pytest.importorskip("onnxruntime")
    (tmp_path / "net.onnx").write_bytes(onnx_bytes())
    teacher = {"source": "onnx", "path": str(tmp_path / "net.onnx")}
    return asked(tmp_path, described(tmp_path, teacher, dataset=every(images(tmp_path))))


def test_what_its_last_layer_reads_is_a_column_with_units(shown: Run) -> None:
    group = looked(shown)
    assert [column["name"] for column in group.attrs["columns"]] == ["pixels", "features", "logits"]
    assert [column["units"] for column in group.attrs["columns"]] == [0, 5, 0]
    assert [column["parameters"] for column in group.attrs["columns"]] == [0, None, 0]
    assert group["unit_index"].to_numpy().tolist() == list(range(5))
    samples, features = group["sample"].to_numpy(), shown.stages["teacher"].open()["features"].to_numpy()
    assert len(samples) == COUNT
    np.testing.assert_allclose(np.sort(features, axis=0), np.sort(ANSWERS.features, axis=0), rtol=1e-4)
    np.testing.assert_allclose(group["response_mean"], features[samples], rtol=2e-3, atol=1e-4)
    assert not {"silenced", "flip_distance", "strip_sample"} & set(group)


def test_no_image_is_a_neighbor_of_itself_where_all_are_asked(shown: Run) -> None:
    """Codes of 64 components tell all that 30 images differ by in features and logits."""
    group = looked(shown)
    assert group.attrs["among"] == "other images"
    teacher = shown.stages["teacher"].open()
    label = shown.stages["dataset"].open()["label"].to_numpy()
    for number, name in ((1, "features"), (2, "logits")):
        output = teacher[name].to_numpy()
        for sample in range(COUNT):
            distance = np.linalg.norm(output - output[sample], axis=1)
            distance[sample] = np.inf
            votes = Counter(label[distance.argsort(kind="stable")[:K]].tolist())
            assert votes[int(group["probe"][number, sample])] == max(votes.values())
            assert group["probe_votes"][number, sample] == max(votes.values())


def test_its_last_layer_is_fitted_again_and_no_snapshot_is_known(shown: Run) -> None:
    group = looked(shown)
    features = with_one(shown.stages["teacher"].open()["features"].to_numpy())
    label = shown.stages["dataset"].open()["label"].to_numpy()
    head = group["head"].to_numpy().astype(float)
    probability = np.exp(features @ head.T)
    probability /= probability.sum(axis=1, keepdims=True)
    gradient = (probability - np.eye(3)[label]).T @ features / COUNT + 1e-3 * head
    assert np.linalg.norm(gradient) < 1e-4
    assert group["training"].to_numpy().tolist() == list(range(COUNT))
    assert group.attrs["snapshots"] == []
    assert group.attrs["silenced"] is group.attrs.get("changes") is None


def test_training_images_are_the_neighbors_where_there_are_some(tmp_path: Path) -> None:
    """A table of answers that shows features is looked into as far as a model."""
    split = np.arange(COUNT) % 5 == 0
    np.savez(tmp_path / "answers.npz", logits=ANSWERS.logits, features=ANSWERS.features)
    teacher = {"source": "predictions", "path": str(tmp_path / "answers.npz")}
    run = asked(tmp_path, described(images(tmp_path, split=split), teacher))
    group = looked(run)
    assert "among" not in group.attrs
    assert group.attrs["training_images"] == (~split).sum() == len(group["training"])
    assert len(group["sample"]) == split.sum()
    assert [column["name"] for column in group.attrs["columns"]] == ["pixels", "features", "logits"]


def test_a_teacher_that_shows_no_layer_has_pixels_and_logits(tmp_path: Path) -> None:
    np.savez(tmp_path / "answers.npz", logits=ANSWERS.logits)
    teacher = {"source": "predictions", "path": str(tmp_path / "answers.npz")}
    run = asked(tmp_path, described(tmp_path, teacher, dataset=every(images(tmp_path))))
    group = looked(run)
    assert [column["name"] for column in group.attrs["columns"]] == ["pixels", "logits"]
    assert group.attrs["influence"] is None
    assert not {"head", "unit_index", "response_mean"} & set(group)
    assert {"code", "layout", "probe", "depth"} <= set(group)


def test_images_without_labels_have_no_votes(tmp_path: Path) -> None:
    path = tmp_path / "unlabeled.npz"
    np.savez(path, images=STORED)
    np.savez(tmp_path / "answers.npz", logits=ANSWERS.logits)
    teacher = {"source": "predictions", "path": str(tmp_path / "answers.npz")}
    run = asked(tmp_path, described(tmp_path, teacher, dataset={**every(path), "classes": NAMES}))
    with pytest.raises(ConfigError, match=r"vote with their labels.*have no labels.*Leave \[network\] out"):
        looked(run)
    assert not set(PARTS) & set(open_run(run.path).stages)


def of_table(folder: Path, image: np.ndarray, label: np.ndarray, classes: int) -> xr.Dataset:
    """The layers of a table of random answers, with features, about such images."""
    rng, names = np.random.default_rng(0), [f"class {number}" for number in range(classes)]
    np.savez(folder / "images.npz", images=image, labels=np.array(names)[label])
    answered = {
        "logits": rng.normal(size=(len(image), classes)),
        "features": rng.normal(size=(len(image), 9)),
    }
    np.savez(folder / "answers.npz", **answered)
    teacher = {"source": "predictions", "path": str(folder / "answers.npz")}
    dataset = {**every(folder / "images.npz"), "classes": names}
    return looked(asked(folder, described(folder, teacher, dataset=dataset)))


def test_345_classes_have_numbers_of_their_own_and_no_influence(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 256, (690, 8, 8, 1), dtype=np.uint8)
    group = of_table(tmp_path, image, np.arange(690) % 345, 345)
    assert group["probe"].dtype == np.uint16
    assert group["probe"].max() > 255
    assert group.attrs["influence"] is None  # 345 times 10 numbers
    assert "head" not in group


def test_a_class_that_no_image_shows_is_said_by_no_neighbor(tmp_path: Path) -> None:
    """A model may know more classes than there are images of; a class of test images alone is refused."""
    group = of_table(tmp_path, STORED, np.arange(COUNT) % 3, 5)
    assert set(group["probe"].to_numpy().ravel()) <= {0, 1, 2}
    assert group["head"].shape == (5, 10)
    assert np.isfinite(group["head"]).all()
    assert np.isfinite(group["unit_spread"]).all()


def test_images_of_128_pixels_in_color_are_placed_as_small_ones(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 256, (12, 128, 128, 3), dtype=np.uint8)
    group = of_table(tmp_path, image, np.arange(12) % 2, 2)
    assert group.attrs["columns"][0]["shape"] == [128, 128, 3]
    assert group.attrs["bases"] == ["pixels", "features", "logits"]
    assert group.attrs["neighbors"] == K
    assert np.isfinite(group["layout"]).all()
