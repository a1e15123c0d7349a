"""Where images lie in a layer; the map slides from one layer to the next, and a lasso selects."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.captions import verdict
from dashboards.data.population import Population
from dashboards.session.gestures import LayerPolygon
from dashboards.session.modifiers import MapActions, held
from dashboards.session.scene import Scene
from dashboards.session.selection import tally
from dashboards.session.session import Session
from dashboards.views.network.layer_map.layer_canvas import LayerCanvas, Shown
from dashboards.views.network.layer_map.table import Packed, packed, point_of, selected, trust
from dashboards.views.network.state import MAPPED, NetworkView, chosen
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader
from deepvid.errors import DataError
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
        self._shown: Prepared | None = None
        self._sent: Packed | None = None
        self._acting = MapActions(session)
        self._top = PlotHeader({}, help=self.help, height=36, sizing_mode="stretch_width", margin=0)
        actions = {
            "layer": self._choose,
            "lasso": self._lasso,
            "pick": self._pick,
            "hover": self._hover,
            "look": self._look,
        }
        self._canvas = LayerCanvas(actions, sizing_mode="stretch_both", min_height=120, margin=0)
        self.showing.watch(session.navigation, "hover", self._ring)
        self.link(pn.Column(self._top, self._canvas, sizing_mode="stretch_both", margin=0))

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
        self._shown = prepared
        self._top.bar = prepared.bar
        now: dict[str, Any] = {"at": prepared.at, "selected": prepared.selected, "focus": prepared.focus}
        if prepared.found is not self._sent:
            self._sent = found = prepared.found
            shown: Shown = {
                "number": self._number,
                "columns": prepared.columns,
                "told": prepared.told,
                "points": len(found.rows),
                "of": found.of,
                "reach": found.reach,
                "frame": found.frame,
                "colors": found.colors,
                "names": found.names,
            }
            now |= {"shown": shown, "position": found.position, "group": found.group}
        self._canvas.param.update(**now)

    @property
    def _number(self) -> int:
        """Of what was sent last."""
        return id(self._sent) % 2**31

    def _choose(self, name: Any) -> None:
        if self._shown is not None and name in self._shown.columns:
            self.go(name)

    def _lasso(self, value: Any) -> None:
        if (
            self._shown is None
            or not isinstance(value, Mapping)
            or value.get("column") not in self._shown.columns
        ):
            return
        try:
            polygon = LayerPolygon.parse({**value, "layer": value["column"]})
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            must = "A lasso has three corners or more, all finite"
            self.session.fault(DataError(must, str(error), "Draw it anew"))
            return
        self._acting.brush(polygon, held(value))

    def _pick(self, value: Any) -> None:
        if isinstance(value, Mapping):
            sample = self._sample([value.get("number"), value.get("point")])
            if sample is not None:
                self._acting.pick(sample, held(value))

    def _hover(self, value: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = self._sample(value)

    def _look(self, value: Any) -> None:
        """As a pointer there does, and says what is there."""
        sample = self._sample(value)
        row = None if sample is None or self._shown is None else self._shown.table.row_of(sample)
        with self.session.hold():
            self.session.navigation.hover = sample
            if row is not None and self._shown is not None:
                self._canvas.looked = f"#{sample} {verdict(self._shown.table, row)}"

    def _ring(self, *_: Any) -> None:
        """What is under the pointer in another view is ringed in this one."""
        table, hover = self.session.population, self.session.navigation.hover
        if self._shown is not None and self._shown.table is table:
            row = None if hover is None else self._shown.table.row_of(hover)
            with self.session.hold():
                self._canvas.ringed = point_of(self._shown.found, row)

    def _sample(self, value: Any) -> int | None:
        """The sample of a point; None where a message names none of what is shown."""
        shown = self._shown
        match value:
            case [int(number), int(point)] if shown is not None and number == self._number:
                rows = shown.found.rows
                return int(shown.table.samples[rows[point]]) if 0 <= point < len(rows) else None
        return None
