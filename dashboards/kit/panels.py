"""Elements that open, and those that a person types in."""

from dataclasses import dataclass
from typing import NamedTuple

from dashboards.kit.elements import Button, Children, Element


@dataclass(frozen=True)
class Fold(Element):
    """A `summary` that opens `children`; whether they are open is remembered by its `name`."""

    name: str
    summary: Children
    children: Children = ()


@dataclass(frozen=True)
class Flyout(Element):
    """A button with `text` that opens `children` beside it, until something in them is asked for.

    Escape closes it, too, and another image that it is `about`. It opens by itself when it `warns`.
    """

    text: str
    about: str
    children: Children = ()
    warns: str = ""


@dataclass(frozen=True)
class Sheet(Element):
    """Lies over a card and has its keys: Escape asks for `act`, which closes it. What was typed in it is
    forgotten then.
    """

    act: str
    children: Children = ()


class TextField(NamedTuple):
    """A text that a person types, or chooses where there are `choices`."""

    name: str
    label: str
    text: str
    choices: tuple[str, ...] = ()
    hint: str = ""
    implied: tuple[tuple[str, str, str], ...] = ()  # [choice, field, text]: what another one gets with it


@dataclass(frozen=True)
class TextForm(Element):
    """Fields above `children`; what was typed is remembered until it is `about` something else."""

    fields: tuple[TextField, ...]
    about: str
    children: Children = ()


@dataclass(frozen=True)
class FormButton(Button):
    """Asks for `act` with {...value, texts}: those of the fields of its form, by name; the `main` one by
    Enter, too.
    """

    main: bool = False


@dataclass(frozen=True)
class Progress(Element):
    """The line of the work that has this `name`, while it is under way; *Cancel* asks for `act`."""

    name: str
    act: str
