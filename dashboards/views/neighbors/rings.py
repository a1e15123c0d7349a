"""The neighbors as rings on the map, and what the card says of that."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dashboards.data.map_neighbors import NeighborRings
from dashboards.data.maps import Map3D
from dashboards.data.own_axes import axes_of
from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, TaskStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.session.visibility import Visibility
from dashboards.theme import class_color
from deepvid.engine.requests import DrawNeighbors, NeighborPositions, Neighbors, PlaceNeighbors

_MADE_OF = {
    "features": needs.variable("teacher", "features"),
    "latents": needs.variable("vae", "mean"),
    "pixels": needs.PICTURES,
}
"""What a map must have been made of, to be at hand."""

Placing = ResultStatus[PlaceNeighbors, NeighborPositions]


class Switch(NamedTuple):
    """Whether they are wanted on the map, and a sentence on what is there, or why nothing is."""

    on: bool
    text: str


class Ringed(NamedTuple):
    """What the map will show, and what is to be placed for it."""

    switch: Switch
    request: PlaceNeighbors | None = None
    around: NeighborRings | None = None


def ringed(scene: Scene, drawing: DrawNeighbors, drawn: Neighbors, placing: Placing) -> Ringed:
    """Of neighbors that are drawn, on the map that is shown."""
    if not scene.rings:
        return Ringed(Switch(False, ""))
    chosen = scene.map
    if chosen is None or isinstance(chosen, Map3D):
        text = "There is no map yet." if chosen is None else "Only a map in 2-D shows them."
        return Ringed(Switch(True, text))
    if axes_of(chosen.name) is not None:
        return Ringed(Switch(True, "A map along axes of your own does not show them."))
    lacks = missing([_MADE_OF[str(chosen.settings.get("of", "features"))]], scene)
    if lacks is not None:
        return Ringed(Switch(True, f"The map cannot show them. {lacks.text}"))
    request = PlaceNeighbors(drawing.run, drawing.sample, drawing.settings, chosen.name, drawing.seed)
    placed = placing.result(request)
    if placed is None:
        return Ringed(Switch(True, _without(placing, request)), request)
    assert scene.run is not None
    label = drawn.logits[placed.number].argmax(axis=1)
    x, y = np.asarray(placed.position, float).T.tolist()
    around = NeighborRings(
        scene.run.id,
        chosen.name,
        drawing.sample,
        x,
        y,
        [class_color(int(index)) for index in label],
        len(drawn.image),
        chosen.settings.get("method") == "pca",
    )
    return Ringed(Switch(True, _told(around)), request, around)


def _told(around: NeighborRings) -> str:
    many = "All of them are" if len(around.x) == around.neighbors else f"{len(around.x):,} of them are"
    return f"{many} rings on the map{'' if around.exact else ', at approximate places'}."


def _without(placing: Placing, request: PlaceNeighbors) -> str:
    if not placing.given_up(request):
        return ""
    return f"They are not placed on the map. {placing.error(request)}".rstrip()


class Rings:
    """Those that one view of neighbors gives the map, while it is seen. Of a pinned image there are none."""

    def __init__(self, session: Session, showing: Visibility, changed: Callable[[], None], *, of: Of) -> None:
        self.offered = of == "focus"
        self._session, self._showing = session, showing
        self._lazy = LazyResult[PlaceNeighbors, NeighborPositions](session, changed, of=of)
        self._around: NeighborRings | None = None
        showing.on_turn(self._show)

    @property
    def placing(self) -> Placing:
        """How the last request stands."""
        return self._lazy.status

    @property
    def asked(self) -> TaskStatus:
        """How the work for it stands."""
        return self._lazy.task

    def follow(self, rings: Ringed | None) -> None:
        """Gives the map what is there, and asks for what is missing, once; None: nothing is asked."""
        self._around = rings and rings.around
        self._lazy.follow(rings and rings.request)
        self._show()

    def turn(self, on: bool) -> None:
        """A person wants them on the map, or no more; asks again for what came to nothing."""
        request = self._lazy.status.request
        if on and request is not None and self._lazy.status.given_up(request):
            self._lazy.forget()
        with self._session.hold():
            self._session.navigation.rings = on

    def cancel(self) -> None:
        """Gives up what is under way."""
        self._lazy.cancel()

    def _show(self) -> None:
        if self.offered:
            with self._session.hold():
                around, focus = self._around, self._session.navigation.focus
            seen = around is not None and around.sample == focus and self._showing.shown
            self._session.neighbor_rings = around if seen else None
