"""Below a map whose colors are a scale: its legend and a histogram, each part of which selects."""

from math import sqrt
from typing import Any, NamedTuple

from dashboards.kit.elements import Box, Button, Child, text


class Chip(NamedTuple):
    """One verdict, or one word of a category."""

    name: str
    mark: Child
    images: int  # of the selection
    what: str  # what a click asks for
    chosen: bool  # it is what is selected


class Bin(NamedTuple):
    """One bar, in students or images."""

    all: list[int]  # by the order of `Scale.colors`
    selected: list[int]
    hint: str
    what: list[float] | str
    chosen: bool


class Scale(NamedTuple):
    """What the bar shows."""

    about: str
    masked: bool  # something is selected
    chips: tuple[Chip, ...] = ()  # the most trusted first, or the commonest; none of a number
    bins: tuple[Bin, ...] = ()  # ascending; none of a category
    colors: tuple[str, ...] = ()
    ticks: tuple[tuple[str, float], ...] = ()  # share of the width
    rooted: bool = False  # heights are by the square root, as where one bar has nearly all


def scale_bar(scale: Scale) -> Box:
    """Asks for `pick` {what, shift, ctrl}."""
    most = max((sum(each.all) for each in scale.bins), default=0) or 1
    bars = Box(
        tuple(_bar(each, scale, most) for each in scale.bins), role="group", label="Histogram", look="bars"
    )
    ticks = Box(tuple(_tick(*tick) for tick in scale.ticks), look="axis quiet", hint=scale.about)
    chips = Box(tuple(map(_chip, scale.chips)), role="group", label="Groups of the colors", look="chips")
    parts = (Box((bars, ticks), look="histogram") if scale.bins else None, chips if scale.chips else None)
    return Box(parts, look="parts")


def _chip(chip: Chip) -> Button:
    count = text(f"{chip.images:,}", tag="b")
    return _pick((chip.mark, chip.name, count), chip, look="chip", hint=f"Select: {chip.name}")


def _bar(each: Bin, scale: Scale, most: int) -> Button:
    def stack(counts: list[int], look: str) -> Box:
        shares = (sqrt(count / most) if scale.rooted else count / most for count in counts)
        parts = zip(shares, scale.colors, strict=True)
        styles = (f"height:{100 * share:.5g}%;background:{color}" for share, color in parts)
        return Box(tuple(Box((), "i", style=style) for style in styles), "span", look=f"stack {look}")

    behind = stack(each.all, "behind") if scale.masked else None
    hint = {"hint": each.hint, "label": each.hint}
    return _pick((behind, stack(each.selected, "")), each, look="bin", disabled=not any(each.all), **hint)


def _pick(children: tuple[Child, ...], part: Chip | Bin, **look: Any) -> Button:
    return Button(children, "pick", {"what": part.what}, keys=True, pressed=part.chosen, **look)


def _tick(words: str, share: float) -> Box:
    return text(words, style=f"left:{100 * share:.5g}%" + ("" if share else ";transform:none"))
