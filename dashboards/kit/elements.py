"""Elements that a card is made of: what the page draws, as immutable data that a test can read.

An element is sent as `message` has it; `dashboards/browser/kit` draws each kind, with one module for every
class here that is no box of others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from math import isfinite
from typing import Any, ClassVar, Literal, Union

import numpy as np

Child = Union["Element", str, None]
Children = tuple[Child, ...]
KEYS = "shift", "ctrl"  # that were down at a click


# fmt: off
Tag = Literal[
    "div", "p", "span", "b", "i", "small", "strong", "code", "header", "h2", "h3", "h4", "section", "ol",
    "ul", "li", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
    "aside", "nav", "h1", "dl", "dt", "dd",
]
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Element:
    """Attributes that all have: `look` names classes of `kit.css`, `data` is set as `data-*`."""

    kind: ClassVar[str]
    hint: str = ""  # shown where the pointer rests
    label: str = ""  # read aloud
    look: str = ""
    style: str = ""  # CSS, where a number of it is computed
    data: Mapping[str, str | int] = field(default_factory=dict)

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__.lower()

    def offers(self, action: str, value: Any) -> bool:
        """Whether a person can ask here for this action, with this very value."""
        return action == getattr(self, "act", None) and self.accepts(value)

    def accepts(self, value: Any) -> bool:
        """Whether its `act` can be asked for with this value."""
        return False

    def message(self) -> dict[str, Any]:
        """The same for the browser: what is not empty, nor false as it is by default; bytes as they are, and
        nothing for what is no finite number.
        """
        told: dict[str, Any] = {"kind": self.kind}
        kind: Any = type(self)
        for name, default in _defaults(kind):
            value = getattr(self, name)
            if value is not None and value != "" and value != {} and not (value is default is False):
                told[name] = _message(value)
        return told


@dataclass(frozen=True)
class Box(Element):
    """Others in a row, a column, a line of text, as its look has it.

    The buttons in a `roving` one are one stop of the tab key, from which arrow keys lead to the others; where
    they stand in a table, no arrow leads around its edge; a "radio" is chosen where an arrow leads. One whose
    data says that it is "alone" is a stop of its own. A list `about` something else than before begins at
    its top.
    """

    children: Children = ()
    tag: Tag = "div"
    role: str = ""
    roving: bool | Literal["table", "radio"] = False
    about: str = ""
    focusable: bool = False  # what scrolls without a button in it
    follows: str = (
        ""  # name of the pressed button of a roving one: it comes into view when another is pressed
    )
    sorted: Literal["", "ascending", "descending"] = ""  # how the column below it, a heading, is


@dataclass(frozen=True)
class Button(Element):
    """A person asks for something: `act` with `value`, or, with `keys`, with {...value, shift, ctrl}.

    `hover` is what is told with the action of that name while the pointer is on it, and None after that.
    A `shortcut` is a key of the page that does the same while the button is seen; it is drawn behind it.
    """

    children: Children = ()
    act: str = ""
    value: Any = None
    keys: bool = False
    pressed: bool | None = None
    expanded: bool | None = None
    disabled: bool = False
    hover: int | None = None
    current: bool = False  # where one is, of those that it is among
    says: str = ""  # in the place of `Read` while the pointer is on it
    shortcut: str = ""
    checked: bool | None = None  # of a switch

    def accepts(self, value: Any) -> bool:
        if self.keys:
            if not (isinstance(value, dict) and all(type(value.get(key)) is bool for key in KEYS)):
                return False
            value = {name: each for name, each in value.items() if name not in KEYS}
        return not self.disabled and same_value(self.value, value)


@dataclass(frozen=True)
class Choice(Element):
    """One of several, in a list or, with `segments`, side by side: asks for `act` with its value.

    A `local` one asks for nothing: it chooses among `Alternatives` that are `of` its act.
    """

    act: str
    options: tuple[tuple[str, str, str], ...]  # value, text, hint
    chosen: str
    segments: bool = False
    disabled: tuple[str, ...] = ()  # values that cannot be chosen; their hints say why
    local: bool = False

    def accepts(self, value: Any) -> bool:
        chosen = not self.local and any(value == option for option, _, _ in self.options)
        return chosen and value not in self.disabled


@dataclass(frozen=True)
class Slider(Element):
    """A number from 0 to `most`: asks for `act` with {name, value} when it is let go."""

    act: str
    name: str
    text: str  # before it
    value: float
    spoken: str  # the value in words
    most: float
    step: float
    disabled: bool = False

    def accepts(self, value: Any) -> bool:
        match value:
            case {"name": self.name, "value": int(number) | float(number)}:
                return not self.disabled and 0 <= number <= self.most
        return False


@dataclass(frozen=True)
class Icon(Element):
    """A line drawing: SVG path data in a square of 16."""

    path: str


@dataclass(frozen=True)
class Shelf(Element):
    """A heading, and `children` in one line below it: as many as fit; the heading tells how many."""

    title: str
    children: Children = ()
    notes: tuple[str, ...] = ()  # at the end of the heading
    none: str = ""  # said where there are no children


@dataclass(frozen=True)
class Shelves(Element):
    """Shelves one below the other; the images in frames on them are as large as all have room."""

    children: tuple[Shelf, ...]


@dataclass(frozen=True)
class Notes(Element):
    """As many of `children` as fit in one line; where that is not all, a "…" behind them has the `whole`."""

    children: Children
    whole: str = ""


@dataclass(frozen=True)
class Close(Button):
    """Puts away what a pressed button has opened: by a click, or by Escape, unless a person types."""


@dataclass(frozen=True)
class Search(Element):
    """One of many names, of which a part is typed: asks for `act` with its number, in digits, or with ""."""

    act: str
    names: tuple[str, ...]
    chosen: str
    placeholder: str

    def accepts(self, value: Any) -> bool:
        return value == "" or (isinstance(value, str) and value in map(str, range(len(self.names))))


@dataclass(frozen=True)
class HelpButton(Element):
    """A "?" that opens `what` the `subject` shows, how to use it, and what can mislead in it; being `about`
    something else closes it.
    """

    subject: str
    what: str
    use: str
    beware: str
    source: str
    about: str = ""


@dataclass(frozen=True)
class Alternatives(Element):
    """One of `children`: that in the place of the option which a local choice of the card has, at `first`
    that of the option which is chosen for a person.
    """

    of: str
    children: Children
    first: int = 0


def row(*children: Child, **look: Any) -> Box:
    """Side by side."""
    return _box("row", children, look)


def column(*children: Child, **look: Any) -> Box:
    """One below the other."""
    return _box("column", children, look)


def title(text: str) -> Box:
    """The sentence that a card says first, whole in its hint where it is cut."""
    return Box((text,), "h3", hint=text)


def text(*children: Child, tag: Tag = "span", **look: Any) -> Box:
    """Words, and what stands among them."""
    return Box(children, tag, **look)


def header(words: str, *choices: Child) -> Box:
    """The line above a card: a sentence, whole in its hint where it is cut, and choices."""
    return Box((text(words, tag="h2", look="title", hint=words), *choices), "header", look="head above")


def quiet(*children: Child, **look: Any) -> Box:
    """Words of the second rank."""
    return _box("quiet", children, look, tag="span")


def swatch(color: str) -> Box:
    """A square of a class's color."""
    return Box((), "i", look="swatch", style=f"background:{color}")


def with_label(choice: Choice) -> Box:
    """A choice behind its label, which is only read aloud where there is little room."""
    return Box((text(choice.label, look="word"), choice), "span", look="labeled")


def walk(element: Child) -> Iterator[Element]:
    """An element, and all inside it."""
    if isinstance(element, Element):
        yield element
        for child in getattr(element, "children", ()):
            yield from walk(child)


def words(element: Child) -> str:
    """All that stands in an element, in its order."""
    if isinstance(element, str):
        return element
    return "".join(words(child) for child in getattr(element, "children", ()))


def _box(name: str, children: Children, look: dict[str, Any], tag: Tag = "div") -> Box:
    return Box(children, **{"tag": tag, **look, "look": f"{name} {look.get('look', '')}".strip()})


@cache
def _defaults(kind: type[Element]) -> tuple[tuple[str, Any], ...]:
    return tuple((each.name, each.default) for each in fields(kind))


def _message(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str | bytes | int):
        return value
    if isinstance(value, Element):
        return value.message()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _message(each) for name, each in value._asdict().items()}
    if isinstance(value, Mapping):
        return {name: _message(each) for name, each in value.items()}
    return [_message(each) for each in value] if isinstance(value, tuple | list) else value


def same_value(offered: Any, asked: Any) -> bool:
    """Whether two values are equal, and none of them is a truth where the other is a number."""
    match offered, asked:
        case dict(), dict():
            return offered.keys() == asked.keys() and all(
                same_value(offered[name], asked[name]) for name in asked
            )
        case list() | tuple(), list() | tuple():
            return len(offered) == len(asked) and all(map(same_value, offered, asked))
    return bool(offered == asked) and isinstance(offered, bool) == isinstance(asked, bool)
