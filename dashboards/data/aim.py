"""The class that a change of the image under study leads to, or that its answer is held against."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.population import Population

AWAY = "away"  # in the place of a class


class Aim(NamedTuple):
    """A class, or None: away from the answer."""

    answer: int
    target: int | None
    why: str  # in a word or two


def aim(table: Population, row: int, asked: str) -> Aim:
    """The class that is asked for; else the true one of an error, the runner-up of a right answer."""
    assert table.predictions is not None
    logits = table.predictions.logits[int(table.predictions.source[row])].to_numpy()
    answer, true = int(logits.argmax()), int(table.label[row])
    if asked == AWAY:
        return Aim(answer, None, "")
    if asked.isdecimal() and len(asked) < 6 and int(asked) < table.class_count and int(asked) != answer:
        target = int(asked)
        return Aim(answer, target, "its true class" if target == true and table.labeled else "")
    if table.labeled and answer != true:
        return Aim(answer, true, "its true class")
    return Aim(answer, int(np.argsort(logits)[-2]), "its runner-up")


def aims(names: tuple[str, ...], answer: int) -> tuple[tuple[str, str], ...]:
    """(value, text) of everything that the answer may be led to."""
    others = ((str(index), f"towards {name}") for index, name in enumerate(names) if index != answer)
    return (*others, (AWAY, f"away from {names[answer]}"))


def space_shown(asked: str, there: Sequence[str]) -> str:
    """The space that is asked for, or the first there is."""
    return asked if asked in there else there[0]
