"""A residual network of ours, with the same weights in each framework that is installed: the same students.

The networks are those that `benchmarks/own_models.py` compares the times of.
"""

import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jax
import numpy as np
import pytest
from foreign import BAND, IMAGES, SAMPLES, SHAPE, cosine, models

from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.models import Classifier, build
from deepvid.models.parameters import load_vector, to_vector
from deepvid.students import Students, fit_students
from deepvid.tier import Tier

pytestmark = pytest.mark.long

SETTINGS = config.Students(neighbors=80, gradient_neighbors=30, smoothness=(0.0, 3.0))
LABELS = SETTINGS.replaced(gradient_neighbors=0)


@cache
def teacher() -> Classifier:
    """Of images 8x9: at stride 2 "SAME" pads one side of y and both of x. All arrays are drawn."""
    network = build(
        config.ResNet(depth=8, width=4), image_shape=SHAPE, class_names=("a", "b", "c"), key=jax.random.key(5)
    )
    vector = to_vector(network)
    noise = np.random.default_rng(5).uniform(-0.2, 0.2, vector.shape)  # variances stay positive
    return load_vector(network, vector + noise)


def students(of: Classifier | Model, settings: config.Students) -> Students:
    labels = np.zeros(len(IMAGES), np.int32)
    return fit_students(of, models()[1], IMAGES, SAMPLES, labels, BAND, settings, seed=1)


@cache
def native(settings: config.Students) -> Students:
    return students(teacher(), settings)


@pytest.mark.parametrize("framework", ["onnx", "nnx", "torch", "keras"])
def test_the_students_are_the_native_ones(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    ports = importlib.import_module("own_models_ports")
    port: Callable[[Classifier], Model | None] = getattr(ports, f"in_{framework}")
    model = port(teacher())
    if model is None:
        pytest.skip(f"{framework} is not installed")
    pixels = IMAGES.astype(np.float32) / 255
    exact = np.asarray(teacher().logits(pixels))
    assert model.answers(pixels).logits == pytest.approx(exact, rel=1e-5, abs=1e-5)
    settings = SETTINGS if model.tier is Tier.GRADIENTS else LABELS  # without gradients the anchor is zero
    found, expected = students(model, settings), native(settings)
    assert cosine(found.weights, expected.weights) >= 0.99999
    np.testing.assert_array_equal(found.gate, expected.gate)
    np.testing.assert_allclose(found.widening, expected.widening, rtol=1e-6)
    np.testing.assert_allclose(found.agreement, expected.agreement, atol=0.011)  # one of 100 held out
    if model.tier is Tier.GRADIENTS:
        assert found.neighborhood_gradient is not None
        assert expected.neighborhood_gradient is not None
        assert cosine(found.neighborhood_gradient, expected.neighborhood_gradient) >= 0.99999
