"""The page on one's own training: its examples run, each where its framework is installed."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import clothes, example, run_example

import deepvid
from dashboards.data.training_steps import TrainingSteps, training_steps
from deepvid.errors import DataError
from deepvid.logger.samples import array_of, floats_of
from deepvid.store import list_runs, open_run

PAGE = "own_training.md"


@pytest.mark.parametrize("framework", ["flax", "torch", "keras"])
def test_an_example_logs_a_training_that_learns(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip(framework)
    images, labels, test, *_ = clothes()
    name = {"torch": "pytorch"}.get(framework, framework)
    run_example(PAGE, name, images=images, labels=labels, test=test)
    (listing,) = list_runs(tmp_path / "runs")
    run = open_run(listing.path)
    assert run.status().state == "finished"
    series = run.series("teacher")
    assert series is not None
    assert series.epochs == 3
    assert series.metrics[-1]["train_loss"] < series.metrics[0]["train_loss"]
    assert series.metrics[-1]["train_accuracy"] > 0.5  # of ten classes
    stored = series.open()
    for number in range(3):
        epoch = stored.isel(epoch=number)
        head = epoch["head_weight"].to_numpy(), epoch["head_bias"].to_numpy()
        logits = epoch["training_features"].to_numpy() @ head[0] + head[1]
        np.testing.assert_allclose(logits, epoch["training_logits"], atol=1e-3)


def test_the_example_of_texts_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts, labels = ["ab", "cd", "ef", "gh"], np.array([0, 1, 0, 1])
    answers = np.eye(2, dtype=np.float32)[labels]
    test = np.array([False, False, True, True])
    run_example(
        PAGE,
        "texts",
        deepvid=deepvid,
        texts=texts,
        labels=labels,
        test=test,
        logits=answers,
        features=answers,
    )
    (listing,) = list_runs(tmp_path / "runs")
    assert open_run(listing.path).stages["dataset"].open().attrs["text_column"] == "text"


def recorded(store: Path) -> TrainingSteps:
    """Steps of the only run, which is finished."""
    (listing,) = list_runs(store)
    run = open_run(listing.path)
    assert run.status().state == "finished"
    steps = training_steps(run)
    assert steps is not None
    return steps


def test_the_example_of_steps_records_them_and_its_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("torch")
    images, labels, test, *_ = clothes()
    run_example(PAGE, "steps", images=images, labels=labels, test=test)
    steps = recorded(tmp_path / "runs")
    assert steps.layers == ("1", "3")
    assert steps.steps.tolist() == [13, 13, 13]
    assert all(np.isfinite(numbers).all() for numbers in (steps.loss, steps.accuracy, steps.update_ratio))


class Trainer:
    """Calls a callback of Lightning as its trainer does, over a module that trains itself."""

    def __init__(self, optimizer: Any, callback: Any) -> None:
        self.optimizers, self._callback = [optimizer], callback

    def fit(self, module: Any, batches: list[Any]) -> None:
        self._callback.on_train_start(self, module)
        for _ in range(2):
            for number, batch in enumerate(batches):
                loss = module(batch).square().mean()
                self.optimizers[0].zero_grad()
                loss.backward()
                self.optimizers[0].step()
                self._callback.on_train_batch_end(self, module, {"loss": loss}, batch, number)
            self._callback.on_train_epoch_end(self, module)


def test_the_callback_of_lightning_logs_what_its_trainer_does(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    made: dict[str, Any] = {"Callback": object}
    exec(example(PAGE, "lightning"), made)
    images, labels, test, *_ = clothes()
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    with deepvid.log_run("light", images, labels, test=test, epochs=2, store=tmp_path) as run:
        trainer = Trainer(torch.optim.SGD(net.parameters(), 0.01), made["DeepVIDCallback"](run))
        trainer.fit(net, [torch.rand(8, 1, 28, 28) for _ in range(3)])
    steps = recorded(tmp_path)
    assert (steps.layers, steps.steps.tolist()) == (("1",), [3, 3])
    assert np.isfinite(steps.gradient_norm).all()


def test_the_callback_of_keras_logs_what_its_model_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras")
    made: dict[str, Any] = {}
    exec(example(PAGE, "keras-callback"), made)
    images, labels, test, *_ = clothes()
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with deepvid.log_run("keras", images, labels, test=test, epochs=2, store=tmp_path) as run:
        inputs = images[~test].reshape(-1, 28, 28, 1) / np.float32(255)
        callback = made["DeepVIDCallback"](run)
        model.fit(inputs, labels[~test], batch_size=100, epochs=2, callbacks=[callback], verbose=0)
    steps = recorded(tmp_path)
    assert steps.steps.tolist() == [4, 4]
    assert len(steps.layers) == 1
    assert np.isfinite(steps.loss).all()


def test_the_examples_take_about_ten_lines_beyond_their_training() -> None:
    for name in ("pytorch", "keras", "flax"):
        lines = example(PAGE, name).splitlines()
        own = [line for line in lines if re.search(r"deepvid|run\.|features|log\b", line)]
        assert 3 <= len(own) <= 10, name


def test_a_killed_training_is_resumed_as_the_page_says() -> None:
    assert "resume=" in example(PAGE, "resumed")
    assert "run.epochs" in example(PAGE, "resumed")


def test_tensors_of_half_precision_are_numbers() -> None:
    import jax.numpy as jnp

    given = jnp.array([[1.5, -2.0]], jnp.bfloat16)
    assert floats_of(given, "Logits", ("sample", "class")).tolist() == [[1.5, -2.0]]


def test_tensors_of_pytorch_are_taken_with_their_gradients_and_in_any_precision() -> None:
    torch = pytest.importorskip("torch")
    given = torch.tensor([[1.5, -2.0]], requires_grad=True)
    for kind in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        assert floats_of((given * 2).to(kind), "Logits", ("sample", "class")).tolist() == [[3, -4]]
    assert array_of(torch.tensor([1, 2]), "Labels").dtype == np.int64
    with pytest.raises(DataError, match=r"torch\.cat"):
        array_of([torch.zeros(2, 3), torch.zeros(1, 3)], "Logits")
