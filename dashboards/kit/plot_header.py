"""The line above or below a plot: a sentence, choices, a legend, quiet numbers."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NotRequired, TypedDict

import param

from dashboards.kit import elements
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, HelpButton, Notes, swatch, text, with_label
from dashboards.widgets.component import Actions


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
    subject: str  # what its help is about
    badge: str | None  # what is partial, and why
    notes: list[list[str]]  # [text, hint]
    legend: list[list[str]]  # [name, color]
    choices: list[Choice]
    switches: list[list[Any]]  # [name, text, hint, whether it is on]


class PlotHeader(CardComponent):
    """Shows `bar`. Its one action is `choose`: `[name, value]` of a choice, `["show", name]` of a switch."""

    bar: Bar = param.Dict({}, doc="a `Bar`")  # type: ignore[assignment]

    def __init__(self, actions: Actions, **params: Any) -> None:
        super().__init__({}, "plot-header", **params)
        self._choose = actions.get("choose")
        self.param.watch(self._draw, ["bar", "help"])
        self._draw()

    def _draw(self, *_: Any) -> None:
        names = ["show", *(choice["name"] for choice in self.bar.get("choices", ()))]
        self._actions = {name: partial(self._ask, name) for name in names}
        told: Any = self.help
        explained = HelpButton(self.bar.get("subject", "this plot"), **told) if told else None
        self.draw(Box((*_parts(self.bar), explained), look="plot-line"))

    def _ask(self, name: str, value: Any) -> None:
        if self._choose is not None:
            self._choose([name, value])


def _parts(bar: Bar) -> Iterator[Child]:
    if (title := bar.get("title")) is not None:
        yield text(title, tag="h2", look="title", hint=title)
    if badge := bar.get("badge"):
        yield text("partial", look="partial", hint=badge)
    notes, legend = bar.get("notes", []), bar.get("legend", [])
    if notes or legend:
        kinds = (text(swatch(color), name) for name, color in legend)
        numbers = (text(words, look="note", hint=hint) for words, hint in notes)
        yield Notes((*kinds, *numbers), "\n".join(words for words, _ in notes), look="line quiet")
    for choice in bar.get("choices", ()):
        yield _choice(choice)
    if switches := bar.get("switches"):
        yield Box(tuple(map(_switch, switches)), role="group", label="What is shown", look="segmented")


def _switch(switch: list[Any]) -> Button:
    name, words, hint, on = switch
    return Button((words,), "show", name, pressed=on, hint=hint)


def _choice(choice: Choice) -> Box | elements.Choice:
    menu, label = choice.get("menu", False), choice["label"]
    options = tuple((value, words, hint[0] if hint else "") for value, words, *hint in choice["options"])
    made = elements.Choice(choice["name"], options, choice["value"], not menu, label=label)
    return with_label(replace(made, hint=label)) if menu else made
