"""What the last dense layer of a Flax module reads while JAX traces it, or what a named layer gives."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from deepvid.errors import DataError


class Watched:
    """Layers of an NNX module that note what passes through them, in the order they are called."""

    def __init__(self, named: bool) -> None:
        self.with_names = named
        self.passed: list[tuple[Any, Any]] = []
        self._tracing = Lock()

    def __enter__(self) -> "Watched":
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


def nnx_watched(module: Any, name: str, features: str | None) -> Watched:
    """Makes the layers of this module note: all dense ones, or the one that is named by its path."""
    from flax import nnx

    layers = {".".join(map(str, path)): layer for path, layer in nnx.iter_modules(module) if path}
    if features is not None and features not in layers:
        raise unknown_layer(features, name, list(layers))
    watched = Watched(features is not None)
    for path, layer in layers.items():
        if path == features or (features is None and isinstance(layer, nnx.Linear)):
            object.__setattr__(layer, "__class__", _noting(type(layer), watched.passed))
    return watched


def linen_with_features(call: Callable[[], Any], features: str | None) -> tuple[Any, Any]:
    """What `call` returns, and the features. A layer is named by its path: "block.dense"."""
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
    """Of the last dense layer that may have made the scores."""
    read = [read for read, given in passed if read.ndim == 2 and given.shape == scores.shape]
    return read[-1] if read else None
