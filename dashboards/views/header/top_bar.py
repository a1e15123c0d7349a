"""The header: run, page, what is selected and how the next gesture applies, light and dark."""

from typing import ClassVar, Literal, TypedDict

import param

from dashboards.serving.transfer import Download
from dashboards.widgets.component import Component, Nothing, source


class BarState(TypedDict):
    """What the header shows, and which of its buttons do something now."""

    run: str  # id of the run shown; empty: none
    runs: list[list[str]]  # [id, text] of the latest, and of those that are sought
    listed: int  # runs that there are, if the menu has not all of them
    chosen: int  # times that a run was; the menu is drawn anew
    split: str  # whose images are shown
    splits: list[list[str]]  # [name, text] of those to choose from
    page: str
    pages: list[list[str]]  # [name, text]
    selecting: bool  # whether this page shows the selection
    selected: str  # how many images, in words
    undo: bool
    redo: bool
    clear: bool
    mode: str  # value of the `Mode` that the next gesture applies with
    query: str  # what is asked for now; empty: nothing in words
    dark: bool
    sample: int | None  # under study on this page; None: none is
    counted: str  # the images that a file would have, in words
    read_only: bool  # nobody imports, deletes or fits anything here


class Keeping(TypedDict):
    """What selections can be had back, and what is in the way of keeping one; empty: nothing is."""

    named: list[str]
    found: list[list[str]]  # [query, words] of what the check of the data found
    unkept: str  # why names stay in this session
    unsaved: str  # why no file can be saved


class ComputationLine(TypedDict):
    """A computation that a page has started, and how it goes."""

    number: int
    title: str
    run: str  # id; empty: of a first run that is not there yet
    state: Literal["waiting", "running", "done", "cancelled", "failed"]
    detail: str  # what it waits for, does, or failed at
    share: float | None  # 0 to 1; None where it is not known
    end: str  # how long it will take
    news: bool  # it has ended, and nobody has looked


class Refused(TypedDict):
    """What is wrong with the query that was typed last; `begin` and `end` are its letters at fault."""

    text: str
    begin: int
    end: int
    found: str


class TopBar(Component):
    """Actions: `run` id, `page` name, `mode` name, `undo`, `redo`, `clear`, `dark` bool, `go` query string,
    `query` text, `split` name, `steps` asks for them, `drop` index of one,
    `save` csv or npz, `name` text keeps the selection, `named` text has it back,
    `unname` text forgets it, `library` asks for the maker of pictures,
    `unpictured` text says why there is none, `cancel` number of a computation,
    `looked` at how they ended. Keys: / asks, Escape clears,
    ? tells of them.

    It also keeps the address bar: a new run or page is a step that the browser's back button takes back.
    """

    state: BarState = param.Dict({}, doc="a `BarState`")  # type: ignore[assignment]
    keeping: Keeping | Nothing = param.Dict({}, doc="`Keeping`")  # type: ignore[assignment]
    shortcuts: list[tuple[str, list[tuple[str, str]]]] = param.List(  # type: ignore[assignment]
        [], doc="of this page: title, [keys, meaning]"
    )
    computations: list[ComputationLine] = param.List([], doc="the latest first")  # type: ignore[assignment]
    refused: Refused | Nothing = param.Dict({}, doc="a `Refused`")  # type: ignore[assignment]
    words: list[list[str]] = param.List([], doc="[word, meaning] a query can have; none: none can be asked")  # type: ignore[assignment]
    example: str = param.String("", doc="what such a query may look like")  # type: ignore[assignment]
    steps: list[list[str]] = param.List([], doc="[mode, words] of each gesture, when they were asked for")  # type: ignore[assignment]
    download: Download | Nothing = param.Dict({}, doc="a `Download`, saved at once")  # type: ignore[assignment]
    saving: str = param.String("", doc="how far the file is, or why there is none")  # type: ignore[assignment]
    library: str = param.String("", doc="module that makes pictures of cards, once it was asked for")  # type: ignore[assignment]
    address: str = param.String("", doc="query string of what is seen now")  # type: ignore[assignment]

    _esm = "views/header/top_bar.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "top_bar.css")]
