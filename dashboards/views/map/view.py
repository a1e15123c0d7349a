"""The map: every sample as a point, colored where it is selected; lasso, hover and click."""

from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.maps import Map, Map3D
from dashboards.data.population import Population
from dashboards.data.separation import Separation, pair_of, separation
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box
from dashboards.kit.plot_header import PlotHeader
from dashboards.session import needs
from dashboards.session.gestures import Query, Trusted
from dashboards.session.modifiers import MapActions, apply_click
from dashboards.session.needs import Missing
from dashboards.session.scene import Scene
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.session import Session
from dashboards.session.view import ROOM, View
from dashboards.views.map.axes_form import AxesForm
from dashboards.views.map.cloud.surface import Clouded, CloudSurface
from dashboards.views.map.drawing import DrawnMap, Own
from dashboards.views.map.keep_form import KeepForm
from dashboards.views.map.plane import PlaneSurface
from dashboards.views.map.scale_bar import Scale, scale_bar
from dashboards.views.map.scales import scale_of
from dashboards.views.map.words import above, below, measures
from dashboards.widgets.help import Help


class Prepared(NamedTuple):
    """What the map will show."""

    table: Population
    chosen: Map | Map3D
    drawn: DrawnMap | Clouded
    sentence: str
    scale: Scale | None  # None: colors are names
    separation: Separation | None  # None: it has no counterpart of other dimensions
    color: str
    contours: bool


class MapView(View):
    """Shows the map that `navigation.projection` names, or the run's own choice."""

    title = "Map"
    subject = "The map"
    needs = (
        needs.IMAGES.saying("The map appears when the images are read and a projection is computed."),
        needs.MAP.saying("{rows} images are read; the map appears when the first projection is computed."),
    )
    follows: ClassVar = (
        "run",
        "facts",
        "steps",
        "mask",
        "projection",
        "color",
        "colored",
        "contours",
        "dark",
    )
    help: ClassVar = Help(
        what="Every image as a point, placed so that images that are near in the space named "
        "above are near here.",
        use="Drag to select with the lasso or the box, scroll to zoom; a click puts the nearest image "
        "under study. With Shift a gesture adds, with Ctrl it takes away, with both it keeps what "
        "is in both; its outline stays, dashed where it took away. Arrow keys move a cursor: Enter does "
        "what a click does, L sets the corners of a lasso that Enter closes. In 3-D a drag or the arrow "
        "keys turn the points, until Lasso is chosen. Colored by a number or by trust, it has a "
        "histogram whose bars select.",
        beware="Sizes of clusters and distances between them mean little in a t-SNE. The line below "
        "says how much of the neighborhoods is left; where many points share a pixel, it has the color of "
        "the commonest. In 3-D a lasso takes what lies behind, too.",
        source="t-SNE: van der Maaten & Hinton 2008. Measures and their chance: the ? below.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._plane, self._cloud = PlaneSurface(session, MapActions(session)), CloudSurface(session)
        self._surface: PlaneSurface | CloudSurface | None = None  # what is seen
        size: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
        self._top = PlotHeader({"choose": self._choose}, help=self.help, height=36, **size)
        self._bottom = PlotHeader({}, height=26, **size)
        self._scale = CardComponent({"pick": self._pick}, "scale-card", visible=False, height=58, **size)
        self._axes, self._kept = AxesForm(session, size), KeepForm(session, size)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.showing.watch(session.navigation, ["focus", "pin", "hover"], self._mark)
        self.showing.watch(session.navigation, "view", self._follow_view)
        self.showing.watch(session, "neighbor_rings", self._surround)
        parts = (self._top, self._axes, self._kept, self._body, self._scale, self._bottom)
        self.link(pn.Column(*parts, sizing_mode="stretch_both", margin=0, styles=ROOM))

    # --- the linked view

    def local_state(self) -> Own:
        """The flat map's axes as a person left them."""
        return self._plane.local_state()

    def is_stale(self, scene: Scene) -> bool:
        """The address says another part of the map by now."""
        return scene.view != self.session.navigation.view

    def prepare(self, scene: Scene) -> Prepared:
        """Draws the map that is chosen for the mask."""
        table = scene.table
        assert table is not None
        chosen = scene.map
        assert chosen is not None
        drawn: DrawnMap | Clouded
        if isinstance(chosen, Map3D):
            drawn = self._cloud.prepare(scene, table, chosen)
        else:
            drawn = self._plane.prepare(scene, table, chosen)
        pair = pair_of(table, chosen)
        sentence = selection_sentence(table, scene.steps, tally(table, scene.mask))
        scale = scale_of(table, scene.mask, scene.steps, scene.color)
        return Prepared(
            table, chosen, drawn, sentence, scale, pair and separation(pair), scene.color, scene.contours
        )

    def publish(self, prepared: Prepared) -> None:
        """Writes the picture, and the sentences above and below it."""
        table, chosen, separated = prepared.table, prepared.chosen, prepared.separation
        self._top.bar = above(prepared.sentence, table, chosen, prepared.color, contours=prepared.contours)
        self._bottom.param.update(bar=below(table, chosen, prepared.color), help=measures(chosen, separated))
        self._scale.visible = prepared.scale is not None
        self._scale.draw(scale_bar(prepared.scale) if prepared.scale else Box())
        if isinstance(prepared.drawn, Clouded):
            self._show(self._cloud)
            self._cloud.publish(prepared.drawn)
        else:
            self._show(self._plane)
            self._plane.publish(prepared.drawn)

    def show_placeholder(self, lacks: Missing) -> None:
        """The next picture is a new one."""
        super().show_placeholder(lacks)
        if self._surface is not None:
            self._surface.leave()
        self._surface = None
        self._body[:] = []

    def _show(self, surface: PlaneSurface | CloudSurface) -> None:
        if self._surface is surface:
            return
        if self._surface is not None:
            self._surface.leave()
        self._surface = surface
        self._body[:] = [surface.content]

    def _mark(self, *_: Any) -> None:
        if self._surface is not None:
            self._surface.mark()

    def _follow_view(self, *_: Any) -> None:
        if self._surface is self._plane and self._plane.elsewhere:
            self.redraw()

    def _surround(self, *_: Any) -> None:
        if self._surface is not None:
            self._surface.surround()

    # --- what a person does

    def _choose(self, choice: list[str]) -> None:
        name, value = choice
        if choice == ["show", "axes"]:
            self._axes.turn()
        elif choice == ["show", "kept"]:
            self._kept.turn()
        elif name == "show":
            self.session.navigation.contours = not self.session.navigation.contours
        else:
            self.session.navigation.param.update(**{"projection" if name == "map" else name: value})

    def _pick(self, asked: Any) -> None:
        gesture = Trusted if self.session.navigation.color == "trust" else Query
        apply_click(self.session, asked, gesture.parse(asked["what"]))
