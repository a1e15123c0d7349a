"""One line under the header: what the run is doing, or what became of it."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class StatusStrip(Component):
    """Shows `strip`: kind (running, failed, interrupted, notice), text, detail, command, share (0 to 1, or
    null where unknown), partial. An empty one takes no room. Action: `dismiss`, of a notice.

    By itself it says when the server does not answer, and loads the page anew when it does.
    """

    strip: dict[str, Any] = param.Dict({})  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "status_strip.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "status_strip.css")]
