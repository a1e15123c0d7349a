"""A Keras 3 model, on JAX, PyTorch or TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs, digest_of
from deepvid.adapters.entries import required
from deepvid.adapters.keras_backends import BACKENDS, Called, CalledWithSlopes, Plainly, keras_package
from deepvid.adapters.returned import array_of, scores_in
from deepvid.config import names
from deepvid.errors import DataError
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
            _FILE,
            f"{path}",
            "Load it with the Keras that wrote it and save it as .keras; .h5 is never opened",
        )
    if not path.is_file():
        raise DataError(_FILE, f"no file {path}", "Give its path")
    keras = keras_package()
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # whatever its layers run into
        found = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise DataError(_FILE, f"{path}: {found}", "Save it again, without custom layers") from error


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
        backend = keras.backend.backend()
        on = BACKENDS.get(backend, Plainly)
        self.tier = Tier.GRADIENTS if backend in BACKENDS else Tier.PREDICT
        last = keras.config.image_data_format() == "channels_last"
        self.layout: names.Layout = "NHWC" if last else "NCHW"
        self.takes = _takes(model)
        showing = _showing(keras, model, name, features)
        self._model: Called = on(model)
        self._showing: Called | None = None if showing is None else on(showing)

    def outputs(self, inputs: np.ndarray) -> Outputs:
        if self._showing is None:
            return Outputs(array_of(scores_in(self._model.returned(inputs))), None)
        scores, features = self._showing.returned(inputs)
        return Outputs(array_of(scores), array_of(features).reshape(len(inputs), -1))

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        assert isinstance(self._model, CalledWithSlopes)  # or its tier has none
        scores, slopes = self._model.with_slopes(inputs, outputs)
        return array_of(scores), array_of(slopes)

    def digest(self) -> str:
        """Of the weights in their order: their names are numbered anew by every process."""
        return digest_of((f"{place:06}", array) for place, array in enumerate(self.model.get_weights()))


def _takes(model: Any) -> tuple[int | None, ...] | None:
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):  # it was not built, or subclassed
        return None
    known = isinstance(shape, tuple) and all(side is None or isinstance(side, int) for side in shape)
    return shape if known else None


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
            "Name one of its layers, or none: DeepVID finds what the last Dense layer reads",
        )
    if not inputs or len(outputs) != 1:
        return None
    if features is not None:
        return _giving(keras, model, model.get_layer(features).output)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    if not dense or dense[-1].units != outputs[0].shape[-1] or len(dense[-1].input.shape) != 2:
        return None
    return _giving(keras, model, dense[-1].input)


def _giving(keras: Any, model: Any, features: Any) -> Any:
    """It runs as the model does, eagerly or compiled."""
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    showing = keras.Model(inputs, [model.outputs[0], features])
    showing.run_eagerly = model.run_eagerly
    return showing
