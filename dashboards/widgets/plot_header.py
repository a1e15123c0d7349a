"""The line above or below a plot: a sentence, choices, a legend, quiet numbers."""

from typing import Any, ClassVar, NotRequired, TypedDict

import param

from dashboards.widgets.component import Component, source


class Choice(TypedDict):
    """One of several values to choose, in a row of buttons or a menu."""

    name: str
    label: str  # what a person, or a screen reader, reads beside it
    value: str  # chosen now
    options: list[list[str]]  # [value, text], and of a button its hint
    menu: NotRequired[bool]  # a row of buttons where it is not given


class Bar(TypedDict, total=False):
    """The line; what is not given takes no room."""

    title: str  # a sentence
    badge: str | None  # what is partial, and why
    notes: list[list[str]]  # [text, hint]
    legend: list[list[str]]  # [name, color]
    choices: list[Choice]
    switches: list[list[Any]]  # [name, text, hint, whether it is on]


class PlotHeader(Component):
    """Shows `bar`. Its one action is `choose`: `[name, value]` of a choice, `["show", name]` of a switch."""

    bar: Bar = param.Dict({}, doc="a `Bar`")  # type: ignore[assignment]

    _esm = "widgets/plot_header.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "plot_header.css")]
