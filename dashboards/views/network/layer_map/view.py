"""Where images lie in a layer; the map slides from one layer to the next, and a lasso selects."""

from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.population import Population
from dashboards.kit.plot_header import Bar, PlotHeader
from dashboards.kit.points import PointSet
from dashboards.session.layer_needs import MAPPED
from dashboards.session.scene import Scene
from dashboards.session.selection import tally
from dashboards.session.session import Session
from dashboards.views.network.layer_map.layer_map import LayerActions, LayerMap, LayerMapMessage
from dashboards.views.network.layer_map.table import Packed, packed, point_of, selected, trust
from dashboards.views.network.state import NetworkView, chosen
from dashboards.widgets.help import Help
from deepvid.wording import quantity

METHODS = {"pca": "PCA", "pivot_mds": "PivotMDS"}


class Prepared(NamedTuple):
    """What it will show."""

    table: Population
    found: Packed
    columns: list[str]
    told: list[str]
    at: int
    selected: bytes
    focus: int
    bar: Bar


class LayerMapView(NetworkView):
    """Of all test images; what is selected is bright."""

    title = "Layer map"
    subject = "The layer map"
    needs = MAPPED
    follows: ClassVar = (*NetworkView.follows, "focus")
    help: ClassVar = Help(
        what="Where the test images lie in the layer that is shown, in the color of their true class. Each "
        "map is turned, and mirrored where that helps, onto that of the layer before: what moves as the "
        "map slides has moved in the network, too.",
        use="A drag selects on every page, a click studies an image. The slider, Page Up and Page Down, or a "
        "layer's name, slide to another layer; ▶ walks through all of them until Escape or a click. The "
        "wheel, plus and minus zoom, Home goes back. Arrow keys move a cursor, with Shift further; Enter "
        "studies the nearest image, L sets the corners of a lasso, which Enter closes.",
        beware="Two dimensions keep about a fifth of an image's nearest in the layer: neighbors here are "
        "often none there. The share is written on the map beside chance. A large residual says that the "
        "two layers hardly lie alike, and the way between them means little.",
        source="Principal components of each layer's code of at most 64 numbers; orthogonal Procrustes with "
        "the test of the mirror image, by atan2 of all points.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._sent: Packed | None = None
        self._top = PlotHeader({}, help=self.help, height=36, sizing_mode="stretch_width", margin=0)
        self._acting = LayerActions(session, LayerMap, {"layer": self._choose})
        self.showing.watch(session.navigation, "hover", self._acting.ring)
        self.link(pn.Column(self._top, self._acting.component, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        table = scene.table
        assert table is not None
        assert table.layers is not None
        looked = table.layers.looked
        assert looked is not None
        layers, found = looked.layers, packed(table, looked)
        at = chosen(layers, scene.own).number
        method = METHODS.get(str(layers.attrs["settings"].get("layout")), "Projection")
        told = [
            trust(column, before, method)
            for column, before in zip(layers.columns, (None, *layers.columns), strict=False)
        ]
        images = quantity(found.of, "test image")
        chosen_images = f", {tally(table, scene.mask).images:,} selected" if scene.mask is not None else ""
        return Prepared(
            table,
            found,
            list(layers.names),
            told,
            at,
            selected(found, scene.mask),
            point_of(found, scene.row),
            {"title": f"{layers.columns[at].name}: {images} by their true class{chosen_images}"},
        )

    def publish(self, prepared: Prepared) -> None:
        self._top.bar = prepared.bar
        now: dict[str, Any] = {"at": prepared.at, "selected": prepared.selected, "focus": prepared.focus}
        found, samples = prepared.found, prepared.table.samples[prepared.found.rows]
        self._acting.columns = tuple(prepared.columns)
        self._acting.show(PointSet(number := id(found) % 2**31, prepared.table, samples))
        if found is not self._sent:
            self._sent = found
            shown: LayerMapMessage = {
                "number": number,
                "columns": prepared.columns,
                "told": prepared.told,
                "points": len(found.rows),
                "of": found.of,
                "span": found.span,
                "frame": found.frame,
                "colors": found.colors,
                "names": found.names,
            }
            now |= {"shown": shown, "position": found.position, "group": found.group}
        self._acting.component.param.update(**now)

    def _choose(self, name: Any) -> None:
        if name in self._acting.columns:
            self.go(name)
