"""Every setting of a student as a person reads and types it."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from dashboards.views.explain.shapes import Option
from deepvid import config
from deepvid.config.faults import describe
from deepvid.config.reading import text_of, value_of
from deepvid.errors import ConfigError

_OF_MANY = frozenset({"images", "limit"})  # which images have one: nothing of the student itself
FIELDS = {name: field for name, field in config.Students.model_fields.items() if name not in _OF_MANY}


def options(use: Mapping[str, Any]) -> list[Option]:
    """What a student was fitted with; what it does not say is the default."""
    defaults = config.Students().model_dump(mode="json")
    return [
        {
            "name": name,
            "label": name.replace("_", " "),
            "text": text_of(use.get(name, defaults[name])),
            "choices": _choices(field.annotation),
            "hint": field.description or "",
        }
        for name, field in FIELDS.items()
    ]


def typed(known: Mapping[str, Any], texts: Mapping[str, str]) -> config.Students:
    """The settings `known`, and in their place what was typed. Raises ConfigError with all faults."""
    values = {name: value_of(text, [FIELDS[name]]) for name, text in texts.items() if name in FIELDS}
    try:
        return config.Students.model_validate({**known, **values})
    except ValidationError as error:
        raise ConfigError(
            "Every setting of a student has an allowed value",
            "; ".join(describe(error, "students")),
            "Correct them and fit again",
        ) from error


def _choices(annotation: Any) -> list[str]:
    """The words that are allowed; none where numbers are."""
    found: list[str] = []
    for choice in get_args(annotation):
        found += [choice] if isinstance(choice, str) else _choices(choice)
    return found
