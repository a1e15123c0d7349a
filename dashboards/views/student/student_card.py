"""What a student says of one image: maps on one diverging scale, beside how far it can be trusted."""

from typing import ClassVar

import param

from dashboards.views.student.shapes import Absent, Drawn
from dashboards.widgets.component import Component, Nothing, source


class StudentCard(Component):
    """Shows `card` and its `maps`. Actions: `fit` asks for the missing student, `settings` key chooses one.

    `maps` is int8: for each fit the weights (class, y, x) then the weights x input (class, y, x), all in
    127ths of the fit's scale; last the neighborhood gradient (y, x) in 127ths of its own.
    """

    card: Drawn | Absent | Nothing = param.Dict({}, doc="`Drawn` or `Absent`")  # type: ignore[assignment]
    maps: bytes = param.Bytes(b"")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "student_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "student_card.css")]
