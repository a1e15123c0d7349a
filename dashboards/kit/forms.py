"""Elements that open, and those that a person types in."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.kit.elements import Button, Children, Element, same_value, walk


@dataclass(frozen=True)
class Fold(Element):
    """A `summary` that opens `children`; whether they are open is remembered by its `name`."""

    name: str
    summary: Children
    children: Children = ()


@dataclass(frozen=True)
class Popover(Element):
    """A button with a `face` that opens `children` beside it, as does the key `shortcut` of the page.

    Escape closes it, another image that it is `about`, and what asks for one of the `closing` actions. It
    opens by itself when it `warns`.
    """

    face: Children
    about: str
    children: Children = ()
    closing: tuple[str, ...] = ()
    warns: str = ""
    shortcut: str = ""
    pressed: bool | None = None
    disabled: bool = False


@dataclass(frozen=True)
class Sheet(Element):
    """Lies over a card and has its keys: Escape asks for `act`, which closes it. What was typed in it is
    forgotten then.
    """

    act: str
    children: Children = ()

    def accepts(self, value: Any) -> bool:
        return value is None


class Field(NamedTuple):
    """A text that a person types, at most `most` letters, or one of `options`.

    Where it has a placeholder, its label is only read aloud.
    """

    name: str
    label: str
    text: str
    options: tuple[tuple[str, str], ...] = ()  # value, text
    hint: str = ""
    implied: tuple[tuple[str, str, str], ...] = ()  # [option, field, text]: what another one gets with it
    most: int = 10_000
    lines: int = 1
    placeholder: str = ""

    def fits(self, text: Any) -> bool:
        """Whether a person can leave this in it."""
        if self.options:
            return any(text == value for value, _ in self.options)
        return isinstance(text, str) and len(text) <= self.most


@dataclass(frozen=True)
class Form(Element):
    """Fields above `children`; what was typed is remembered until it is `about` something else."""

    fields: tuple[Field, ...]
    about: str
    children: Children = ()

    def offers(self, action: str, value: Any) -> bool:
        match value:
            case {"texts": dict(texts), **own}:
                whole = texts.keys() == {field.name for field in self.fields}
                fit = whole and all(field.fits(texts[field.name]) for field in self.fields)
                buttons = [each for each in walk(self) if isinstance(each, Submit) and each.act == action]
                return fit and any(not each.disabled and same_value(each.value, own) for each in buttons)
        return False


@dataclass(frozen=True)
class Submit(Button):
    """Asks for `act` with {...value, texts}: those of the fields of its form, by name; the `main` one by
    Enter, too.
    """

    main: bool = False

    def accepts(self, value: Any) -> bool:
        return False  # its form knows


@dataclass(frozen=True)
class Progress(Element):
    """The line of the work that has this `name`, while it is under way; *Cancel* asks for `act`."""

    name: str
    act: str

    def accepts(self, value: Any) -> bool:
        return value is None
