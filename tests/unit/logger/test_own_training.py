"""The page on one's own training: its examples run, each where its framework is installed."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from pages import clothes, example, run_example

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
