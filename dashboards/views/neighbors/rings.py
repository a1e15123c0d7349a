"""The neighbors as rings on the map, and what the card says of that."""

from collections.abc import Callable
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.around import Around
from dashboards.data.maps import Map3D
from dashboards.session import needs
from dashboards.session.asking import Asked
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.showing import Showing
from dashboards.session.view import Of
from dashboards.session.wishing import Wished, Wishing
from dashboards.theme import class_color
from deepvid.engine.requests import Drawn, DrawNeighbors, Placed, PlaceNeighbors

_MADE_OF = {
    "features": needs.variable("teacher", "features"),
    "latents": needs.variable("vae", "mean"),
    "pixels": needs.PICTURES,
}
"""What a map must have been made of, to be at hand."""

Placing = Wished[PlaceNeighbors, Placed]


class Switch(TypedDict):
    """Whether they are wanted on the map, and a sentence on what is there, or why nothing is."""

    on: bool
    text: str


class Ringed(NamedTuple):
    """What the map will show, and what is to be placed for it."""

    switch: Switch
    wish: PlaceNeighbors | None = None
    around: Around | None = None


def ringed(scene: Scene, drawing: DrawNeighbors, drawn: Drawn, placing: Placing) -> Ringed:
    """Of neighbors that are drawn, on the map that is shown."""
    if not scene.rings:
        return Ringed({"on": False, "text": ""})
    chosen = scene.map
    if chosen is None or isinstance(chosen, Map3D):
        text = "There is no map yet." if chosen is None else "Only a map in 2-D shows them."
        return Ringed({"on": True, "text": text})
    lacks = missing([_MADE_OF[str(chosen.settings.get("of", "features"))]], scene)
    if lacks is not None:
        return Ringed({"on": True, "text": f"The map cannot show them. {lacks.text}"})
    wish = PlaceNeighbors(drawing.run, drawing.sample, drawing.settings, chosen.name, drawing.seed)
    placed = placing.found(wish)
    if placed is None:
        return Ringed({"on": True, "text": _without(placing, wish)}, wish)
    assert scene.run is not None
    label = drawn.logits[placed.number].argmax(axis=1)
    x, y = np.asarray(placed.position, float).T.tolist()
    around = Around(
        scene.run.id,
        chosen.name,
        drawing.sample,
        x,
        y,
        [class_color(int(index)) for index in label],
        len(drawn.image),
        chosen.settings.get("method") == "pca",
    )
    return Ringed({"on": True, "text": _told(around)}, wish, around)


def _told(around: Around) -> str:
    many = "All of them are" if len(around.x) == around.neighbors else f"{len(around.x):,} of them are"
    return f"{many} rings on the map{'' if around.exact else ', at approximate places'}."


def _without(placing: Placing, wish: PlaceNeighbors) -> str:
    if not placing.given_up(wish):
        return ""
    return f"They are not placed on the map. {placing.error(wish)}".rstrip()


class Rings:
    """Those that one view of neighbors gives the map, while it is seen. Of a pinned image there are none."""

    def __init__(self, session: Session, showing: Showing, changed: Callable[[], None], *, of: Of) -> None:
        self.offered = of == "focus"
        self._session, self._showing = session, showing
        self._wishing = Wishing[PlaceNeighbors, Placed](session, changed, of=of)
        self._around: Around | None = None
        showing.on_turn(self._show)

    @property
    def placing(self) -> Placing:
        """How the last wish stands."""
        return self._wishing.wished

    @property
    def asked(self) -> Asked:
        """How the work for it stands."""
        return self._wishing.asked

    def follow(self, rings: Ringed | None) -> None:
        """Gives the map what is there, and asks for what is missing, once; None: nothing is wished."""
        self._around = rings and rings.around
        self._wishing.follow(rings and rings.wish)
        self._show()

    def turn(self, on: object) -> None:
        """A person wants them on the map, or no more; asks again for what came to nothing."""
        wish = self._wishing.wished.wish
        if on is True and wish is not None and self._wishing.wished.given_up(wish):
            self._wishing.forget()
        with self._session.hold():
            self._session.navigation.rings = on is True

    def cancel(self) -> None:
        """Gives up what is under way."""
        self._wishing.cancel()

    def _show(self) -> None:
        if self.offered:
            with self._session.hold():
                around, focus = self._around, self._session.navigation.focus
            seen = around is not None and around.sample == focus and self._showing.shown
            self._session.around = around if seen else None
