"""A setting as a person types it, after `--set` or behind an option: its type says what the text means."""

import tomllib
from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

NOTHING = frozenset({"none", "null"})


def value_of(text: str, fields: list[FieldInfo]) -> Any:
    """What `text` means for a setting that is one of `fields`: the first of its readings that one allows.

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
    except tomllib.TOMLDecodeError:
        return


def _allows(kind: TypeAdapter[Any], value: Any) -> bool:
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True
