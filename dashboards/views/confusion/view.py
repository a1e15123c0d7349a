"""The confusion matrix of what is selected; a click on a cell, a row's or a column's name selects it."""

from typing import Any, ClassVar, NamedTuple

import panel as pn
from bokeh.events import KeyModifiers, PointEvent

from dashboards.data.class_groups import MANY, cells_between, shown_words
from dashboards.data.population import Population
from dashboards.session import needs
from dashboards.session.gestures import Cells
from dashboards.session.modifiers import on_click, pressed, tapped
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.selection import OutlinedCells, confusion_sentence, outlined_cells, tally
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.theme import Palette, palette
from dashboards.views.confusion import plot
from dashboards.views.confusion.spots import spots
from dashboards.views.confusion.table import Matrix, matrix
from dashboards.widgets.class_search import ClassSearch
from dashboards.widgets.cursor import KeyCursor
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import PlotHeader

_COUNTS = ["counts", "count", "How many images a cell holds"]
_SELECTED = "with a selection, of those that are selected"
_UNITS = [_COUNTS, ["rates", "rate", f"Percent of a true class's images; {_SELECTED}"]]
_UNITS_UNLABELED = [_COUNTS, ["rates", "rate", f"Percent of a runner-up's images; {_SELECTED}"]]


class Prepared(NamedTuple):
    """What the matrix will show."""

    table: Population
    counted: Matrix
    outlined_cells: OutlinedCells
    sentence: str
    unit: str
    classes: str
    theme: Palette


class ConfusionView(View):
    """Shows counts or rates; with a selection the counts under it, and the totals beside them."""

    title = "Confusion matrix"
    subject = "The confusion matrix"
    needs = (needs.PREDICTIONS.saying("The confusion matrix appears after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask", "dark", "classes")
    help: ClassVar = Help(
        what="How often images of a class, one row each, are taken for another, one column each; the "
        "diagonal is right.",
        use="A click on a cell selects its images, one on a name its row or column, a second click "
        "lets them go. With a selection the cells count it alone. Of many classes the most confused are "
        "shown; search for another one, or show all and zoom with the wheel.",
        beware="A dark row may only be a common class: choose rate for the share of each row. Few images "
        "make rates that chance explains; Pairs has intervals.",
        source="Rates are counts over the number of images of the true class. Without labels rows are the "
        "runners-up, what the teacher nearly took an image for, and the diagonal is empty.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._unit = "counts"
        self._drawing: plot.Drawing | None = None
        self._painted: tuple[Palette, bool] | None = None  # the theme its figure has, and whether of labels
        self._shown: Prepared | None = None
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._search = ClassSearch(session.show_classes, everything=True)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self._cursor = KeyCursor("Confusion matrix", self._press)
        parts = (self._top, self._search, self._cursor, self._body)
        self.link(pn.Column(*parts, sizing_mode="stretch_both", margin=0))

    def local_state(self) -> str:
        """The unit of the cells."""
        return self._unit

    def prepare(self, scene: Scene) -> Prepared:
        table = scene.table
        assert table is not None
        sentence = confusion_sentence(table, scene.steps, tally(table, scene.mask))
        counted = matrix(table, scene.steps, scene.mask, scene.classes)
        cells = outlined_cells(counted.groups, scene.steps)
        return Prepared(table, counted, cells, sentence, scene.own, scene.classes, palette(scene.dark))

    def publish(self, prepared: Prepared) -> None:
        table, counted, cells, sentence, unit, classes, theme = prepared
        names, groups = table.class_names, counted.groups
        drawing = self._drawn(prepared)
        if (theme, table.labeled) != self._painted:
            plot.paint(drawing, theme, labeled=table.labeled)
            self._painted = theme, table.labeled
        plot.explain(drawing, counted, unit, cells)
        picture, numbers = plot.fill(counted, names, unit, theme)
        drawing.cells.data, drawing.numbers.data = picture._asdict(), numbers._asdict()
        drawing.outlines.data = plot.outlines(cells, groups.number)._asdict()
        self._cursor.lead(spots(counted, names), theme)
        self._search.offer(names, classes, shown_words(groups, classes, names))
        units = _UNITS if table.labeled else _UNITS_UNLABELED
        self._top.bar = {
            "title": sentence,
            "badge": table.partial and f"partial: {table.partial}",
            "choices": [{"name": "unit", "label": "Unit of the cells", "value": unit, "options": units}],
        }

    def show_placeholder(self, lacks: Missing) -> None:
        """The next figure is a new one."""
        super().show_placeholder(lacks)
        self._drawing = self._shown = None

    def _drawn(self, prepared: Prepared) -> plot.Drawing:
        """The figure, with the rows and columns that it will show."""
        names, groups, before = prepared.table.class_names, prepared.counted.groups, self._shown
        self._shown = prepared
        if self._drawing is None or before is None or before.table.class_names != names:
            before = None
            self._drawing, self._painted = plot.build(zooms=len(names) >= MANY), None
            on_click(self._drawing.figure, self._tap)
            self._cursor.join(self._drawing.figure)
            self._body[:] = [pn.pane.Bokeh(self._drawing.figure, sizing_mode="stretch_both", margin=0)]
        if before is None or before.counted.groups.classes != groups.classes:
            plot.name(self._drawing, groups, names)
        return self._drawing

    def _tap(self, event: PointEvent) -> None:
        if self._shown is not None and self._drawing is not None:
            groups = self._shown.counted.groups
            ends = plot.cell_at(event.x, event.y, self._drawing.corner, groups.number)
            if ends is not None:
                tapped(self.session, event, self._gesture(self._shown, ends))

    def _press(self, ends: plot.Ends, held: KeyModifiers) -> None:
        if self._shown is not None:
            pressed(self.session, held, self._gesture(self._shown, ends))

    @staticmethod
    def _gesture(shown: Prepared, ends: plot.Ends) -> Cells:
        return Cells(tuple(cells_between(shown.counted.groups, shown.table.confusion(), *ends)))

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["unit", str(unit)] if any(unit == known for known, *_ in _UNITS):
                self._unit = unit
                self.redraw()
