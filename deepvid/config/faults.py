"""Faults of an experiment in plain words: one line a setting, with the nearest known name."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import Section, kind_of, sections_in

Path = Iterable[str | int]
"""Names of settings, and numbers of entries of a list: teacher network depth, or projections 0 method."""


def sections_at(path: Path) -> list[type[Section]]:
    """The sections that may stand at a path; numbers in it count the entries of a list.

    Where several kinds may stand, the name of a kind chooses those of it.
    """
    sections: list[type[Section]] = [Experiment]
    for name in path:
        if of_kind := [section for section in sections if kind_of(section) == name]:
            sections = of_kind
        elif not isinstance(name, int):
            fields = [section.model_fields[name] for section in sections if name in section.model_fields]
            sections = [inner for field in fields for inner in sections_in(field.annotation)]
    return sections


def fields_at(path: Path) -> list[FieldInfo]:
    """The settings that may stand at a path: one, one of each kind of a section, or none."""
    *parents, name = path
    if isinstance(name, int):
        return []
    return [section.model_fields[name] for section in sections_at(parents) if name in section.model_fields]


def known_at(path: Path) -> list[str]:
    """The names of all settings that may stand in the section at a path."""
    return sorted({name for section in sections_at(path) for name in section.model_fields})


WORDS: Mapping[str, str] = {
    "missing": "must be given",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text",
    "path_type": "must be a path",
    "none_required": "must be left out",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a table of settings",
    "model_attributes_type": "must be a table of settings",
    "dict_type": "must be a table of settings",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
    "literal_error": "must be {expected}",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "must say its kind",
}
"""By pydantic's name of a fault; its own words are for programmers."""

OF_TYPE = ("_type", "_parsing")  # endings of the faults that say that a value is of another type


def describe(error: ValidationError, section: str = "") -> list[str]:
    """One line for every setting at fault, named as it is in the `section` that was read; none: a whole
    experiment.
    """
    faults: dict[str, list[Any]] = {}
    for fault in error.errors():
        path = _located(fault, [section] if section else [])
        written = _as_written(path)[bool(section) :]
        faults.setdefault(".".join(map(str, written)), []).append((path, fault))
    inside = [path for path in faults if any(other.startswith(f"{path}.") for other in faults)]
    return [_line(path, several) for path, several in faults.items() if path not in inside]


def _line(path: str, faults: list[tuple[list[Any], Any]]) -> str:
    """A setting of several types has a fault for each: those of the type that it is nearest to."""
    near = [entry for entry in faults if not entry[1]["type"].endswith(OF_TYPE)] or faults
    texts = dict.fromkeys(_text(*entry) for entry in near)
    first, *others = texts
    where = f"{path}: " if path else ""
    more = "".join(f" or {text.removeprefix('must be ')}" for text in others)
    return f"{where}{first}{more}{_found(near[0][1])}{_hint(*near[0])}"


def _text(path: list[Any], fault: Any) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return "unknown key"
    if kind in WORDS:
        if "discriminator" in context:
            context = {**context, "discriminator": context["discriminator"].strip("_'()")}
        return WORDS[kind].format_map(context)
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}"


def _found(fault: Any) -> str:
    told = fault["type"] in ("missing", "extra_forbidden") or (fault["type"], fault["loc"]) == (
        "value_error",
        (),
    )
    return "" if told else f"; found {_shown(fault['input'])}"


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except (ValueError, RecursionError):
        return "a value too long to show"


def _hint(path: list[Any], fault: Any) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden":
        known = known_at(path[:-1])
        listed = f"; known here: {', '.join(known)}" if known else ""
        return listed + _nearest(str(path[-1]), known)
    if kind == "literal_error":
        expected = fault["ctx"]["expected"].replace(" or ", ", ").split(",")
        return _nearest(str(fault["input"]), [word.strip(" '") for word in expected])
    return ""


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _located(fault: Any, above: list[Any]) -> list[Any]:
    """The path of a fault with the kinds of its sections; pydantic also names the types that it tried."""
    unknown = fault["type"] == "extra_forbidden"
    *parents, last = fault["loc"] or (None,)
    path: list[Any] = []
    for name in [*above, *parents, *([] if unknown else [last])]:
        if isinstance(name, int) or _is_kind(name, path) or fields_at([*path, name]):
            path.append(name)
    return [*path, last] if unknown else path


def _as_written(path: list[Any]) -> list[Any]:
    """Without the kinds, which a person writes as settings of their own."""
    return [name for place, name in enumerate(path) if not _is_kind(name, path[:place])]


def _is_kind(name: Any, path: list[Any]) -> bool:
    sections = sections_at(path)
    return name is not None and any(kind_of(section) == name for section in sections)
