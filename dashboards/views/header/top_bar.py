"""The header: run, page, what is selected and how the next gesture applies, light and dark."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class TopBar(Component):
    """Actions: `run` id, `page` name, `mode` name, `undo`, `redo`, `clear`, `dark` bool, `go` query string.

    It also keeps the address bar: a new run or page is a step that the browser's back button takes back.
    """

    state: dict[str, Any] = param.Dict(
        {},
        doc="run, runs [[id, text]], page, pages [[name, text]], selected (text), undo, redo, clear (bools), "
        "mode, dark",
    )  # type: ignore[assignment]
    address: str = param.String("", doc="query string of what is seen now")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "top_bar.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "top_bar.css")]
