"""A Flax module, NNX or Linen: JAX, but asked as any other model is, in a program of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs, digest_of
from deepvid.adapters.entries import made, required
from deepvid.adapters.flax_weights import linen_variables, load_into, other_network
from deepvid.adapters.returned import array_of, scores_in
from deepvid.config import names
from deepvid.errors import DataError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int

from threading import Lock

_EVALUATING = {"train": False, "training": False, "is_training": False, "deterministic": True}
"""Arguments by which modules choose, and their values outside of training."""

Network = Callable[[Any, Any], tuple[Any, Any]]
"""From the arrays of a module and images to scores and features (or None)."""


def opened(section: config.Flax, given: Any) -> Adapter:
    """Given an NNX module, a bound Linen module, or a Linen module and its variables."""
    from flax import linen, nnx

    if section.entry is None and given is None:
        required(section.entry, "teacher.entry", "module:factory")
    name = section.entry or type(given[0] if isinstance(given, tuple) else given).__name__
    if section.entry is not None and given is None:
        given = made(section.entry, lambda found: isinstance(found, nnx.Module | linen.Module))
    module, variables = given if isinstance(given, tuple) else (given, None)
    if isinstance(module, nnx.Module):
        if section.weights is not None:
            load_into(module, section.weights)
        return nnx_module(module, name, section.features)
    if isinstance(module, linen.Module):
        if section.weights is not None:
            variables = linen_variables(section.weights)
        return linen_module(module, variables, name, section.features)
    raise DataError(
        "A Flax model is a module of NNX or Linen",
        f"{name}, which is a {type(module).__name__}",
        "Give the module, or name a function without arguments that returns it",
    )


class FlaxModule:
    """An `Adapter` of a network in JAX and its arrays by name, as they are when it is made."""

    tier = Tier.GRADIENTS
    layout: names.Layout = "NHWC"
    takes: tuple[int | None, ...] | None = None

    def __init__(self, network: Network, arrays: Any, name: str) -> None:
        self.network = network
        self.arrays = arrays
        self.name = name

    def outputs(self, inputs: np.ndarray) -> Outputs:
        scores, features = self._answer(self.arrays, inputs)
        return Outputs(
            array_of(scores), None if features is None else array_of(features).reshape(len(inputs), -1)
        )

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        scores, slopes = self._slope(self.arrays, inputs, outputs)
        return array_of(scores), array_of(slopes)

    def digest(self) -> str:
        import jax

        leaves, _ = jax.tree_util.tree_flatten_with_path(self.arrays)
        return digest_of((jax.tree_util.keystr(path), np.asarray(leaf)) for path, leaf in leaves)

    @cached_property
    def _answer(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        return jax.jit(self.network)

    @cached_property
    def _slope(self) -> Callable[..., tuple[Any, Any]]:
        import jax

        from deepvid.adapters.returned import outputs_with_slopes

        def slope(arrays: Any, inputs: Any, outputs: Any) -> tuple[Any, Any]:
            return outputs_with_slopes(lambda images: self.network(arrays, images)[0], inputs, outputs)

        return jax.jit(slope)


def nnx_module(module: Any, name: str, features: str | None = None) -> FlaxModule:
    """The module stays as it is: what is asked is a copy in evaluation mode."""
    from flax import nnx

    definition, state = nnx.split(module)
    copy = nnx.merge(definition, state)
    copy.eval()
    watch = nnx_recorder(copy, name, features)
    definition, arrays, *others = nnx.split(copy, nnx.Not(nnx.RngState), ...)

    def network(arrays: Any, images: Any) -> tuple[Any, Any]:
        made = nnx.merge(definition, arrays, *others)
        with watch as seen:
            scores = scores_in(_called(made, images))
        return scores, seen.features(scores)

    return FlaxModule(network, arrays, name)


def nnx_kernels(module: Any) -> dict[str, Callable[[], Any]]:
    """Each matrix and convolution of a module as it is now, by its name; none of what is no `nnx.Module`."""
    from flax import nnx

    if not isinstance(module, nnx.Module):
        return {}
    return {
        ".".join(map(str, path)).removesuffix(".kernel"): partial(node.__getitem__, ...)
        for path, node in nnx.iter_graph(module)
        if isinstance(node, nnx.Param) and node[...].ndim > 1
    }


def linen_module(module: Any, variables: Any, name: str, features: str | None = None) -> FlaxModule:
    """`variables` are those of its init, trained; None: the module is bound to some."""
    if variables is None:
        if module.scope is None:
            raise DataError(
                "A Linen module comes with its variables",
                f"{name}, a module alone",
                "Give module.bind(variables), or name its weights: teacher.weights",
            )
        module, variables = module.unbind()
    chosen = _chosen(type(module).__call__)

    def network(variables: Any, images: Any) -> tuple[Any, Any]:
        try:
            return linen_with_features(lambda: scores_in(module.apply(variables, images, **chosen)), features)
        except _unfit() as error:
            raise other_network(name, str(error)) from error

    return FlaxModule(network, _plain(variables), name)


def _unfit() -> tuple[type[Exception], ...]:
    from flax import errors

    return errors.ScopeParamNotFoundError, errors.ScopeParamShapeError, errors.ScopeCollectionNotFound


def _called(module: Any, images: Any) -> Any:
    if not callable(module) and hasattr(module, "logits"):  # one of DeepVID's own
        return module.logits(images)
    return module(images, **_chosen(type(module).__call__))


def _chosen(call: Callable[..., Any]) -> dict[str, bool]:
    parameters = inspect.signature(call).parameters
    return {name: value for name, value in _EVALUATING.items() if name in parameters}


def _plain(variables: Any) -> Any:
    if isinstance(variables, Mapping):
        return {key: _plain(inner) for key, inner in variables.items()}
    return variables


class LayerRecorder:
    """Layers of an NNX module that note what passes through them, in the order they are called."""

    def __init__(self, named: bool) -> None:
        self.with_names = named
        self.passed: list[tuple[Any, Any]] = []
        self._tracing = Lock()

    def __enter__(self) -> "LayerRecorder":
        self._tracing.acquire()
        self.passed.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._tracing.release()

    def features(self, scores: Any) -> Any:
        """None where none passed."""
        if self.with_names:
            return self.passed[-1][1].reshape(len(scores), -1) if self.passed else None
        return _last_read(self.passed, scores)


def nnx_recorder(module: Any, name: str, features: str | None) -> LayerRecorder:
    """Makes the layers of this module note: all dense ones, or the one that is named by its path."""
    from flax import nnx

    layers = {".".join(map(str, path)): layer for path, layer in nnx.iter_modules(module) if path}
    if features is not None and features not in layers:
        raise unknown_layer(features, name, list(layers))
    watched = LayerRecorder(features is not None)
    for path, layer in layers.items():
        if path == features or (features is None and isinstance(layer, nnx.Linear)):
            object.__setattr__(layer, "__class__", _noting(type(layer), watched.passed))
    return watched


def linen_with_features(call: Callable[[], Any], features: str | None) -> tuple[Any, Any]:
    """The result of `call`, and the features. A layer is named by its path: "block.dense"."""
    from flax import linen

    passed: list[tuple[Any, Any]] = []

    def note(method: Callable[..., Any], args: Any, kwargs: Any, context: Any) -> Any:
        given = method(*args, **kwargs)
        if context.method_name == "__call__":
            path = ".".join(context.module.path)
            if path == features or (features is None and isinstance(context.module, linen.Dense)):
                passed.append((args[0], given))
        return given

    with linen.intercept_methods(note):
        scores = call()
    if features is None:
        return scores, _last_read(passed, scores)
    if not passed:
        raise unknown_layer(features, "the module", [])
    return scores, passed[-1][1].reshape(len(scores), -1)


def unknown_layer(features: str, name: str, layers: list[str]) -> DataError:
    last = (
        f", and the last layers of {name} are {', '.join(layers[-8:])}" if layers else f", no layer of {name}"
    )
    return DataError(
        "teacher.features names a layer of the module by its path",
        f"{features!r}{last}",
        "Name one of its layers, or none: DeepVID finds what the last dense layer reads",
    )


def _noting(kind: type, passed: list[tuple[Any, Any]]) -> type:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = kind.__call__(self, *args, **kwargs)
        passed.append((args[0], given))
        return given

    return type(kind.__name__, (kind,), {"__call__": call})


def _last_read(passed: list[tuple[Any, Any]], scores: Any) -> Any:
    """The input of the last dense layer that may have made the scores."""
    read = [read for read, given in passed if read.ndim == 2 and given.shape == scores.shape]
    return read[-1] if read else None
