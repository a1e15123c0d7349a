"""A Keras 3 model: with slopes on JAX and PyTorch, without on TensorFlow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs
from deepvid.adapters.digests import digest_of
from deepvid.adapters.entries import required
from deepvid.adapters.returned import array_of, scores_in
from deepvid.adapters.traced import outputs_with_slopes
from deepvid.config import names
from deepvid.errors import DataError, MissingExtraError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int

_FILE = "A Keras model is a .keras file, as model.save('model.keras') writes it"


def opened(section: config.Keras, given: Any) -> Adapter:
    if given is not None:
        return KerasModel(given, type(given).__name__, section.features)
    path = required(section.path, "teacher.path", "a .keras file")
    return KerasModel(open_keras(path), path.name, section.features)


def open_keras(path: Path) -> Any:
    """Loading a .keras file may run code of it, in spite of `safe_mode`: only where a person names it."""
    if path.suffix.lower() != ".keras":
        raise DataError(
            _FILE, f"{path}", "Load it with the Keras it is of, and save it so; .h5 is never opened"
        )
    if not path.is_file():
        raise DataError(_FILE, f"no file {path}", "Give its path")
    keras = keras_package()
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever its layers run into
        found = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise DataError(_FILE, f"{path}: {found}", "Save it again, without layers of your own") from error


class KerasModel:
    """An `Adapter` of a `keras.Model`."""

    def __init__(self, model: Any, name: str, features: str | None = None) -> None:
        keras = keras_package()
        if not isinstance(model, keras.Model):
            raise DataError(
                "A Keras model is a keras.Model of Keras 3",
                f"{name}, which is a {type(model).__module__}.{type(model).__name__}",
                "Save it as .keras and load it with Keras 3",
            )
        self.model = model
        self.name = name
        self.backend = keras.backend.backend()
        self.tier = Tier.GRADIENTS if self.backend in ("jax", "torch") else Tier.PREDICT
        last = keras.config.image_data_format() == "channels_last"
        self.layout: names.Layout = "NHWC" if last else "NCHW"
        self.takes = _takes(model)
        self._showing = _showing(keras, model, name, features)

    def outputs(self, inputs: np.ndarray) -> Outputs:
        if self.backend == "jax":
            scores, features = self._answer(_variables(self._both), inputs)
        else:
            with self._apart():
                found = self._both(inputs, training=False)
            scores, features = found if self._showing is not None else (scores_in(found), None)
        return Outputs(
            array_of(scores), None if features is None else array_of(features).reshape(len(inputs), -1)
        )

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.backend == "jax":
            scores, slopes = self._slope(_variables(self.model), inputs, outputs)
            return array_of(scores), array_of(slopes)
        from deepvid.adapters.torch import slopes_by_autograd

        tensor = keras_package().ops.convert_to_tensor(inputs)
        return slopes_by_autograd(
            lambda images: scores_in(self.model(images, training=False)), tensor, outputs
        )

    def digest(self) -> str:
        """Of the weights in their order: their names are numbered anew by every process."""
        return digest_of((f"{place:06}", array) for place, array in enumerate(self.model.get_weights()))

    @property
    def _both(self) -> Any:
        return self.model if self._showing is None else self._showing

    def _apart(self) -> Any:
        """Without a record for derivatives, where PyTorch keeps one."""
        if self.backend == "torch":
            from deepvid.adapters.torch_package import torch_package

            return torch_package().no_grad()
        from contextlib import nullcontext

        return nullcontext()

    @cached_property
    def _answer(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        def answer(variables: Any, inputs: Any) -> tuple[Any, Any]:
            found, _ = self._both.stateless_call(*variables, inputs, training=False)
            return tuple(found) if self._showing is not None else (scores_in(found), None)

        return jax.jit(answer)

    @cached_property
    def _slope(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        def slope(variables: Any, inputs: Any, outputs: Any) -> tuple[Any, Any]:
            def network(inputs: Any) -> Any:
                return scores_in(self.model.stateless_call(*variables, inputs, training=False)[0])

            return outputs_with_slopes(network, inputs, outputs)

        return jax.jit(slope)


def keras_package() -> Any:
    """Keras, on JAX unless the person has chosen otherwise. Without a choice it would want TensorFlow."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError.of("A Keras model", "keras", "keras") from error
    return keras


def _variables(model: Any) -> tuple[list[Any], list[Any]]:
    """Their values now, for a model may be trained on."""
    return (
        [variable.value for variable in model.trainable_variables],
        [variable.value for variable in model.non_trainable_variables],
    )


def _takes(model: Any) -> tuple[int | None, ...] | None:
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):  # it was not built, or subclassed
        return None
    return (
        shape
        if isinstance(shape, tuple) and all(side is None or isinstance(side, int) for side in shape)
        else None
    )


def _showing(keras: Any, model: Any, name: str, features: str | None) -> Any:
    """A model of the same layers that gives the scores and the features; None where it shows none."""
    try:
        inputs, outputs = model.inputs, model.outputs
    except AttributeError:
        inputs = outputs = None
    layers = [layer.name for layer in model.layers]
    if features is not None and features not in layers:
        raise DataError(
            "teacher.features names a layer of the model",
            f"{features!r}, and the last layers of {name} are {', '.join(layers[-8:])}",
            "Name one of its layers, or none: what the last Dense layer reads is found",
        )
    if not inputs or len(outputs) != 1:
        return None
    if features is not None:
        return keras.Model(inputs, [outputs[0], model.get_layer(features).output])
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if not dense or dense[-1].units != outputs[0].shape[-1] or len(dense[-1].input.shape) != 2:
        return None
    return keras.Model(inputs, [outputs[0], dense[-1].input])
