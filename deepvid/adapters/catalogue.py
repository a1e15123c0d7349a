"""Every source of models, and the module that opens it; these are imported when they are needed."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid import config
from deepvid.adapters.contract import Adapter
from deepvid.adapters.entries import FLATTEN, import_object, made, needs_nothing
from deepvid.adapters.isolated import IsolatedAdapter
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.config.sections.dataset import CSV, PARQUET
from deepvid.errors import DataError
from deepvid.wording import quantity

OPENERS: Mapping[type[config.ExternalModel], str] = {
    config.Onnx: "onnx",
    config.Torch: "torch",
    config.ExportedProgram: "torch",
    config.Keras: "keras",
    config.Flax: "flax",
    config.Function: "function",
}
"""Settings -> the module of this package whose `opened(section, given)` returns an `Adapter`."""

_FILES: Mapping[str, type[config.ExternalModel]] = {
    ".onnx": config.Onnx,
    ".pt2": config.ExportedProgram,
    ".keras": config.Keras,
    ".npz": config.Table,
    **dict.fromkeys((*CSV, *PARQUET), config.Table),
}
_FRAMEWORKS: Mapping[tuple[str, str], type[config.ExternalModel]] = {
    ("keras", "Model"): config.Keras,  # first: on PyTorch a Keras model is a module of it too
    ("torch", "Module"): config.Torch,
    ("flax", "Module"): config.Flax,
}
"""The package and the name of a base class -> its settings."""
_REFUSED = (".h5", ".hdf5", ".pt", ".pth", ".pkl", ".joblib", ".safetensors")
_ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_MUST = (
    "A model is a PyTorch, Keras or Flax module, a function, an .onnx, .pt2 or .keras file, a table of "
    "predictions (.npz, .csv, .tsv, .parquet), or module:name of Python"
)


def open_model(
    section: config.ExternalModel,
    *,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    given: Any = None,
) -> Prepared:
    """`given` is the live object or, of ONNX, the bytes; without it the section's path or entry is opened.

    This runs code that the section names: call it for what a person has named in this very command, or with
    the bytes of an ONNX file, which are data. Only a live object is asked in this process.
    """
    if type(section) not in OPENERS:
        raise DataError(
            "A model answers for any image", f"a table of predictions, {section}", "Give the model itself"
        )
    live = given is not None and not isinstance(given, bytes)
    adapter = adapter_of(section, given) if live else IsolatedAdapter(section, given, adapter_of)
    return prepared(adapter, section.input, section.output, image_shape, class_names)


def adapter_of(section: config.ExternalModel, given: Any) -> Adapter:
    """The adapter, opened in this process."""
    source = importlib.import_module(f"deepvid.adapters.{OPENERS[type(section)]}")
    adapter: Adapter = source.opened(section, given)
    return adapter


def section_of(model: Any, *, weights: Path | None = None) -> config.ExternalModel:
    """The settings of a model as a person gives it. Only `module:name` imports something: that module."""
    section = _of_name(str(model), weights) if isinstance(model, str | Path) else _of_object(model)()
    if weights is not None and getattr(section, "weights", None) is None:
        raise DataError(
            "Weights belong to a PyTorch or Flax module that is named module:factory",
            f"{weights} beside {model}",
            "Leave them out: the model has its own",
        )
    return section


def _of_name(name: str, weights: Path | None) -> config.ExternalModel:
    suffix = Path(name).suffix.lower()
    if suffix in _FILES:
        return _FILES[suffix].model_validate({"path": name})
    if not _ENTRY.fullmatch(name):
        refused = suffix in _REFUSED
        raise DataError(
            _MUST,
            name,
            "Name the function that makes its network, module:factory, and give this file as its weights"
            if refused
            else "Correct the name",
        )
    found = import_object(name)
    kind = _kind(found if isinstance(found, type) else type(found))
    if kind is None and callable(found) and needs_nothing(found):
        kind = _kind(type(made(name, lambda model: model is not found)))
    if kind is None and callable(found):
        return config.Function(entry=name)
    if kind is None:
        raise _unknown(name, found)
    if kind is config.Keras:
        raise DataError(
            "A Keras model is named by its file",
            name,
            "Save it: model.save('model.keras'), or give the object to deepvid.explain",
        )
    return kind.model_validate({"entry": name, "weights": weights})


def _of_object(model: Any) -> type[config.ExternalModel]:
    first = model[0] if isinstance(model, tuple) and len(model) == 2 else model
    if isinstance(first, type):
        raise DataError(
            "A model is an object",
            f"the class {first.__name__}",
            f"Make one and load its trained weights: model = {first.__name__}(...)",
        )
    if isinstance(first, Mapping) and first and all(hasattr(value, "shape") for value in first.values()):
        raise DataError(
            "A model is a network",
            f"a state_dict of {quantity(len(first), 'array')}, {str(next(iter(first)))[:80]} first",
            "Load them into their network and give that: net.load_state_dict(weights)",
        )
    kind = _kind(type(first))
    if kind is None and callable(model):
        return config.Function
    if kind is None:
        raise _unknown(None, model)
    return kind


def _kind(model: type) -> type[config.ExternalModel] | None:
    """By the names of its base classes."""
    bases = {(base.__module__.partition(".")[0], base.__name__) for base in model.__mro__}
    return next((section for base, section in _FRAMEWORKS.items() if base in bases), None)


def _unknown(name: str | None, model: Any) -> DataError:
    action = FLATTEN if hasattr(model, "predict_proba") else "Give one of these"
    found = f"a {type(model).__module__}.{type(model).__name__}".replace("builtins.", "")
    return DataError(_MUST, found if name is None else f"{name}, {found}", action)
