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


@dataclass(frozen=True)
class Entry(Element):
    """A line to type in: asks for `act` with {text, entered}, on Enter or when it is left.

    One that is `live` also asks while a person types, which is not `entered`; one with a `button` asks when
    that is pressed, and for nothing empty. It is empty again when it is `about` something else than before.
    """

    act: str
    placeholder: str
    live: bool = False
    button: str = ""
    about: str = ""
    most: int = 1000  # letters
    disabled: bool = False

    def accepts(self, value: Any) -> bool:
        match value:
            case {"text": str(text), "entered": bool(), **rest}:
                lacking = bool(self.button) and not text.strip()
                return not (self.disabled or rest or lacking) and len(text) <= self.most
        return False


@dataclass(frozen=True)
class Check(Element):
    """A box to tick, with `children` as its words: asks for `act` with {name, checked}."""

    children: Children
    act: str
    name: str
    checked: bool

    def accepts(self, value: Any) -> bool:
        match value:
            case {"name": self.name, "checked": bool(), **rest}:
                return not rest
        return False


@dataclass(frozen=True)
class Line(Element):
    """A row of a table that can be chosen: asks for `act` with {value, twice} by a click, two, or Enter.

    Up and down lead to the rows beside it.
    """

    children: Children
    act: str
    value: str
    selected: bool = False

    def accepts(self, value: Any) -> bool:
        match value:
            case {"value": self.value, "twice": bool(), **rest}:
                return not rest
        return False


@dataclass(frozen=True)
class Confirm(Element):
    """A `button` that asks before anything is done: its children are the question and the answers.

    The buttons among them, and that which does nothing, `keep`, put the question away.
    """

    children: Children
    button: str
    keep: str
    about: str = ""  # about something else it asks no longer
    disabled: bool = False


@dataclass(frozen=True)
class Copy(Element):
    """A button that puts `content` on the clipboard."""

    children: Children
    content: str


@dataclass(frozen=True)
class Link(Element):
    """Leads to `href`; or saves it as `download`, once without a click where it says `at_once`."""

    children: Children
    href: str
    download: str = ""
    at_once: bool = False


@dataclass(frozen=True)
class Moment(Element):
    """A time, ISO 8601, as the clock of who looks has it."""

    time: str


@dataclass(frozen=True)
class Upload(Element):
    """A place for a file, dropped on it or chosen by a `FileButton` among its children.

    It asks for `act` with {file}, its name, and posts the file to the next `link` that it gets; where that
    fails it asks for `act` with {file, fault}. Nothing in it can be used meanwhile. With an `event` it also
    takes files that are dropped or pasted anywhere on the page, and a `Signal` of that event chooses one.
    """

    children: Children
    act: str
    link: str = ""
    accept: str = ""  # ends of names
    event: str = ""
    disabled: bool = False

    def accepts(self, value: Any) -> bool:
        match value:
            case {"file": str(), "fault": str(), **rest} | {"file": str(), **rest}:
                return not (self.disabled or rest)
        return False


@dataclass(frozen=True)
class FileButton(Element):
    """Chooses the file of the `Upload` around it."""

    children: Children


@dataclass(frozen=True)
class Dialog(Element):
    """Lies over the page and has its keys, but where a person types: each asks for an act with a value."""

    children: Children
    keys: tuple[tuple[str, str, Any], ...]  # key as a browser names it, small; act, value

    def offers(self, action: str, value: Any) -> bool:
        return any(action == act and same_value(own, value) for _, act, own in self.keys)
