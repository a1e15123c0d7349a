"""The confusion matrix of what is selected; a click on a cell, a row's or a column's name selects it."""

from typing import Any, NamedTuple

import panel as pn
import param
from bokeh.events import DoubleTap, Tap

from dashboards.data.captions import Tally, confusion_sentence, tally
from dashboards.data.population import Population
from dashboards.session.selection import Gesture, Mask, Step, Steps
from dashboards.session.session import Session
from dashboards.theme import Palette, palette
from dashboards.views.confusion import plot
from dashboards.views.confusion.table import Matrix, matrix
from dashboards.widgets.empty import empty
from dashboards.widgets.modifiers import mode_of
from dashboards.widgets.plot_bar import PlotBar

_UNITS = [
    ["counts", "count", "How many images a cell holds"],
    ["rates", "rate", "Percent of the images of a true class"],
]


class Prepared(NamedTuple):
    """What the matrix will show for a mask."""

    table: Population | None
    counted: Matrix | None
    found: Tally | None


class ConfusionView(pn.viewable.Viewer):
    """Shows counts or rates; with a selection the counts under it, and the totals beside them."""

    session: Session = param.Parameter()  # type: ignore[assignment]
    unit: str = param.Selector(default="counts", objects=["counts", "rates"])  # type: ignore[assignment]

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(session=session, **params)
        self._parts: plot.Parts | None = None
        self._painted: Palette | None = None  # the theme its figure has
        self._names: tuple[str, ...] = ()
        self._top = PlotBar({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self._panel = pn.Column(self._top, self._body, sizing_mode="stretch_both", margin=0)
        session.linker.views.append(self)
        session.navigation.param.watch(self._redraw, "dark")
        self.param.watch(self._redraw, "unit")
        self.publish(self.prepare(session.selection.mask))

    def __panel__(self) -> pn.Column:
        return self._panel

    def prepare(self, mask: Mask | None) -> Prepared:
        """Counts under a mask; runs in a thread."""
        table = self.session.population
        if table is None:
            return Prepared(None, None, None)
        return Prepared(table, matrix(table, mask), tally(table, mask))

    def publish(self, prepared: Prepared) -> None:
        """Writes counts, outlines and the sentence."""
        table, counted, found = prepared
        if table is None or counted is None or found is None:
            self._parts = None
            self._top.bar = {"title": "Confusion matrix"}
            self._body[:] = [empty("The confusion matrix appears after the teacher's first epoch.")]
            return
        parts = self._figure(table)
        theme = palette(self.session.navigation.dark)
        if theme is not self._painted:
            plot.paint(parts, theme)
            self._painted = theme
        plot.explain(parts, counted)
        parts.cells.data, parts.numbers.data = plot.fill(counted, self.unit, theme)
        parts.outlines.data = plot.outlines(_cells(self.session.selection.steps), table.class_count)
        self._top.bar = {
            "title": confusion_sentence(table, self.session.selection.steps, found),
            "badge": table.partial and f"partial: {table.partial}",
            "choices": [
                {"name": "unit", "label": "Unit of the cells", "value": self.unit, "options": _UNITS}
            ],
        }

    def _figure(self, table: Population) -> plot.Parts:
        if self._parts is None or self._names != table.class_names:
            self._names = table.class_names
            self._parts, self._painted = plot.build(table.class_names), None
            for event in (Tap, DoubleTap):  # a second click soon after is a double one, wherever it is
                self._parts.figure.on_event(event, self._tap)  # type: ignore[arg-type]
            self._body[:] = [pn.pane.Bokeh(self._parts.figure, sizing_mode="stretch_both", margin=0)]
        return self._parts

    def _tap(self, event: Tap) -> None:
        cells = plot.cell_at(event.x, event.y, len(self._names))
        if not cells:
            return
        mode = mode_of(event.modifiers) or self.session.selection.mode
        steps = self.session.selection.after(Step(mode, Gesture("cells", cells)))
        if steps != self.session.selection.steps:
            self.session.select(steps[-1])
        elif not isinstance(event, DoubleTap):
            self.session.clear()  # a second click on what is selected lets it go

    def _choose(self, choice: list[str]) -> None:
        self.unit = choice[1]

    def _redraw(self, *_: Any) -> None:
        prepared = self.prepare(self.session.selection.mask)
        with pn.io.hold(self.session.document):
            self.publish(prepared)


def _cells(steps: Steps) -> list[list[int]]:
    return [cell for step in steps if step.gesture.kind == "cells" for cell in step.gesture.value]
