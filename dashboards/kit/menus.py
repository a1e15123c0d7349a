"""Elements of what stands above a page: menus, words that ask for images, and the page itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.kit.elements import Button, Children, Element


@dataclass(frozen=True)
class KeyButton(Button):
    """A button that a key presses, too, wherever the focus is, but where a person types."""

    shortcut: str = ""  # as "Ctrl Shift Z, Ctrl Y"


@dataclass(frozen=True)
class Menu(Element):
    """A button that opens `children` beside itself, above all else, until Escape or a click elsewhere.

    It asks for `act` with whether it is open. What is inside with "closes" in its data closes it, and so does
    being `about` something else than before.
    """

    children: Children
    face: Children  # drawn on the button
    act: str = ""
    name: str = ""  # of what it opens, read aloud; empty: it is a note
    opened: str = ""  # classes of what it opens
    about: str = ""
    enters: bool = False  # the focus goes to the first button inside
    disabled: bool = False
    shortcut: str = ""  # key that opens and closes it

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool) and not self.disabled


@dataclass(frozen=True)
class Nav(Element):
    """Places to be, of which one is `chosen`: asks for `act` with its name. That is marked at once."""

    act: str
    options: tuple[tuple[str, str], ...]  # name, text
    chosen: str

    def accepts(self, value: Any) -> bool:
        return any(value == name for name, _ in self.options)


@dataclass(frozen=True)
class Tabs(Element):
    """Answers to one question, of which one is seen: asks for `act` with the name of another."""

    act: str
    options: tuple[tuple[str, str], ...]  # name, title
    chosen: str
    shortcuts: tuple[str, ...] = ()  # keys that open them, wherever the focus is

    def accepts(self, value: Any) -> bool:
        return any(value == name for name, _ in self.options)


class Refusal(NamedTuple):
    """Why a query cannot be asked: the letters from `begin` to `end` are at fault."""

    text: str
    begin: int
    end: int
    why: str


@dataclass(frozen=True)
class Query(Element):
    """A line to type a query in, completed from a list of its card: asks for `act` with it."""

    act: str
    words: str  # name of the list, of [word, meaning]
    placeholder: str
    current: str = ""  # that is asked now
    refusal: Refusal | None = None  # of what was typed last
    shortcut: str = ""  # key that leads to it

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str)


@dataclass(frozen=True)
class Share(Element):
    """The page's own address with the query string `query`, to copy, and who can open it."""

    query: str


class TourStep(NamedTuple):
    """A title, a sentence, and selectors of what it is about, of which the first that is seen holds."""

    title: str
    text: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Tour(Element):
    """Leads through `steps` beside their targets until it is put away for good; a `Signal` of `event` begins
    it again.
    """

    steps: tuple[TourStep, ...]
    event: str


@dataclass(frozen=True)
class Signal(Element):
    """A button that tells other cards of the page `event`."""

    children: Children
    event: str
    disabled: bool = False


@dataclass(frozen=True)
class Window(Element):
    """Draws nothing, but keeps what is around all cards: colors, the address, room, pictures of cards.

    It asks for `act` with {go}, a query string to return to; {library}, for the maker of pictures, which
    comes as the list "library" of its card; or {fault}, why there is no picture.
    """

    act: str
    query: str  # of what is seen; another run or page is a step that the browser takes back
    dark: bool
    run: str  # id, in the names of pictures
    shortcuts: Mapping[str, str]  # keys that are heard on the whole page, by what they do

    def accepts(self, value: Any) -> bool:
        match value:
            case {"go": str(), **rest} | {"library": True, **rest} | {"fault": str(), **rest}:
                return not rest
        return False
