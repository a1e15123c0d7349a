"""The page on one's own training: its examples run, each where its framework is installed."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepvid import config
from deepvid.datasets import ImageData, load
from deepvid.errors import DataError
from deepvid.logger.arrays import array_of, floats_of
from deepvid.store import list_runs, open_run

PAGE = Path(__file__).parents[3] / "docs" / "own_training.md"


@pytest.fixture(scope="module")
def clothes() -> ImageData:
    return load(config.Dataset(train=400, test=100), seed=0)


def example(name: str) -> str:
    (code,) = re.findall(
        rf"<!-- {name} -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    return str(code)


@pytest.mark.parametrize("framework", ["flax", "torch", "keras"])
def test_an_example_logs_a_training_that_learns(
    framework: str, clothes: ImageData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip(framework)
    code = example({"torch": "pytorch"}.get(framework, framework))
    names: dict[str, Any] = {"images": clothes.images, "labels": clothes.labels, "test": clothes.test}
    exec(compile(code, str(PAGE), "exec"), names)
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
        own = [
            line for line in example(name).splitlines() if re.search(r"deepvid|run\.|features|log\b", line)
        ]
        assert 3 <= len(own) <= 10, name


def test_a_killed_training_is_resumed_as_the_page_says() -> None:
    assert "resume=" in example("resumed")
    assert "run.epochs" in example("resumed")


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
