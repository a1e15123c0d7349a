"""A quiet line of what is wrong with the data; each part selects its images."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


class Part(TypedDict):
    """One kind of finding."""

    word: str  # in a query
    text: str
    hint: str
    grave: bool  # it makes the test accuracy too good
    chosen: bool  # its images are what is selected


class Line(TypedDict):
    """The line."""

    parts: list[Part]


class FindingsLine(Component):
    """Shows `line`; an empty one takes no room. Action: `select` {word, shift, ctrl}."""

    line: Line | Nothing = param.Dict({}, doc="a `Line`")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "findings_line.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "findings_line.css")]
