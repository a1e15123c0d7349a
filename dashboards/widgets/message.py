"""A few words in the middle of a page, or under a plot."""

from typing import ClassVar

import param

from dashboards.widgets.component import Component, source


class Message(Component):
    """Shows `message`: title, text and a command to run."""

    message: dict[str, str] = param.Dict({}, doc="`dashboards.session.needs.Missing` as a dict")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "message.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css")]


class Caption(Component):
    """Quiet lines under a plot, each with a hint."""

    lines: list[list[str]] = param.List([], doc="[text, hint]")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "caption.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "caption.css")]
