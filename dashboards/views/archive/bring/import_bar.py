"""Where an archive comes in: a file dropped or chosen, a path, an address."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class ImportBar(Component):
    """Actions: `offer` file name (answered with a new `link` to post it to), `from` path or address,
    `cancel`, `dismiss` what the last import said.
    """

    bar: dict[str, Any] = param.Dict({}, doc="refused, done (id of the new run), fault")  # type: ignore[assignment]
    work: dict[str, Any] = param.Dict({}, doc="text, detail, share, end; empty while nothing is under way")  # type: ignore[assignment]
    link: str = param.String("", doc="relative to the page; good for one file")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "format.js", "work.js", "import_bar.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "work.css", "import_bar.css")]
