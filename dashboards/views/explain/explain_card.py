"""Why one class rather than another: the truest methods side by side, and every class in a drawer."""

from typing import ClassVar

import param

from dashboards.views.explain.shapes import Absent, Course, Drawn, Front
from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import WorkLine


class ExplainCard(Component):
    """Shows `card` and its `maps`, what tuning found (`front`), an optimizer's `course`, and what goes on.

    Actions: `fit` asks for a student with settings (name -> text; none: the run's own), `cancel` gives it
    up; `tune` sample tries settings around the run's own, `leave` gives that up; `follow` [sample, settings]
    draws an optimizer's curve, `stop` gives that up; `settings` key chooses one of several, `overlay` lays
    a method (its name; empty: none) over the image.

    `maps` is int8: the pictures (y, x) in 127ths of their common end, then for each fit the weights
    (class, y, x) and the contributions (class, y, x), each of the two in 127ths of a scale of its own; of an
    image in color the same of every fit's `channels`.
    """

    card: Drawn | Absent | Nothing = param.Dict({}, doc="`Drawn` or `Absent`")  # type: ignore[assignment]
    maps: bytes = param.Bytes(b"")  # type: ignore[assignment]
    front: Front | Nothing = param.Dict({}, doc="`Front`: what tuning found of the image; empty: nothing")  # type: ignore[assignment]
    course: Course | Nothing = param.Dict({}, doc="`Course`: the image's last curve; empty: none")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="the fit under way, whichever image it is of")  # type: ignore[assignment]
    tuning: WorkLine | Nothing = param.Dict({}, doc="the tuning under way, whichever image it is of")  # type: ignore[assignment]
    following: WorkLine | Nothing = param.Dict({}, doc="the curve under way, whichever image it is of")  # type: ignore[assignment]

    _esm = "views/explain/explain_card.js"
    _stylesheets: ClassVar[list[str]] = [
        source(__file__, "base.css", "work.css", "explain_card.css", "tuning.css", "curve.css")
    ]
