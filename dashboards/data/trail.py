"""Attempts on one image: which units are silenced, and what its neighbors say at every layer."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from deepvid.engine.requests import WhatIf

Unit = tuple[str, int]
"""A layer, and a unit by its index in it."""

MOST_SILENCED = 32
_NUMBER = re.compile("[0-9]{1,8}")


class Trail(NamedTuple):
    """The way of one image through the river, as it is stored and as it is tried."""

    sample: int
    before: dict[str, int]  # class by column, where it is known
    after: dict[str, int]
    said: tuple[int, int]  # by the teacher


def trail_of(found: WhatIf) -> Trail | None:
    """None where nothing is tried."""
    if not found.drawn and not found.silenced:
        return None
    before = {each.column: each.before[0] for each in found.columns if each.before is not None}
    after = {each.column: each.after[0] for each in found.columns if each.after is not None}
    was, now = (int(logits.argmax()) for logits in found.logits)
    return Trail(found.sample, before, after, (was, now))


def written(units: Iterable[Unit]) -> str:
    """As an address has them: "stage3:9,stage2:4"."""
    return ",".join(f"{layer}:{unit}" for layer, unit in units)


def read(text: str) -> tuple[Unit, ...]:
    """The inverse, each once and at most `MOST_SILENCED`; what makes no sense is left out."""
    units = []
    for one in text.split(","):
        layer, _, number = one.rpartition(":")
        if layer and _NUMBER.fullmatch(number):
            units.append((layer, int(number)))
    return tuple(dict.fromkeys(units))[:MOST_SILENCED]
