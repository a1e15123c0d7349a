"""From TOML and `--set` to an experiment, with every fault reported at once."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from deepvid.config.experiment import Experiment
from deepvid.errors import ConfigError


def read_experiment(path: Path, overrides: Iterable[str] = ()) -> Experiment:
    """Reads a TOML file, then applies `key=value` overrides. Raises `ConfigError` with all faults."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            "An experiment is a TOML file",
            f"{path}: {error.strerror}",
            "Give the path of one, such as experiments/fashion_mnist_small.toml",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("An experiment is valid TOML", f"{path}: {error}", "Mend that place") from error
    for override in overrides:
        _apply(table, override)
    return experiment_from(table, origin=str(path))


def experiment_from(table: Mapping[str, Any], *, origin: str = "the experiment") -> Experiment:
    """Validates a nested mapping. Raises `ConfigError` that lists every fault with its path."""
    try:
        return Experiment.model_validate(table)
    except ValidationError as error:
        faults = [_describe(fault) for fault in error.errors()]
        raise ConfigError(
            "Every key of an experiment is known and every value allowed",
            f"{len(faults)} fault{'s' * (len(faults) > 1)} in {origin}:\n  " + "\n  ".join(faults) + "\n",
            "Mend them all and run again",
        ) from error


def _apply(table: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError("--set takes key=value", repr(override), "Write for example --set teacher.epochs=2")
    *parents, last = key.strip().split(".")
    place: Any = table
    for name in parents:
        place = _item(place, name, key)
    if isinstance(place, list):
        place[_index(place, last, key)] = parse_value(text)
    else:
        place[last] = parse_value(text)


def _item(place: Any, name: str, key: str) -> Any:
    if isinstance(place, list):
        return place[_index(place, name, key)]
    item = place.setdefault(name, {})
    if not isinstance(item, dict | list):
        raise ConfigError(
            "--set names a setting",
            f"{key!r}, where {name!r} has no settings inside",
            "Check the key",
        )
    return item


def _index(place: list[Any], name: str, key: str) -> int:
    if not name.isdigit() or int(name) >= len(place):
        raise ConfigError(
            f"An entry of a list is named by a number below {len(place)}",
            f"{name!r} in {key!r}",
            "Check the key",
        )
    return int(name)


def parse_value(text: str) -> Any:
    """A TOML value; what is not one is a plain string, so that quotes are optional."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _describe(fault: Any) -> str:
    location = [part for part in fault["loc"] if part not in ("resnet", "resnet50", "mlp")]
    path = ".".join(str(part) for part in location)
    if fault["type"] == "extra_forbidden":
        return f"{path}: unknown key{_nearest(str(location[-1]), _known(location[:-1]))}"
    message = fault["msg"].removeprefix("Value error, ")
    text = f"{path}: {message[0].lower()}{message[1:]}"
    if fault["type"] != "missing":
        text += f"; found {fault['input']!r}"
    if fault["type"] == "literal_error":
        allowed = [part.strip(" '") for part in fault["ctx"]["expected"].replace(" or ", ", ").split(",")]
        text += _nearest(str(fault["input"]), allowed, listed=False)
    return text


def _nearest(name: str, known: list[str], *, listed: bool = True) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"; known here: {', '.join(known)}{hint}" if listed and known else hint


def _known(location: Iterable[Any]) -> list[str]:
    """The keys allowed at a path, found by walking the models."""
    models: list[type[BaseModel]] = [Experiment]
    for part in location:
        if not isinstance(part, int):
            models = [
                inner
                for model in models
                if part in model.model_fields
                for inner in _models(model.model_fields[part].annotation)
            ]
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return (
        [model for part in get_args(annotation) for model in _models(part)] if get_origin(annotation) else []
    )
