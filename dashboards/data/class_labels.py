"""Class names cut to a width: those that differ stay different, in every view in the same way."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise, takewhile

CUT = "…"


@lru_cache(maxsize=64)
def shortened(names: tuple[str, ...], longest: int) -> tuple[str, ...]:
    """The names in at most `longest` letters each, of which there are 5 or more.

    What fits is kept. The others lose their end; where that leaves two alike, their middle; else all but
    the word that tells them apart; at last they are numbered.
    """
    neighbor, way = _neighbors(names), {name: 0 for name in names if len(name) > longest}
    while True:
        short = {
            name: _WAYS[way[name]](name, longest, neighbor[name], number) if name in way else name
            for number, name in enumerate(names)
        }
        count = Counter(short.values())
        alike = [name for name in way if count[short[name]] > 1 and way[name] < len(_WAYS) - 1]
        if not alike:
            return tuple(short[name] for name in names)
        for name in alike:
            way[name] += 1


def _neighbors(names: tuple[str, ...]) -> dict[str, int]:
    """How many letters each name shares with the one that begins most like it."""
    ordered = sorted(set(names))
    shared = [0, *(_alike(*pair) for pair in pairwise(ordered)), 0]
    return {name: max(shared[at], shared[at + 1]) for at, name in enumerate(ordered)}


def _alike(first: str, second: str) -> int:
    """How many letters two names begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _without_end(name: str, longest: int, shared: int, number: int) -> str:
    if name[longest - 2 : longest].isdigit():  # 120 must not be read as 12
        return _telling_word(name, longest, shared, number)
    return name[: longest - 1].rstrip() + CUT


def _without_middle(name: str, longest: int, *_: int) -> str:
    tail = (longest - 1) // 2
    return name[: longest - 1 - tail].rstrip() + CUT + name[len(name) - tail :].lstrip()


def _telling_word(name: str, longest: int, shared: int, _: int) -> str:
    """`lim…70…`: the beginning, and the word in which it differs from its neighbor."""
    first = name.rfind(" ", 0, shared) + 1
    space = name.find(" ", shared)
    word = name[first : space if space >= 0 else len(name)]
    if len(word) > longest - 2:
        word = name[shared : shared + longest - 2] or name[2 - longest :]
    end = "" if name.endswith(word) else CUT
    return name[: longest - len(word) - len(end) - 1].rstrip() + CUT + word + end


def _numbered(name: str, longest: int, _: int, number: int) -> str:
    return name[: max(0, longest - 1 - len(str(number)))] + CUT + str(number)


_WAYS: tuple[Callable[[str, int, int, int], str], ...] = (
    _without_end,
    _without_middle,
    _telling_word,
    _numbered,
)
