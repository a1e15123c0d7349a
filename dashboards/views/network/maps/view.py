"""Where the units of the layer that is shown answer up to four images, side by side."""

from dataclasses import replace
from typing import ClassVar, NamedTuple

from dashboards.data.commands import network_command
from dashboards.data.layers import Layers
from dashboards.data.units import ResponseMaps, response_maps
from dashboards.kit.card import Computation, ComputedCard, Inquiry, empty
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.session import needs
from dashboards.session.layer_needs import UNITS, looked_for
from dashboards.session.needs import Need, has_variable, of_run
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.network import comparing
from dashboards.views.network.compared_view import ComparedView
from dashboards.views.network.maps.table import (
    IMAGES,
    Images,
    channels,
    compared_images,
    read,
    side_by_side,
    written,
)
from dashboards.views.network.state import chosen
from dashboards.widgets.component import Actions
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


NO_IMAGES = "Maps of the image under study appear here: click one, or select some."


class Chosen(NamedTuple):
    """What the page asks for, which images a person keeps, and the scale."""

    page: comparing.Own
    kept: str
    scale: str


class MapsView(ComputedCard[MapUnits, Mapped], ComparedView):  # type: ignore[misc]
    """Of the images that a person keeps and the one under study; while none is kept, others are offered."""

    subject = "The maps of the units"
    needs = MAPS
    follows: ClassVar = (*ComparedView.follows, "focus", "beside")
    look = "maps-card"
    computation = Computation(
        of="maps",
        doing="Asking for maps",
        waiting="The maps of {} are not stored, and asked for …",
        stopped="The maps of {} are not stored.",
        again="Ask for them",
        unstored="The maps of {} are not stored.",
    )
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
        self.showing.watch(self.state, ["mapped", "map_scale"], self.redraw)

    def chosen(self) -> Chosen:
        """The unit's page, and what is chosen here."""
        return Chosen(ComparedView.local_state(self), self.state.mapped, self.state.map_scale)

    def actions(self) -> Actions:
        """`unit` {number, unit}; `study` and `keep` a sample; `scale` and `layer` by their names."""
        return {
            "unit": lambda value: self.open_unit(value["unit"]),
            "study": self.session.focus,
            "keep": self._keep,
            "scale": self._choose_scale,
            "layer": self.go,
        }

    def tree(self, scene: Scene, asking: Inquiry[MapUnits, Mapped]) -> Element:
        """The maps that are stored or were asked for, and what is to be asked."""
        table, run, own = scene.table, scene.run, scene.own
        assert table is not None
        assert run is not None
        stored = response_maps(run)
        assert stored is not None
        layers, found = self.comparison(replace(scene, own=own.page))
        name = layers.names[chosen(layers, own.page.column).number]
        grid = stored.grids.get(name)
        if grid is None:
            return _without(name, stored, layers)
        kept = read(own.kept)
        samples = compared_images(table, kept, scene.focus, scene.beside, scene.mask)
        if not samples:
            return empty(text(NO_IMAGES, tag="p"))
        maps = {sample: stored.of(sample, found.units.row) for sample in samples}
        lacking, absent = [sample for sample, one in maps.items() if one is None], None
        if lacking:
            absent = self._ask(
                MapUnits(run.address, lacking[0], tuple(lacking[1:]), found.units.name), asking
            )
        if asking.answer is not None:
            maps.update(zip(asking.answer.result.samples, asking.answer.result.value, strict=True))
        images, usual = Images(table, maps, kept, scene.focus), stored.usual(found.units.row)
        units = channels(images, found.units, found.unit, usual, grid[0] * grid[1])
        return side_by_side(images, found.units, found.unit, units, grid, own.scale, absent)

    def _ask(self, request: MapUnits, asking: Inquiry[MapUnits, Mapped]) -> Box | None:
        """What is said while maps are not here."""
        if asking.result(request) is not None:
            return None
        named = ", ".join(f"#{sample}" for sample in (request.sample, *request.others))
        words = {name: getattr(self.computation, name) for name in ("waiting", "stopped", "unstored")}
        return asking.absent("empty lacking", **{name: each.format(named) for name, each in words.items()})

    def _keep(self, sample: int) -> None:
        """An image stays when another is studied; again, it does no more."""
        kept = read(self.state.mapped)
        others = [one for one in kept if one != sample]
        with self.session.hold():
            self.state.mapped = written(others if sample in kept else [*others, sample][-IMAGES:])

    def _choose_scale(self, name: str) -> None:
        with self.session.hold():
            self.state.map_scale = name


def _without(name: str, stored: ResponseMaps, layers: Layers) -> Box:
    """Of pixels, of a layer that has pooled its places, and of logits."""
    having = (Button((name,), "layer", name, look="chip") for name in layers.names if stored.grids.get(name))
    why = {"pixels": "Pixels are no units", "logits": "Logits have no places"}.get(
        name, f"{name} has no places"
    )
    words = f"{why}: there are no maps to compare. These layers have some:"
    return empty(text(words, tag="p"), text(*having, tag="p", look="layers"))
