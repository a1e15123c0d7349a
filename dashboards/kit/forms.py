"""Elements that a person types in, ticks, chooses a file with, copies from, and confirms."""

from dataclasses import dataclass
from typing import Any

from dashboards.kit.elements import Children, Element


@dataclass(frozen=True)
class Field(Element):
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

    def allows(self, value: Any) -> bool:
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

    def allows(self, value: Any) -> bool:
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

    def allows(self, value: Any) -> bool:
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
    fails it asks for `act` with {file, fault}. Nothing in it can be used meanwhile.
    """

    children: Children
    act: str
    link: str = ""
    accept: str = ""  # ends of names
    disabled: bool = False

    def allows(self, value: Any) -> bool:
        match value:
            case {"file": str(), "fault": str(), **rest} | {"file": str(), **rest}:
                return not (self.disabled or rest)
        return False


@dataclass(frozen=True)
class FileButton(Element):
    """Chooses the file of the `Upload` around it."""

    children: Children
