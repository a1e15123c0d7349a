"""One line under the header: what the run is doing, or what became of it."""

from typing import ClassVar, Literal, NotRequired, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source


class Offer(TypedDict, total=False):
    """Command that goes on with a run."""

    command: str  # that mends it
    can: bool  # whether the server runs it
    refusal: str  # why it does not


class Strip(Offer):
    """The line; only one of a run that is running has a bar, a share and an end."""

    kind: Literal["running", "failed", "interrupted", "stopped", "notice"]
    text: str
    detail: str
    share: NotRequired[float | None]  # 0 to 1; None where it is not known
    partial: NotRequired[str | None]  # what of the page is not final yet
    end: NotRequired[str]  # how long it will take
    cancel: NotRequired[bool]  # whether it can be cancelled here


class StatusStrip(Component):
    """Shows `strip`; an empty one takes no room. Actions: `dismiss`, of a notice, `run`, `cancel`.

    By itself it says when the server does not answer, and loads the page anew when it does.
    """

    strip: Strip | Nothing = param.Dict({}, doc="a `Strip`")  # type: ignore[assignment]

    _esm = "views/progress/status_strip.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "status_strip.css")]
