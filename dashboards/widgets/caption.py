"""Quiet lines under a plot, each with a hint."""

from typing import ClassVar

import param

from dashboards.widgets.component import Component, source


class Caption(Component):
    """Shows `lines`."""

    lines: list[list[str]] = param.List([], doc="[text, hint]")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "caption.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "caption.css")]
