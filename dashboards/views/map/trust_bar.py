"""Below a map colored by trust: its legend, which counts, and a histogram; each part of it selects."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


class Chip(TypedDict):
    """One verdict."""

    verdict: int
    name: str
    color: str
    count: int  # of the selection
    what: str  # what a click asks for
    chosen: bool  # it is what is selected


class Bin(TypedDict):
    """One bar, in students."""

    all: list[int]  # by the order of `Trusting.chips`
    selected: list[int]
    hint: str
    what: list[float]
    chosen: bool


class Trusting(TypedDict):
    """What the bar shows."""

    chips: list[Chip]  # the most trusted first
    bins: list[Bin]  # ascending
    ticks: list[tuple[str, float]]  # share of the width
    masked: bool  # something is selected


class Picked(TypedDict):
    """A message: a person has clicked a part."""

    what: str | list[float]
    shift: bool
    ctrl: bool


class TrustBar(Component):
    """Its one action is `pick`, with `Picked`."""

    trust: Trusting | Nothing = param.Dict({}, doc="`Trusting`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "badge.js", "trust_bar.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "trust_bar.css")]
