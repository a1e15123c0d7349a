"""What is printed is text: names, paths and journals come from strangers, and stand there as they are."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

PLAIN_WIDTH = 160  # columns of a table that goes to a file or a pipe
_COMMANDS = ("Cc", "Cs", "Zl", "Zp")  # control, half of a pair, other ends of a line
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """`text` with what a terminal would obey, or not show, as Python writes it: `\\x1b[31m`.

    Ends of lines and tabs stay.
    """
    return "".join(letter if _is_text(letter) else ascii(letter)[1:-1] for letter in text)


def _is_text(letter: str) -> bool:
    if letter in "\n\t":
        return True
    return unicodedata.category(letter) not in _COMMANDS and letter not in _DIRECTIONS


class Terminal(Console):
    """Rich's console without markup and emoji codes; styles are those of `Text`."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def open_console() -> Terminal:
    """Standard output: as wide as the terminal, or wide enough that a table in a pipe keeps whole words."""
    console = Terminal()
    return console if console.is_terminal else Terminal(width=PLAIN_WIDTH)
