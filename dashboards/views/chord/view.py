"""Who is taken for whom as a chord diagram; a click on a ribbon, or on an arc, selects its images."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
import panel as pn
from bokeh.events import KeyModifiers, PointEvent

from dashboards.data.class_groups import ALL, class_of, grouped
from dashboards.data.population import Population
from dashboards.kit.class_search import class_search
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box
from dashboards.kit.plot_header import Choice, PlotHeader
from dashboards.session import needs
from dashboards.session.gestures import Cells
from dashboards.session.modifiers import on_click, pressed, tapped
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.selection import cell_counts, confusion_sentence, outlined_cells, tally
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.theme import Palette, palette
from dashboards.views.chord import plot
from dashboards.views.chord.ribbons import Layout, arc_at, laid_out, outlines, ribbon_at
from dashboards.views.chord.spots import Ends, spots
from dashboards.views.chord.table import Exchange, cells_of, exchange
from dashboards.views.chord.words import legend
from dashboards.widgets.circle import NameColumns
from dashboards.widgets.cursor import KeyCursor
from dashboards.widgets.figures import write
from dashboards.widgets.help import Help
from dashboards.widgets.message import Caption

_UNITS = [
    ["counts", "count", "Width: how many images"],
    ["rates", "rate", "Width: percent of the true class's images"],
]
_UNITS_UNLABELED = [_UNITS[0], ["rates", "rate", "Width: percent of the images whose runner-up it is"]]
_ENDS = {True: ("sent", "received"), False: ("runner-up", "predicted")}
"""By whether images have labels: what the two arcs of a class are."""
_DIAGONAL = [
    ["off", "errors", "Without the diagonal: what is taken for another class"],
    ["on", "all", "With the diagonal: what is recognized, too"],
]

_VALUES = {"unit": [value for value, *_ in _UNITS], "diagonal": [value for value, *_ in _DIAGONAL]}


class Own(NamedTuple):
    """What a person has chosen."""

    unit: str = "counts"
    diagonal: str = "off"


class Prepared(NamedTuple):
    """What the diagram will show."""

    table: Population
    shown: Exchange
    layout: Layout
    corners: np.ndarray
    ribbons: plot.RibbonColumns
    arcs: plot.ArcColumns
    names: NameColumns
    frames: plot.FrameColumns
    sentence: str
    lines: list[list[str]]
    classes: str
    own: Own
    theme: Palette


class ChordView(View):
    """Shares the circle among what is selected elsewhere; what is selected here stays in its surroundings."""

    title = "Chord diagram"
    subject = "The chord diagram"
    needs = (needs.PREDICTIONS.saying("The chord diagram appears after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask", "dark", "classes")
    help: ClassVar = Help(
        what="Who is taken for whom: each class has an arc for what it sends, its images by what they "
        "are taken for, and one for what it receives, the images taken for it; a ribbon is a cell "
        "of the matrix.",
        use="A click on a ribbon selects its images, one on an arc all that is sent or received. What "
        "is recognized can be shown, and counts or rates.",
        beware="Ribbons are as wide as their count: common classes look worse. Beyond two dozen classes "
        "the least confused are one arc, the rest; a class that is searched for comes with those it is "
        "confused with.",
        source="Chord diagrams: Krzywinski et al. 2009 (Circos). Without labels a class sends the images "
        "whose runner-up it is.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._own = Own()
        self._drawing: plot.Drawing | None = None
        self._shown: Prepared | None = None
        self._painted: Palette | None = None  # the theme its figure has
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._search = CardComponent(
            {"show": session.show_classes},
            "bare",
            sizing_mode="stretch_width",
            height=28,
            margin=0,
            visible=False,
        )
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self._foot = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._caption = Caption({}, sizing_mode="stretch_width", margin=0)
        self._cursor = KeyCursor("Chord diagram", self._press)
        parts = (self._top, self._search, self._cursor, self._body, self._foot, self._caption)
        self.link(pn.Column(*parts, sizing_mode="stretch_both", margin=0))

    def local_state(self) -> Own:
        """Which counts are drawn, and in what unit."""
        return self._own

    def prepare(self, scene: Scene) -> Prepared:
        table, own = scene.table, scene.own
        assert table is not None
        names, theme = table.class_names, palette(scene.dark)
        count, selected = cell_counts(table, scene.steps, scene.mask)
        order = np.arange(len(names)) if table.decisions is None else table.decisions.tree.order
        total = table.confusion()
        wanted = "" if scene.classes == ALL else scene.classes  # of all the ribbons cannot be told apart
        groups = grouped(count, order, wanted)._replace(labeled=table.labeled)
        shown = exchange(groups, count, selected, total, diagonal=own.diagonal == "on")
        layout = laid_out(shown.rates if own.unit == "rates" else shown.shown)
        corners = outlines(layout)
        everything = bool(shown.shared.sum() == total.sum())
        return Prepared(
            table,
            shown,
            layout,
            corners,
            plot.fill_ribbons(shown, layout, corners, names, theme, everything=everything),
            plot.fill_arcs(shown, layout, names, theme),
            plot.fill_names(shown, layout, names, first=class_of(wanted, len(names)) is not None),
            plot.frames(outlined_cells(groups, scene.steps), layout, corners),
            confusion_sentence(table, scene.steps, tally(table, scene.mask)),
            legend(shown, names, wanted),
            wanted,
            own,
            theme,
        )

    def publish(self, prepared: Prepared) -> None:
        drawing = self._drawn()
        if prepared.theme is not self._painted:
            plot.paint(drawing, prepared.theme)
            self._painted = prepared.theme
        write(drawing.ribbons, prepared.ribbons)
        write(drawing.arcs, prepared.arcs)
        write(drawing.names, prepared.names)
        write(drawing.frames, prepared.frames)
        self._shown = prepared
        self._caption.lines = prepared.lines
        search = class_search(prepared.table.class_names, prepared.classes, everything=False)
        self._search.visible = search is not None
        self._search.draw(search or Box())
        self._cursor.lead(spots(prepared.shown, prepared.layout, prepared.table.class_names), prepared.theme)
        self._write_bars(prepared)

    def show_placeholder(self, lacks: Missing) -> None:
        """The next figure is a new one."""
        super().show_placeholder(lacks)
        self._drawing = self._shown = None

    def _write_bars(self, prepared: Prepared) -> None:
        partial, own, theme = prepared.table.partial, prepared.own, prepared.theme
        labeled = prepared.table.labeled
        units = _UNITS if labeled else _UNITS_UNLABELED
        unit = Choice(name="unit", label="Width of the ribbons", value=own.unit, options=units)
        drawn = Choice(name="diagonal", label="What is drawn", value=own.diagonal, options=_DIAGONAL)
        self._top.bar = {
            "title": prepared.sentence,
            "badge": partial and f"partial: {partial}",
            "choices": [unit],
        }
        colors = theme.quiet, plot.pale(theme.quiet, theme)
        self._foot.bar = {
            "legend": [list(pair) for pair in zip(_ENDS[labeled], colors, strict=True)],
            "choices": [drawn] if labeled else [],
        }

    def _drawn(self) -> plot.Drawing:
        if self._drawing is None:
            self._drawing, self._painted = plot.build(), None
            on_click(self._drawing.figure, self._tap)
            self._cursor.join(self._drawing.figure)
            self._body[:] = [pn.pane.Bokeh(self._drawing.figure, sizing_mode="stretch_both", margin=0)]
        return self._drawing

    def _tap(self, event: PointEvent) -> None:
        if self._shown is not None and event.x is not None and event.y is not None:
            cells = self._cells_at(self._shown, event.x, event.y)
            if cells:
                tapped(self.session, event, Cells(tuple(cells)))

    def _press(self, ends: Ends, held: KeyModifiers) -> None:
        if self._shown is not None:
            cells = cells_of(self._shown.shown, self._shown.table.confusion(), *ends)
            pressed(self.session, held, Cells(tuple(cells)))

    @staticmethod
    def _cells_at(prepared: Prepared, x: float, y: float) -> list[tuple[int, int]]:
        shown, present = prepared.shown, prepared.table.confusion()
        arc = arc_at(x, y, prepared.layout)
        if arc is not None:
            group, sent = arc
            return cells_of(shown, present, *((group, None) if sent else (None, group)))
        ribbon = ribbon_at(x, y, prepared.corners)
        if ribbon is None:
            return []
        sender, receiver = prepared.layout.pair[ribbon].tolist()
        return cells_of(shown, present, sender, receiver)

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["unit" | "diagonal" as name, str(value)] if value in _VALUES[name]:
                self._own = self._own._replace(**{name: value})
                self.redraw()
