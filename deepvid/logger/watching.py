"""Whose kernels move: a module of PyTorch by its optimizer's hooks, one of Keras or Flax by comparison."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from deepvid.errors import DataError
from deepvid.logger.steps import ComparedKernels, Watch

Kernels = tuple[tuple[str, ...], Callable[[], list[Any]]]
"""Their names, and what gives them as they are now."""


def watch(model: Any, optimizer: Any, every: int) -> Watch:
    """Looks every so many steps. Raises DataError for what is no model of these frameworks."""
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise DataError("A model is watched every so many steps", repr(every), "Give a whole number from 1")
    if hasattr(model, "named_parameters"):
        if not hasattr(optimizer, "register_step_pre_hook"):
            raise DataError(
                "A PyTorch module is watched by its optimizer",
                type(optimizer).__name__,
                "Write run.watch(module, optimizer)",
            )
        watched: Watch = _adapter("torch_steps").WatchedOptimizer(model, optimizer, every)
        return watched
    names, read = _keras(model) if hasattr(model, "trainable_variables") else _flax(model)
    if not names:
        raise DataError(
            "A model that is watched is a module of PyTorch, Keras or Flax with kernels that are trained",
            type(model).__name__,
            "Give the model itself, once it is built; of others give run.step(loss=...) alone",
        )
    return ComparedKernels(names, read, every)


def _keras(model: Any) -> Kernels:
    trained = {id(variable) for variable in model.trainable_variables}
    kernels = {
        index: variable.path.removesuffix("/kernel").replace("/", ".")
        for index, variable in enumerate(model.weights)
        if id(variable) in trained and len(variable.shape) > 1
    }
    sync = getattr(model, "jax_state_sync", lambda: None)  # its variables are elsewhere while it is fitted

    def read() -> list[Any]:
        sync()
        weights = model.get_weights()
        return [weights[index] for index in kernels]

    return tuple(kernels.values()), read


def _flax(model: Any) -> Kernels:
    if "flax" not in sys.modules:  # then it is no module of Flax
        return (), list
    kernels = _adapter("flax").nnx_kernels(model)
    return tuple(kernels), lambda: [read() for read in kernels.values()]


def _adapter(name: str) -> Any:
    # By name, for whoever logs another framework's training needs none of it.
    return import_module(f"deepvid.adapters.{name}")
