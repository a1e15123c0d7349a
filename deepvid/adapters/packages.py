"""PyTorch and Keras, once they are needed."""

import os
import sys
from typing import Any

from deepvid.errors import MissingExtraError


def torch_package() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError.of("A PyTorch model", "torch", "torch") from error
    return torch


def keras_package() -> Any:
    """On JAX unless the person has chosen otherwise. Without a choice it would want TensorFlow."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError.of("A Keras model", "keras", "keras") from error
    return keras
