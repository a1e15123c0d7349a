"""Below a map whose colors are a scale: its legend and a histogram, each part of which selects."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


class Chip(TypedDict):
    """One verdict, or one word of a category."""

    verdict: int  # -1: it is none
    name: str
    color: str
    count: int  # of the selection
    what: str  # what a click asks for
    chosen: bool  # it is what is selected


class Bin(TypedDict):
    """One bar, in students or images."""

    all: list[int]  # by the order of `Scale.colors`
    selected: list[int]
    hint: str
    what: list[float] | str
    chosen: bool


class Scale(TypedDict):
    """What the bar shows."""

    about: str
    colors: list[str]
    chips: list[Chip]  # the most trusted first, or the commonest; none of a number
    bins: list[Bin]  # ascending; none of a category
    ticks: list[tuple[str, float]]  # share of the width
    rooted: bool  # heights are by the square root, as where one bar has nearly all
    masked: bool  # something is selected


class Picked(TypedDict):
    """A message: a person has clicked a part."""

    what: str | list[float]
    shift: bool
    ctrl: bool


class ScaleBar(Component):
    """Its one action is `pick`, with `Picked`."""

    scale: Scale | Nothing = param.Dict({}, doc="`Scale`")  # type: ignore[assignment]

    _esm = "views/map/scale_bar.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "scale_bar.css")]
