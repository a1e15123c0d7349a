"""A training that gives the model itself: what is asked of it, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import NAMES, SHAPE, WEIGHTS, keras_net, nnx_net, onnx_bytes, torch_net
from nets import answers as said
from pages import clothes, run_example
from scipy.special import expit

import deepvid
from deepvid import config
from deepvid.adapters.catalogue import open_model
from deepvid.errors import ConfigError, DataError, StoreError
from deepvid.logger import LoggedRun
from deepvid.pipeline.history import head_at
from deepvid.store import list_runs, open_run

COUNT = 40
PIXELS = np.random.default_rng(0).integers(0, 256, (COUNT, *SHAPE), dtype=np.uint8)
LABELS = np.arange(COUNT) % 3
TEST = np.arange(COUNT) % 4 == 1


def begin(store: Path, **changed: Any) -> LoggedRun:
    wanted = {"images": PIXELS, "labels": LABELS, "test": TEST, "epochs": 2, "class_names": NAMES}
    return deepvid.log_run("toy", **{**wanted, "store": store, **changed})


def test_an_epoch_of_a_file_is_what_it_says_of_the_images(tmp_path: Path) -> None:
    (tmp_path / "my net.onnx").write_bytes(onnx_bytes())  # a path with a space
    with begin(tmp_path / "runs") as run:
        run.epoch(tmp_path / "my net.onnx")
    stored = open_run(run.path).series("teacher").open().isel(epoch=0)  # type: ignore[union-attr]
    logits, features = said(PIXELS[~TEST].astype(np.float32) / 255)
    np.testing.assert_allclose(stored["training_logits"], logits, atol=1e-4)
    np.testing.assert_allclose(stored["training_features"], features, atol=1e-4)
    # 40 images tell the layer of 5 features
    found = stored["training_features"].to_numpy() @ stored["head_weight"].to_numpy()
    np.testing.assert_allclose(found + stored["head_bias"].to_numpy(), logits, atol=1e-3)


def doubled(module: Any) -> None:
    """Its last layer, by more training."""
    if hasattr(module, "set_weights"):  # Keras
        module.layers[-1].set_weights([2 * WEIGHTS.last])
    elif hasattr(module.last, "kernel"):  # Flax
        module.last.kernel[...] = module.last.kernel[...] * 2
    else:
        module.train()
        module.last.weight.data.mul_(2)


@pytest.mark.parametrize("net", [torch_net, nnx_net, keras_net])
def test_a_module_is_asked_as_it_is_now(net: Callable[[], Any], tmp_path: Path) -> None:
    if net is not nnx_net:
        pytest.importorskip("torch" if net is torch_net else "keras")
    module = net()
    with begin(tmp_path, mean=0.5, std=0.25) as run:
        run.epoch(module)
        doubled(module)
        run.epoch(module)
    logits, _ = said((PIXELS[TEST].astype(np.float32) / 255 - 0.5) / 0.25)
    stored = open_run(run.path).series("teacher").open()  # type: ignore[union-attr]
    np.testing.assert_allclose(stored["test_logits"][0], logits, atol=1e-3)
    np.testing.assert_allclose(stored["test_logits"][1], 2 * logits, atol=2e-3)
    if net is torch_net:
        assert all(part.training for part in module.modules())
        np.testing.assert_allclose(stored["head_weight"][1], 2 * WEIGHTS.last, rtol=1e-5)


def test_a_function_shows_no_features(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(lambda images: said(images).logits)
    teacher = open_run(run.path).stages["teacher"].open()
    assert teacher.attrs["features_of"] == "logits"
    np.testing.assert_array_equal(teacher["features"], teacher["logits"])


def test_a_run_that_ends_when_it_is_resumed_knows_that_logits_stand_for_features(tmp_path: Path) -> None:
    run = begin(tmp_path)
    run.__enter__()
    run.epoch(lambda images: said(images).logits)
    run.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    with begin(tmp_path, resume=run.id):
        pass
    teacher = open_run(run.path).stages["teacher"].open()
    assert teacher.attrs["features_of"] == "logits"


def test_features_of_the_last_epoch_are_its_own(tmp_path: Path) -> None:
    answers, other = np.random.default_rng(0).normal(size=(2, COUNT, 3))
    with begin(tmp_path) as run:
        run.epoch(lambda images: said(images).logits)  # three logits stand for three features
        run.epoch(logits=answers, features=other)
    assert "features_of" not in open_run(run.path).stages["teacher"].open().attrs


def test_a_last_layer_that_is_not_told_once_does_not_end_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(onnx_bytes())
    with begin(tmp_path / "runs", epochs=3) as run:
        run.epoch(path)
        with monkeypatch.context() as once:
            once.setattr("deepvid.logger.asking._EXACT", 0)  # no layer is so exact
            run.epoch(path)
        run.epoch(path)
    stored = open_run(run.path).series("teacher").open()  # type: ignore[union-attr]
    told = stored["head_weight"].notnull().all(["feature", "class"])
    assert told.values.tolist() == [True, False, True]
    assert np.isfinite(stored["test_features"]).all()
    assert head_at(open_run(run.path), 2).weight.shape == (5, 3)
    with pytest.raises(StoreError, match="did not show it at epoch 2"):
        head_at(open_run(run.path), 1)


def test_answers_without_the_head_that_earlier_ones_had_are_refused(tmp_path: Path) -> None:
    logits, features = said(PIXELS.astype(np.float32) / 255)
    with begin(tmp_path) as run:
        run.epoch(logits=logits, features=features, head=(WEIGHTS.last, None))
        with pytest.raises(DataError, match="a head, or none has"):
            run.epoch(logits=logits, features=features)


def test_images_are_given_in_the_size_that_they_have(tmp_path: Path) -> None:
    sizes = set()

    def net(images: np.ndarray) -> np.ndarray:
        sizes.add(images.shape[1:])
        return images.mean(axis=(1, 2))

    with begin(tmp_path, images=np.zeros((COUNT, 150, 140, 3), np.uint8)) as run:
        run.epoch(net)
    assert sizes == {(150, 140, 3)}


def raising(images: np.ndarray) -> np.ndarray:
    if (images.mean(axis=(1, 2, 3)) == 0).any():
        raise ZeroDivisionError("no light")
    return said(images).logits


def missing(images: np.ndarray) -> np.ndarray:
    logits = said(images).logits.copy()
    logits[images.mean(axis=(1, 2, 3)) == 0] = np.nan
    return logits


DARK = np.where(np.arange(COUNT)[:, None, None, None] == 33, 0, PIXELS).astype(np.uint8)


@pytest.mark.parametrize(
    ("model", "given", "found"),
    [
        (raising, {"images": DARK}, r"ZeroDivisionError at image 33 of 40: no light"),
        (missing, {"images": DARK}, r"Logits are finite. Found: NaN for 1 of 40 images, first 33"),
        (lambda images: said(images).logits[:, :1], {}, "an output for each of the 3 classes"),
        (lambda images: said(images).logits.argmax(axis=1), {}, "not only the class"),
        (lambda images: expit(said(images).logits), {}, "independent ones are declared"),
        (object(), {}, "A model is a PyTorch, Keras or Flax module, a function"),
        (raising, {"images": None}, "needs the images of the run"),
        ("no such file.onnx", {}, "no such file.onnx: No such file"),
    ],
)
def test_what_a_model_cannot_answer_leaves_earlier_epochs_as_they_are(
    model: Any, given: dict[str, Any], found: str, tmp_path: Path
) -> None:
    answers = np.random.default_rng(0).normal(size=(COUNT, 3))
    with begin(tmp_path, **given) as run:
        run.epoch(logits=answers, features=answers)
        with pytest.raises(DataError, match=found):
            run.epoch(model)
    assert open_run(run.path).series("teacher").epochs == 1  # type: ignore[union-attr]


def test_a_model_or_its_answers(tmp_path: Path) -> None:
    answers = np.zeros((COUNT, 3))
    with pytest.raises(DataError, match="Found: both"), begin(tmp_path) as run:
        run.epoch(raising, logits=answers)
    cases = [
        ({"logits": answers}, "logits alone"),
        ({"features": answers}, "features alone"),
        ({}, "neither"),
    ]
    for number, (given, found) in enumerate(cases):
        with pytest.raises(DataError, match=f"Found: {found}"), begin(tmp_path / str(number)) as run:
            run.epoch(**given)


def test_what_a_model_takes_is_checked_when_the_run_begins(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="range"):
        begin(tmp_path, range=3)
    with pytest.raises(ConfigError, match="avearge"):
        begin(tmp_path, avearge=0.5)
    with pytest.raises(ConfigError, match="one label an image"):
        begin(tmp_path, kind="independent")


def test_names_that_come_twice_are_numbered(tmp_path: Path) -> None:
    names, answers = ("crane", "Bag", "crane"), np.random.default_rng(0).normal(size=(COUNT, 3))
    with begin(tmp_path, class_names=names) as run:
        run.epoch(logits=answers, features=answers)
    assert open_run(run.path).stages["dataset"].open().attrs["class_names"] == ["crane", "Bag", "crane 2"]
    assert open_model(
        config.Function(output={"classes": names}),
        image_shape=SHAPE,
        class_names=("Bag", "crane", "crane 2"),
        given=lambda images: images,
    ).order.tolist() == [1, 0, 2]  # type: ignore[arg-type]
    with pytest.raises(DataError, match="crane, which class_names has more than once"):
        begin(tmp_path, class_names=names, labels=np.array(names)[LABELS])


def test_the_example_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    images, labels, test, *_ = clothes()
    run_example("own_training.md", "model", images=images, labels=labels, test=test)
    (listing,) = list_runs(tmp_path / "runs")
    run = open_run(listing.path)
    assert run.status().state == "finished"
    series = run.series("teacher")
    assert series is not None
    assert series.epochs == 3
    assert series.metrics[-1]["train_accuracy"] > 0.5  # of ten classes
    assert "head_weight" in series.open()
