"""Where the units of the layer that is shown answer up to four images, side by side."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from dashboards.data.commands import network_command
from dashboards.data.layers import Layers
from dashboards.data.population import Population
from dashboards.data.units import LayerUnits, ResponseMaps, response_maps
from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import Need, has_variable, missing, of_run
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network import comparing
from dashboards.views.network.changing import NO_TEACHER
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.maps.maps_card import Card, MapsCard
from dashboards.views.network.maps.table import (
    IMAGES,
    SCALES,
    compared_images,
    drawn,
    read,
    sentence,
    written,
)
from dashboards.views.network.state import UNITS, chosen, looked_for
from dashboards.widgets.help import Help
from deepvid.engine.requests import Mapped, MapUnits


def _with_maps(scene: Scene) -> bool:
    layers = scene.table and scene.table.layers
    looked = layers and layers.looked
    return not looked or any(len(one.shape) == 3 and one.parameters for one in looked.layers.columns)


def _told(scene: Scene) -> bool:
    return scene.run is None or has_variable(scene.run, STAGE, "response_map")


STAGE = "unit-maps"
MAPS = (
    *UNITS,
    needs.PICTURES,
    Need(
        _with_maps,
        "No layer of this network has maps: each of its units gives one number for a whole image. They are "
        "compared in the matrix of units.",
        "No maps in this network",
    ),
    Need(
        lambda scene: _told(scene) or scene.run is None or not scene.run.read_only,
        "This archive was made without maps of its units. Look into the run itself, and archive that again.",
    ),
    looked_for(STAGE),
    Need(
        _told,
        "The run was looked into without keeping maps of its units: by an earlier version, or because none "
        "were asked for (unit_maps.response_maps).",
        command=of_run(network_command),
    ),
)


class Own(NamedTuple):
    """What the page asks for, which images a person keeps, the scale, and how the last request stands."""

    page: comparing.Own
    kept: str
    scale: str
    status: ResultStatus[MapUnits, Mapped]


class Prepared(NamedTuple):
    """What the card will show, and what is to be computed for it."""

    card: Card
    maps: bytes
    images: bytes
    request: MapUnits | None


class MapsView(ComparedView):
    """Of the images that a person keeps and the one under study; while none is kept, others are offered."""

    subject = "The maps of the units"
    needs = MAPS
    follows: ClassVar = (*ComparedView.follows, "focus", "beside")
    help: ClassVar = Help(
        what="Each column is a unit of the layer, each row an image: where in the image the unit answers. "
        "Units come first in which these images differ most, as a multiple of how far any images of the run "
        "differ there: 1x is chance.",
        use="The first row is the image under study. Below it are the selection's first; where nothing is "
        "selected, a recognized image of its class, and one of the class it is taken for. Keep an image with "
        "its pin, and it stays beside those that you study next, and only these are compared. A click on a "
        "column shows the unit everywhere; point at a place to read it. Colors have a scale for each unit, "
        "or one for all.",
        beware="Maps are pooled to 7x7 places at most, and stored in 255 steps. A place says where in the "
        "layer, not what the unit has seen: it sees more of the image than its place. Of many units some "
        "differ by chance, and two images are few: read what is far beyond 1x.",
        source="Difference: the standard deviation between these images at a place, root mean square over "
        "the places, divided by the same of all stored images.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._lazy = LazyResult[MapUnits, Mapped](session, self._report, of="maps")
        actions = {
            "unit": self._open,
            "study": self._study,
            "keep": self._keep,
            "scale": self._choose_scale,
            "layer": self._choose_layer,
            "ask": lambda _: self._again(),
            "cancel": lambda _: self._lazy.cancel(),
        }
        self._widget = MapsCard(actions, sizing_mode="stretch_both")
        self.showing.watch(self.state, ["mapped", "map_scale"], self.redraw)
        self.link(self._widget)

    def local_state(self) -> Own:  # type: ignore[override]
        """What the scene does not know."""
        return Own(super().local_state(), self.state.mapped, self.state.map_scale, self._lazy.status)

    def is_stale(self, scene: Scene) -> bool:
        """Another unit or image may be asked for while one is prepared."""
        return bool(scene.own[:3] != self.local_state()[:3])

    def prepare(self, scene: Scene) -> Prepared:
        """The maps that are stored or were asked for, and what is to be asked."""
        table, run, own = scene.table, scene.run, scene.own
        assert table is not None
        assert run is not None
        stored = response_maps(run)
        assert stored is not None
        layers, found = self.comparison(replace(scene, own=own.page))
        column = layers.columns[chosen(layers, own.page.column).number]
        grid = stored.grids.get(column.name)
        if grid is None:
            return _without(column.name, stored, layers)
        kept = read(own.kept)
        samples = compared_images(table, kept, scene.focus, scene.beside, scene.mask)
        if not samples:
            return Prepared({**_empty(), "waiting": NO_IMAGES}, b"", b"", None)
        maps = {sample: stored.of(sample, found.units.row) for sample in samples}
        lacking = [sample for sample, one in maps.items() if one is None]
        card, request = _empty(), None
        if lacking:
            request, card = self._asked(scene, lacking, found.units)
            answer: Mapped | None = own.status.result(request) if request is not None else None
            if answer is not None:
                maps.update(zip(answer.samples, answer.value, strict=True))
                card = _empty()
        pictures = drawn(
            table,
            found.units,
            found.unit,
            stored.usual(found.units.row),
            grid,
            maps,
            kept,
            scene.focus,
            own.scale,
        )
        card = {**card, "sentence": sentence(pictures.shown), "shown": pictures.shown}
        return Prepared(card, pictures.maps, pictures.images, request)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, maps=prepared.maps, images=prepared.images)
        self._lazy.follow(prepared.request)

    def _asked(self, scene: Scene, lacking: list[int], units: LayerUnits) -> tuple[MapUnits | None, Card]:
        """What is to be asked, and what is said while it is not here."""
        named = ", ".join(f"#{sample}" for sample in lacking)
        lacks = missing([needs.stage("teacher").saying(NO_TEACHER), needs.ENGINE], scene)
        if lacks is not None:
            return None, {**_empty(), "waiting": f"The maps of {named} are not stored. {lacks.text}"}
        assert scene.run is not None
        request = MapUnits(scene.run.address, lacking[0], tuple(lacking[1:]), units.name)
        status: ResultStatus[MapUnits, Mapped] = scene.own.status
        stopped = status.given_up(request)
        return request, {
            **_empty(),
            "waiting": f"The maps of {named} are not stored{'.' if stopped else ', and asked for …'}",
            "action": "Ask for them" if stopped else "",
            "fault": status.error(request),
        }

    def _report(self) -> None:
        tell_work(self, self._widget, "Asking for maps", self._lazy.task)

    def _again(self) -> None:
        request = self._lazy.status.request
        if request is not None and self._lazy.again(request.sample, request.sample):
            self.redraw()

    def _open(self, value: Any) -> None:
        card = self._widget.card
        shown = card.get("shown") if card else None
        if shown and isinstance(value, Mapping) and value.get("number") == shown["number"]:
            units = [channel["unit"] for channel in shown["channels"]]
            if type(value.get("unit")) is int and value["unit"] in units:
                self.open_unit(value["unit"])

    def _study(self, sample: Any) -> None:
        if self._is_there(sample):
            self.session.focus(sample)

    def _keep(self, sample: Any) -> None:
        """An image stays when another is studied; again, it does no more."""
        if not self._is_there(sample):
            return
        kept = read(self.state.mapped)
        others = [one for one in kept if one != sample]
        with self.session.hold():
            self.state.mapped = written(others if sample in kept else [*others, sample][-IMAGES:])

    def _choose_scale(self, name: Any) -> None:
        if isinstance(name, str) and name in SCALES:
            with self.session.hold():
                self.state.map_scale = name

    def _choose_layer(self, name: Any) -> None:
        card = self._widget.card
        if card and name in card["layers"]:
            self.go(name)

    def _is_there(self, sample: Any) -> bool:
        table: Population | None = self.session.population
        return table is not None and type(sample) is int and table.row_of(sample) is not None


NO_IMAGES = "Maps of the image under study appear here: click one, or select some."


def _without(name: str, stored: ResponseMaps, layers: Layers) -> Prepared:
    """Of pixels, of a layer that has pooled its places, and of logits."""
    having = [name for name in layers.names if stored.grids.get(name) is not None]
    why = {"pixels": "Pixels are no units", "logits": "Logits have no places"}.get(
        name, f"{name} has no places"
    )
    text = f"{why}: there are no maps to compare. These layers have some:"
    return Prepared({**_empty(), "waiting": text, "layers": having}, b"", b"", None)


def _empty() -> Card:
    return {"sentence": "", "waiting": "", "layers": [], "action": "", "fault": "", "shown": {}}
