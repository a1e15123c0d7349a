"""The line above or below a plot: a sentence, choices, a legend, quiet numbers."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class PlotBar(Component):
    """Shows `bar`. Its one action is `choose`, with `[choice, value]`.

    `title` a sentence; `badge` what is partial; `notes` [[text, hint], ...]; `legend` [[name, color], ...];
    `choices` [{name, label, value, options: [[value, text, hint], ...], menu}, ...], as a menu or a row of
    buttons. Each may be missing.
    """

    bar: dict[str, Any] = param.Dict({})  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "plot_bar.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "plot_bar.css")]
