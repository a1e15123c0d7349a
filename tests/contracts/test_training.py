"""Every optimizer, schedule and regularizer acts and learns; a new one is tested the day it is listed."""

from functools import cache
from typing import Any, get_args

import numpy as np
import pytest

from deepvid import config
from deepvid.config import names
from deepvid.training import Snapshot, train_teacher
from deepvid.training.optimizers import OPTIMIZERS, SCHEDULES

pytestmark = pytest.mark.long

# Rates at which each learns the toy in six epochs; the order of magnitude is what tells them apart.
RATES = {
    "sgd": 0.3,
    "momentum": 0.05,
    "nesterov": 0.05,
    "adam": 0.01,
    "adamw": 0.01,
    "rmsprop": 0.003,
    "adagrad": 0.1,
    "adadelta": 10.0,
    "lamb": 0.05,
    "lion": 0.003,
}
REGULARIZERS = {"weight_decay": 0.05, "label_smoothing": 0.2, "dropout": 0.5}


def stripes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three classes of noisy 8x8 images: a bright band at the left, the middle or the right."""
    rng = np.random.default_rng(0)
    labels = np.arange(192, dtype=np.int32) % 3
    bright = np.arange(8) // 3 == labels[:, None]
    images = rng.integers(0, 128, (192, 8, 8, 1)) + 100 * bright[:, None, :, None]
    return images.astype(np.uint8), labels, np.arange(192) >= 144


@cache
def trained(**changes: Any) -> Snapshot:
    """The last snapshot of a small network."""
    settings = config.Teacher.model_validate(
        {"network": {"kind": "mlp", "hidden": (16,)}, "epochs": 6, "batch": 16, "learning_rate": 0.05}
        | {"optimizer": "momentum", "schedule": "constant", "weight_decay": 0.0}
        | changes
    )
    *_, last = train_teacher(settings, *stripes(), ("left", "middle", "right"), seed=0)
    return last


def differ(first: Snapshot, second: Snapshot) -> bool:
    return bool(np.abs(first.parameters - second.parameters).max() > 1e-5)


def test_the_catalogues_have_the_names_an_experiment_may_use() -> None:
    assert tuple(OPTIMIZERS) == get_args(names.Optimizer)
    assert tuple(SCHEDULES) == get_args(names.Schedule)
    assert set(RATES) == set(OPTIMIZERS)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_learns(optimizer: str) -> None:
    metrics = trained(optimizer=optimizer, learning_rate=RATES[optimizer]).metrics
    assert metrics["test_accuracy"] >= 0.9  # guessing reaches 0.33
    assert metrics["test_loss"] < 0.6  # guessing has ln 3 = 1.1


def test_no_two_optimizers_do_the_same() -> None:
    found = [trained(optimizer=name, epochs=1, weight_decay=0.05) for name in OPTIMIZERS]
    assert all(differ(a, b) for i, a in enumerate(found) for b in found[:i])


def test_no_two_schedules_do_the_same_and_each_learns() -> None:
    found = [trained(schedule=name) for name in SCHEDULES]
    assert all(differ(a, b) for i, a in enumerate(found) for b in found[:i])
    assert all(snapshot.metrics["test_accuracy"] >= 0.9 for snapshot in found)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_acts_in_each_optimizer(optimizer: str) -> None:
    rate = RATES[optimizer]
    assert differ(
        trained(optimizer=optimizer, learning_rate=rate),
        trained(optimizer=optimizer, learning_rate=rate, weight_decay=0.05),
    )


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_each_regularizer_acts_and_learns(regularizer: str) -> None:
    regularized = trained(**{regularizer: REGULARIZERS[regularizer]})
    assert differ(trained(), regularized)
    assert regularized.metrics["test_accuracy"] >= 0.9


def test_regularizers_do_what_they_are_for() -> None:
    plain = trained()
    kernels = [name for name in plain.state if name.startswith("parameters") and name.endswith("kernel")]
    decayed = trained(weight_decay=0.05)
    assert all(
        np.linalg.norm(decayed.state[name]) < 0.9 * np.linalg.norm(plain.state[name]) for name in kernels
    )
    # Smoothing by 0.2 wants 0.867 for the label, not 1: the model must be less sure of itself.
    assert _confidence(trained(label_smoothing=0.2)) < _confidence(plain) - 0.03


def _confidence(snapshot: Snapshot) -> float:
    exponentials = np.exp(snapshot.test_logits - snapshot.test_logits.max(axis=1, keepdims=True))
    return float((1 / exponentials.sum(axis=1)).mean())
