"""The decisions of what is selected as a sunburst; a click on a sector selects the images that come by it."""

from typing import Any, ClassVar, NamedTuple

import panel as pn
from bokeh.events import KeyModifiers, PointEvent

from dashboards.data.hierarchy import HEAD, Decisions, returns_of_seeds
from dashboards.data.population import Population
from dashboards.kit.plot_header import Choice, PlotHeader
from dashboards.session import needs
from dashboards.session.gestures import Branch, Ring
from dashboards.session.modifiers import on_click, pressed, tapped
from dashboards.session.navigation import SECTORS
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.theme import Palette, palette
from dashboards.views.sunburst import plot
from dashboards.views.sunburst.spots import spots
from dashboards.views.sunburst.table import (
    Rings,
    Sectors,
    counted,
    framed,
    last_branch,
    node_at,
    ring_at,
    rings,
    sectors,
)
from dashboards.views.sunburst.words import breadcrumb, scale, sentence, truth
from dashboards.widgets.circle import NameColumns
from dashboards.widgets.cursor import KeyCursor
from dashboards.widgets.figures import write
from dashboards.widgets.help import Help
from dashboards.widgets.message import Caption

_COLORINGS = dict(zip(SECTORS, ("class", "error rate", "wrong turns"), strict=True))
_UNLABELED = dict(zip(SECTORS, ("class", "unlike the teacher", "turns away"), strict=True))


class Prepared(NamedTuple):
    """What the sunburst will show."""

    decisions: Decisions
    class_names: tuple[str, ...]
    sectors: Sectors
    rings: Rings
    wedges: plot.WedgeColumns
    names: NameColumns
    frames: plot.FrameColumns
    sentence: str
    lines: list[list[str]]
    choices: list[Choice]
    theme: Palette


class SunburstView(View):
    """Shares the circle among what is selected elsewhere; what is selected here stays in its surroundings."""

    title = "Decisions"
    subject = "The sunburst"
    needs = (
        needs.PREDICTIONS.saying("The sunburst appears when the teacher is trained."),
        needs.MODEL,
        needs.HIERARCHY,
    )
    follows: ClassVar = ("facts", "steps", "mask", "dark", "tree", "sectors")
    help: ClassVar = Help(
        what="A hierarchy of classes: rings are decisions from the middle outwards, and a sector has the "
        "images that reach it. The tree is the one that the teacher's last layer implies, or one of linear "
        "decisions that learned the teacher's answers, with several leaves a class.",
        use="A click on a sector selects its images, one on the number of a ring those that go wrong at "
        "that decision; color by commonest class, by error rate or by "
        "where it went wrong: the first decision that leaves the true class.",
        beware="A tree decides less well than the teacher itself; the line below says how much less, and "
        "what random trees reach. Groups that do not return in other trees are not the teacher's own.",
        source="Of the head: Ward on the rows of the last layer, as in Wan et al. 2021 (NBDT). Distilled: "
        "Frosst and Hinton 2017, a soft decision tree, here on the teacher's features. Without labels the "
        "teacher's class stands for the true one.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._drawing: plot.Drawing | None = None
        self._drawn_of: Decisions | None = None
        self._shown: tuple[Sectors, Rings] | None = None
        self._tree = HEAD
        self._painted: Palette | None = None  # the theme its figure has
        self._top = PlotHeader({"choose": self._choose}, height=36, sizing_mode="stretch_width", margin=0)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self._caption = Caption({}, sizing_mode="stretch_width", margin=0)
        self._cursor = KeyCursor("Sunburst", self._press)
        parts = (self._top, self._cursor, self._body, self._caption)
        self.link(pn.Column(*parts, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        table, decisions = scene.table, scene.decisions
        assert table is not None
        assert decisions is not None
        assert scene.run is not None
        names, theme = table.class_names, palette(scene.dark)
        count, selected = counted(decisions, table, scene.steps, scene.mask)
        shown, chosen = sectors(decisions.tree, count, selected), last_branch(scene.steps, decisions.name)
        returns = decisions.returns or returns_of_seeds(scene.run, decisions)
        told = (
            scale(shown, scene.sectors, labeled=table.labeled)
            if chosen is None
            else breadcrumb(decisions, shown, names, chosen, returns)
        )
        return Prepared(
            decisions,
            names,
            shown,
            rings(decisions.tree, shown, scene.steps, decisions.name)._replace(labeled=table.labeled),
            *plot.fill(decisions, shown, names, scene.sectors, theme),
            plot.frames(framed(scene.steps, decisions.name), shown),
            sentence(shown, decisions.tree.root if chosen is None else chosen, labeled=table.labeled),
            [told, truth(decisions, names, returns)],
            [*_trees(table, decisions), _coloring(scene.sectors, labeled=table.labeled)],
            theme,
        )

    def publish(self, prepared: Prepared) -> None:
        drawing = self._drawn(prepared.decisions, prepared.class_names)
        if prepared.theme is not self._painted:
            plot.paint(drawing, prepared.theme)
            self._painted = prepared.theme
        write(drawing.wedges, prepared.wedges)
        write(drawing.names, prepared.names)
        write(drawing.frames, prepared.frames)
        write(drawing.rings, plot.ring_numbers(prepared.rings))
        self._shown, self._tree = (prepared.sectors, prepared.rings), prepared.decisions.name
        self._top.bar = {"title": prepared.sentence, "choices": prepared.choices}
        self._caption.lines = prepared.lines
        places = spots(prepared.decisions, prepared.sectors, prepared.rings, prepared.class_names)
        self._cursor.lead(places, prepared.theme)

    def show_placeholder(self, lacks: Missing) -> None:
        """The next figure is a new one."""
        super().show_placeholder(lacks)
        self._drawing = None

    def _drawn(self, decisions: Decisions, names: tuple[str, ...]) -> plot.Drawing:
        if self._drawing is None or self._drawn_of is not decisions:
            self._drawn_of = decisions
            self._drawing, self._painted = plot.build(decisions, names), None
            on_click(self._drawing.figure, self._tap)
            self._cursor.join(self._drawing.figure)
            self._body[:] = [pn.pane.Bokeh(self._drawing.figure, sizing_mode="stretch_both", margin=0)]
        return self._drawing

    def _tap(self, event: PointEvent) -> None:
        if self._shown is None or event.x is None or event.y is None:
            return
        shown, numbered = self._shown
        depth, node = ring_at(event.x, event.y, numbered), node_at(event.x, event.y, shown)
        if depth is not None:
            tapped(self.session, event, Ring(depth, self._tree))
        elif node is not None:
            tapped(self.session, event, Branch(node, self._tree))

    def _press(self, gesture: Branch | Ring, held: KeyModifiers) -> None:
        pressed(self.session, held, gesture)

    def _choose(self, choice: Any) -> None:
        match choice:
            case ["tree" | "sectors" as name, value] if value in self.session.navigation.param[name].objects:
                with self.session.hold():
                    self.session.navigation.param.update(**{name: value})


def _trees(table: Population, shown: Decisions) -> list[Choice]:
    """Which hierarchy; no choice where the run has one alone."""
    options = table.hierarchies
    choice = Choice(name="tree", label="tree", value=shown.name, options=options, menu=True)
    return [choice] if len(options) > 1 else []


def _coloring(value: str, *, labeled: bool) -> Choice:
    options = [[name, words] for name, words in (_COLORINGS if labeled else _UNLABELED).items()]
    return Choice(name="sectors", label="color by", value=value, options=options, menu=True)
