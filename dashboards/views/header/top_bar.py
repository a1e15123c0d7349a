"""The header: run, page, what is selected and how the next gesture applies, light and dark."""

from typing import ClassVar, TypedDict

import param

from dashboards.widgets.component import Component, source


class BarState(TypedDict):
    """What the header shows, and which of its buttons do something now."""

    run: str  # id of the run shown; empty: none
    runs: list[list[str]]  # [id, text]
    chosen: int  # times that a run was; the menu is drawn anew
    page: str
    pages: list[list[str]]  # [name, text]
    selected: str  # how many images, in words
    undo: bool
    redo: bool
    clear: bool
    mode: str  # value of the `Mode` that the next gesture applies with
    dark: bool
    read_only: bool  # nobody imports, deletes or fits anything here


class TopBar(Component):
    """Actions: `run` id, `page` name, `mode` name, `undo`, `redo`, `clear`, `dark` bool, `go` query string.

    It also keeps the address bar: a new run or page is a step that the browser's back button takes back.
    """

    state: BarState = param.Dict({}, doc="a `BarState`")  # type: ignore[assignment]
    address: str = param.String("", doc="query string of what is seen now")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "top_bar.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "top_bar.css")]
