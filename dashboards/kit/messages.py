"""Types for the browser's half: `python -m dashboards.kit.messages` writes them."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dashboards.kit import charts, drawing, elements, forms, latents, menus, neighbors, pictures, river
from dashboards.kit.elements import Element
from dashboards.served import BROWSER

TARGET = BROWSER / "messages.d.ts"
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", bytes: "Bytes", Any: "unknown"}
_HEAD = """// Messages of elements, written by `python -m dashboards.kit.messages`; a test holds them current.

export type Bytes = ArrayBuffer | Uint8Array
"""


def typescript() -> str:
    """An interface for each element, and for the records in them."""
    rooms = elements, pictures, charts, forms, latents, menus, neighbors, river, drawing
    declared = dict.fromkeys(each for room in rooms for each in vars(room).values() if isinstance(each, type))
    kinds = [each for each in declared if issubclass(each, Element)]
    records = [each for each in declared if issubclass(each, tuple)]
    union = " | ".join(each.__name__ for each in kinds if each is not Element)
    child = f"export type Child = {union} | string | null\n"
    return "\n".join([_HEAD, *map(_record, records), *map(_element, kinds), child])


def _record(record: type) -> str:
    return _interface(
        record.__name__, [f"{name}: {_type(hint)}" for name, hint in get_type_hints(record).items()]
    )


def _element(kind: type[Element]) -> str:
    hints = get_type_hints(kind)
    own = [each for each in fields(kind) if each.name in kind.__annotations__]
    lines = [f"{each.name}{_optional(each)}: {_type(hints[each.name])}" for each in own]
    if kind is Element:
        return _interface(kind.__name__, lines)
    base = kind.__mro__[1]
    parent = "Element" if base is Element else f'Omit<{base.__name__}, "kind">'
    return _interface(f"{kind.__name__} extends {parent}", [f'kind: "{kind.kind}"', *lines])


def _interface(head: str, lines: list[str]) -> str:
    return "\n".join([f"export interface {head} {{", *(f"  {line}" for line in lines), "}\n"])


def _optional(field: "Field[Any]") -> str:
    """A mark where the message leaves out what is empty."""
    empty = field.default in ("", None) or field.default is False or field.default_factory is not MISSING
    return "?" if empty else ""


def _type(hint: Any) -> str:
    origin, of = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return "Child" if Element in of else " | ".join(map(_type, of))
    if origin is Literal:
        return " | ".join(f'"{each}"' for each in of)
    if origin is tuple:
        return f"Array<{_type(of[0])}>" if of[-1] is Ellipsis else f"[{', '.join(map(_type, of))}]"
    if origin is Mapping:
        return f"Record<{', '.join(map(_type, of))}>"
    return "null" if hint is types.NoneType else _PLAIN.get(hint) or str(hint.__name__)


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
