"""A few words in the middle of a page, or under a plot."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class Words(TypedDict):
    """Words for what is missing and what to do about it; all but the text may be empty."""

    title: str
    text: str  # lines
    command: str  # to copy
    verify: str  # query string of the page that verifies the run


class Offer(TypedDict):
    """Help of the server: the command, run by it."""

    can: bool  # whether it starts the command
    forecast: str  # how long that takes, where it is known
    refusal: str  # why it does not
    work: WorkLine | Nothing  # while it does
    waits_for: str  # while it waits
    reason: str  # why it failed the last time


class Message(Component):
    """Shows `message`, a command to copy and what the server offers to do. Actions: `run`, `cancel`."""

    message: Words | Nothing = param.Dict({}, doc="`Words`")  # type: ignore[assignment]
    offer: Offer | Nothing = param.Dict({}, doc="`Offer`")  # type: ignore[assignment]

    _esm = "widgets/message.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "message.css")]


class Caption(Component):
    """Quiet lines under a plot, each with a hint."""

    lines: list[list[str]] = param.List([], doc="[text, hint]")  # type: ignore[assignment]

    _esm = "widgets/caption.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "caption.css")]
