"""`module:name`, of Python: imported where a person names it in this very command, and nowhere else."""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from deepvid.errors import DataError

T = TypeVar("T")
FLATTEN = "Give a function of it: lambda images: model.predict_proba(images.reshape(len(images), -1))"
"""The way out for an estimator, which takes rows."""


def import_object(entry: str) -> Any:
    """The object of that name, of a module in this folder or among the packages. Raises DataError."""
    module_name, _, name = entry.partition(":")
    must = f"{entry} names an object of a Python module"
    try:
        with _this_folder():
            module = importlib.import_module(module_name)
    except Exception as error:  # whatever a module runs into
        missing = isinstance(error, ModuleNotFoundError) and module_name.split(".")[0] == error.name
        raise DataError(
            must,
            f"no module {module_name} in {Path.cwd()} or among the packages"
            if missing
            else f"{type(error).__name__} while it was imported: {error}",
            "Run the command in the folder of the module" if missing else f"Fix {module_name}",
        ) from error
    if not hasattr(module, name):
        near = (
            get_close_matches(name, vars(module), n=3) or [key for key in vars(module) if key[0] != "_"][:5]
        )
        raise DataError(must, f"no {name} in {module_name}, but {', '.join(near) or 'nothing'}", "Correct it")
    return getattr(module, name)


def made(entry: str, is_model: Callable[[Any], bool]) -> Any:
    """The model of that name, or the one that the function or class of that name makes."""
    found = import_object(entry)
    if is_model(found):
        return found
    must = f"{entry} is a model, or a function without arguments that returns one"
    if not callable(found):
        raise DataError(must, f"a {type(found).__name__}", "Name the function that makes the model")
    try:
        model = found(**_random_numbers(found))
    except Exception as error:
        raise DataError(must, f"{type(error).__name__}: {error}", f"Fix {entry}") from error
    if not is_model(model):
        returned = "nothing" if model is None else f"a {type(model).__name__}"
        raise DataError(must, f"one that returns {returned}", f"Return the model from {entry}")
    return model


def required(value: T | None, key: str, what: str) -> T:
    if value is None:
        raise DataError(
            f"{key} names the model, as {what}",
            "none: the run explains an object that a program passed",
            "Name it with --model, or pass the object again",
        )
    return value


def needs_nothing(function: Callable[..., Any]) -> bool:
    """Whether it may be called without arguments, but for random numbers of Flax."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    fixed = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(
        each.default is not each.empty or each.kind in fixed or each.name == "rngs" for each in parameters
    )


def _random_numbers(function: Callable[..., Any]) -> dict[str, Any]:
    """`rngs`, which NNX modules are made with; the weights replace what they draw."""
    try:
        if "rngs" not in inspect.signature(function).parameters:
            return {}
    except (TypeError, ValueError):
        return {}
    return {"rngs": importlib.import_module("flax.nnx").Rngs(0)}


@contextmanager
def _this_folder() -> Iterator[None]:
    """In which Python itself would look, were it started here."""
    folder = str(Path.cwd())
    if folder in sys.path or "" in sys.path:
        yield
        return
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
