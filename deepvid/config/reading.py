"""From TOML and `--set` to an experiment, with every fault reported at once."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import Section, names_a_kind, sections_in
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
        raise ConfigError("An experiment is valid TOML", f"{path}: {error}", "Mend that line") from error
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
    inner: Any = table
    for name in parents:
        inner = _entry(inner, name, key)
    if isinstance(inner, list):
        inner[_index(inner, last, key)] = parse_value(text)
    else:
        inner[last] = parse_value(text)


def _entry(outer: Any, name: str, key: str) -> Any:
    """The table or list of that name, made where there is none."""
    if isinstance(outer, list):
        return outer[_index(outer, name, key)]
    entry = outer.setdefault(name, {})
    if not isinstance(entry, dict | list):
        raise ConfigError(
            "--set names a setting",
            f"{key!r}, where {name!r} has no settings inside",
            "Check the key",
        )
    return entry


def _index(entries: list[Any], name: str, key: str) -> int:
    if not name.isdigit() or int(name) >= len(entries):
        raise ConfigError(
            f"An entry of a list is named by a number below {len(entries)}",
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
    location = _without_kinds(fault["loc"])
    path = ".".join(map(str, location))
    if fault["type"] == "extra_forbidden":
        return f"{path}: unknown key{_nearest(str(location[-1]), _known(location[:-1]))}"
    message = fault["msg"].removeprefix("Value error, ")
    text = f"{path}: {message[0].lower()}{message[1:]}"
    if fault["type"] != "missing":
        text += f"; found {fault['input']!r}"
    if fault["type"] == "literal_error":
        allowed = [word.strip(" '") for word in fault["ctx"]["expected"].replace(" or ", ", ").split(",")]
        text += _nearest(str(fault["input"]), allowed, listed=False)
    return text


def _without_kinds(location: Iterable[Any]) -> list[Any]:
    """A path as a person writes it: pydantic names the kind of a section of several, too."""
    path: list[Any] = []
    for name in location:
        kinds = {
            field.default
            for section in _sections_at(path)
            for field in section.model_fields.values()
            if names_a_kind(field)
        }
        if name not in kinds:
            path.append(name)
    return path


def _nearest(name: str, known: list[str], *, listed: bool = True) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"; known here: {', '.join(known)}{hint}" if listed and known else hint


def _known(location: Iterable[Any]) -> list[str]:
    """The keys allowed at a path, found by walking the sections."""
    return sorted({name for section in _sections_at(location) for name in section.model_fields})


def _sections_at(location: Iterable[Any]) -> list[type[Section]]:
    """The sections that may stand at a path; numbers in it count the entries of a list."""
    sections: list[type[Section]] = [Experiment]
    for name in location:
        if not isinstance(name, int):
            fields = [section.model_fields[name] for section in sections if name in section.model_fields]
            sections = [inner for field in fields for inner in sections_in(field.annotation)]
    return sections
