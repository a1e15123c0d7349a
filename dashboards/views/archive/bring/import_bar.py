"""Where an archive comes in: a file dropped or chosen, a path, an address."""

from typing import ClassVar, NotRequired, TypedDict

import param

from dashboards.widgets.component import Component, Nothing, source
from dashboards.widgets.work import Fault, WorkLine


class NamedFault(Fault):
    """What went wrong with one import."""

    name: str  # of the file, or its address


class Outcome(TypedDict):
    """What can be imported, and what came of the last import."""

    refused: str  # why nothing can be; empty where something can
    done: str  # id of the new run; empty: there is none
    fault: NotRequired[NamedFault]


class ImportBar(Component):
    """Actions: `offer` file name (answered with a new `link` to post it to), `from` path or address,
    `cancel`, `dismiss` what the last import said.
    """

    bar: Outcome = param.Dict({}, doc="an `Outcome`")  # type: ignore[assignment]
    work: WorkLine | Nothing = param.Dict({}, doc="empty while nothing is under way")  # type: ignore[assignment]
    link: str = param.String("", doc="relative to the page; good for one file")  # type: ignore[assignment]

    _esm = "views/archive/bring/import_bar.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "import_bar.css")]
