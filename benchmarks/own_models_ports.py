"""One of our residual networks in other frameworks, with the same weights, as a person would write it there.

Each is opened as DeepVID opens what a person gives it. A framework that is not installed gives None.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from own_models_keras import keras_model
from own_models_net import Net, net_of
from own_models_nnx import nnx_module
from own_models_onnx import onnx_bytes
from own_models_torch import torch_module

from deepvid import config
from deepvid.adapters.catalogue import open_model, section_of
from deepvid.adapters.contract import Model
from deepvid.models import Classifier


def in_onnx(classifier: Classifier) -> Model | None:
    return _opened(classifier, ("onnx", "onnxruntime"), onnx_bytes, config.Onnx(path=Path("net.onnx")))


def in_torch(classifier: Classifier) -> Model | None:
    return _opened(classifier, ("torch",), torch_module)


def in_keras(classifier: Classifier) -> Model | None:
    """On JAX, unless KERAS_BACKEND says otherwise."""
    return _opened(classifier, ("keras",), keras_model)


def in_nnx(classifier: Classifier) -> Model | None:
    return _opened(classifier, ("flax",), nnx_module)


def _opened(
    classifier: Classifier,
    packages: tuple[str, ...],
    build: Callable[[Net], Any],
    section: config.ExternalModel | None = None,
) -> Model | None:
    if any(importlib.util.find_spec(package) is None for package in packages):
        return None
    net = net_of(classifier)
    given = build(net)
    return open_model(
        section or section_of(given),
        image_shape=net.image_shape,
        class_names=net.class_names,
        given=given,
    )
