"""From TOML and `--set` to an experiment, with every fault reported at once.

The type of a setting says what the text of it means that a person types.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from deepvid.config.experiment import Experiment
from deepvid.config.faults import describe, fields_at
from deepvid.errors import ConfigError

LONGEST = 9  # digits of the number of an entry


def read_experiment(path: Path, overrides: Iterable[str] = ()) -> Experiment:
    """Reads a TOML file, then applies `key=value` overrides. Raises `ConfigError` with all faults."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows begin with a byte order mark
        table = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(
            "An experiment is a TOML file",
            f"{path}: {error.strerror}",
            "Give the path of one, such as experiments/fashion_mnist_small.toml",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            "An experiment is TOML in UTF-8", f"{path}: {error}", "Save it again as UTF-8"
        ) from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, lists in lists
        raise ConfigError("An experiment is valid TOML", f"{path}: {error}", "Correct that line") from error
    return experiment_with(table, overrides, origin=str(path))


def experiment_with(table: dict[str, Any], overrides: Iterable[str], *, origin: str) -> Experiment:
    """Validates a nested mapping with `key=value` overrides. Raises `ConfigError` with all faults."""
    for override in overrides:
        _apply(table, override)
    return experiment_from(table, origin=origin)


def experiment_from(table: Mapping[str, Any], *, origin: str = "the experiment") -> Experiment:
    """Validates a nested mapping. Raises `ConfigError` that lists every fault with its path."""
    try:
        return Experiment.model_validate(table)
    except ValidationError as error:
        faults = describe(error)
        raise ConfigError(
            "Every key of an experiment is known and every value allowed",
            f"{len(faults)} fault{'s' * (len(faults) > 1)} in {origin}:\n  " + "\n  ".join(faults),
            "Correct them all and run again",
        ) from error


def _apply(table: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError("--set takes key=value", repr(override), "Write for example --set teacher.epochs=2")
    *parents, last = key.strip().split(".")
    inner: Any = table
    for name in parents:
        inner = _entry(inner, name, key)
    value = value_of(text, fields_at(_path(key)))
    if isinstance(inner, list):
        inner[_index(inner, last, key)] = value
    else:
        inner[last] = value


def _path(key: str) -> list[str | int]:
    return [int(name) if _is_number(name) else name for name in key.strip().split(".")]


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
    if not _is_number(name) or int(name) >= len(entries):
        raise ConfigError(
            f"An entry of a list is named by a number below {len(entries)}",
            f"{name!r} in {key!r}",
            "Check the key",
        )
    return int(name)


def _is_number(name: str) -> bool:
    return name.isdecimal() and len(name) <= LONGEST


NOTHING = frozenset({"none", "null"})


def value_of(text: str, fields: list[FieldInfo]) -> Any:
    """Value of `text` for a setting that is one of `fields`: the first of its readings that one allows.

    Where none is allowed, or nothing is known of the setting, it is the TOML value, or else the text: the
    validation of the whole experiment then says what is wrong with it.
    """
    readings = list(_readings(text))
    for field in fields:
        kind: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
        for reading in readings:
            if _allows(kind, reading):
                return reading
    return readings[0]


def text_of(value: Any) -> str:
    """A value as a person types it: `value_of` reads the same again, numbers to twelve digits."""
    if isinstance(value, list | tuple):
        return ", ".join(map(text_of, value))
    if value is None:
        return "none"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _readings(text: str) -> Iterator[Any]:
    """As TOML has it, as nothing, as it stands, as a list whose brackets were left out."""
    yield from _toml(text)
    if text.strip().lower() in NOTHING:
        yield None
    yield text
    if "," in text:
        yield from _toml(f"[{text}]")


def _toml(text: str) -> Iterator[Any]:
    try:
        yield tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return


def _allows(kind: TypeAdapter[Any], value: Any) -> bool:
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True
