"""State that stands in the address bar: its parameters say how, by their type."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import param

LONGEST = 12  # digits of a number in a link

Extent = tuple[float, float, float, float]
"""Part of a map, in its coordinates: left, right, bottom, top."""
_FARTHEST = 1e12  # coordinate in a link


class LinkedState(param.Parameterized):
    """Every parameter stands in the address under its own name while it has not its default.

    What an address says wrongly is as if it were not said, and `misread`. Parameters in `unlinked` stand
    in none.
    """

    unlinked: ClassVar[frozenset[str]] = frozenset({"name"})

    def to_query(self) -> dict[str, str]:
        """Values that differ from the defaults, as text."""
        return {
            name: _codec(parameter).write(getattr(self, name))
            for name, parameter in self._parameters().items()
            if getattr(self, name) != parameter.default
        }

    def from_query(self, query: Mapping[str, str]) -> dict[str, Any]:
        """A value for every linked parameter: what the query says, else the default."""
        return {
            name: _codec(parameter).read(query[name], parameter) if name in query else parameter.default
            for name, parameter in self._parameters().items()
        }

    def misread(self, query: Mapping[str, str]) -> list[str]:
        """The linked parameters of which the query says what does not come back as it was said."""
        return [
            name
            for name, parameter in self._parameters().items()
            if name in query
            and (codec := _codec(parameter)).write(codec.read(query[name], parameter))
            != codec.plain(query[name])
        ]

    @property
    def linked(self) -> list[str]:
        """The names of the parameters that stand in the address."""
        return [name for name in self.param if name not in self.unlinked]

    def _parameters(self) -> dict[str, Any]:
        return {name: self.param[name] for name in self.linked}


class PageState(LinkedState):
    """State of one page, beside the navigation that all share."""

    def forget(self) -> None:
        """Another run is opened: what names something of the old one has its default again."""

    def left(self, run_id: str, opened: str) -> None:
        """A run of this id is no more: what names it lets it go. `opened` is the run that is open, or was."""


class _Codec(NamedTuple):
    write: Callable[[Any], str]
    read: Callable[[str, Any], Any]  # text and parameter
    plain: Callable[[str], str] = str  # a text as it is written, where it can be said in several ways


def _codec(parameter: param.Parameter) -> _Codec:
    for kind, codec in _CODECS.items():
        if isinstance(parameter, kind):
            return codec
    raise TypeError(f"{type(parameter).__name__} has no form in an address: list it in `unlinked`")


def _read_integer(text: str, parameter: Any) -> int | None:
    return int(text) if _is_number(text) else parameter.default


def _plain_integer(text: str) -> str:
    return str(int(text)) if _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST


def _read_choice(text: str, parameter: Any) -> Any:
    return text if text in parameter.objects else parameter.default


def _write_extent(extent: Extent | None) -> str:
    return "" if extent is None else ",".join(str(float(edge)) for edge in extent)


def _read_extent(text: str) -> Extent | None:
    try:
        left, right, bottom, top = map(float, text.split(","))
    except ValueError:
        return None
    holds = -_FARTHEST < left < right < _FARTHEST and -_FARTHEST < bottom < top < _FARTHEST
    return (left, right, bottom, top) if holds else None


_CODECS: dict[type, _Codec] = {
    param.Selector: _Codec(str, _read_choice),
    param.Integer: _Codec(lambda value: "" if value is None else str(value), _read_integer, _plain_integer),
    param.Boolean: _Codec(lambda value: "yes" if value else "no", lambda text, _: text == "yes"),
    param.NumericTuple: _Codec(
        _write_extent,
        lambda text, _: _read_extent(text),
        lambda text: _write_extent(_read_extent(text)) or text,
    ),
    param.String: _Codec(str, lambda text, _: text),
}
