"""The chosen run: its head, tabs, and the card of the tab that is open."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class RunPanel(Component):
    """Actions: `open`, `tab` name, `cancel`, `prepare` [parts left out], `verify`, `other` id, `delete`."""

    tabs: list[Any] = param.List([], doc="[name, label]")  # type: ignore[assignment]
    tab: str = param.String("")  # type: ignore[assignment]
    head: dict[str, Any] = param.Dict({}, doc="id, state, facts, readable; empty: nothing is chosen")  # type: ignore[assignment]
    card: dict[str, Any] = param.Dict({}, doc="tab it belongs to, title, text, fault, and what the tab shows")  # type: ignore[assignment]
    work: dict[str, Any] = param.Dict({}, doc="text, detail, share, end; empty while nothing is under way")  # type: ignore[assignment]

    _esm = source(
        __file__, "dom.js", "format.js", "work.js", "../provenance/tab.js", "../download/tab.js",
        "../verify/tab.js", "../compare/tab.js", "../delete/tab.js", "run_panel.js",
    )  # fmt: skip
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "run_panel.css")]
