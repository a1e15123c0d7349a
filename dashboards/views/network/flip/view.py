"""How far each image is from another answer: a histogram that selects."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from bokeh.events import KeyModifiers

from dashboards.session.gestures import FlipDistance
from dashboards.session.modifiers import MapActions
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.network.changing import MEASURED, space_shown
from dashboards.views.network.flip.flip_card import Card, FlipCard
from dashboards.views.network.flip.table import (
    UNITS,
    WORDS,
    Distances,
    bars,
    counted_bin,
    detection,
    distances,
    measured,
    medians,
    of_focus,
    sentence,
    verdict,
)
from dashboards.views.network.state import network_state
from dashboards.widgets.help import Help

HINTS = {
    "latent": "The image plus what moving its latent changes in its reconstruction",
    "pixel": "Every pixel for itself, between black and white",
}


class Prepared(NamedTuple):
    """What it will show."""

    shown: Distances
    card: Card


class FlipView(View):
    """Of the images that were measured; what is selected is bright."""

    subject = "Distance to flip"
    needs = MEASURED
    follows: ClassVar = ("run", "version", "facts", "steps", "mask", "focus")
    help: ClassVar = Help(
        what="How little an image must change until the teacher gives another answer: right images above the "
        "line, wrong ones below it. Dashed are the medians, the bold line is the image under study.",
        use="A drag selects the images of a range on every page; Shift adds, Control takes away. With the "
        "keyboard, arrows go from bar to bar, Shift stretches, Enter selects.",
        beware="It is the shortest way that was found: there may be a shorter one. Through the latents an "
        "image keeps what its autoencoder cannot draw, and moves only as that can. A small distance is no "
        "sign of an error that the margin would not give as well: compare the areas below. Half of the "
        "images are errors where there are as many, which is not their share.",
        source="DeepFool, Moosavi-Dezfooli et al. 2016, with steps of at most .75 logits and bisection along "
        "the way. Areas under ROC curves with DeLong's intervals.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._state, self._acting = network_state(session), MapActions(session)
        self._shown: Distances | None = None
        self._card = FlipCard({"select": self._select, "space": self._choose}, sizing_mode="stretch_both")
        self.showing.watch(self._state, ["space"], self.redraw)
        self.link(self._card)

    def local_state(self) -> str:
        """The space that is asked for."""
        return self._state.space

    def is_stale(self, scene: Scene) -> bool:
        """Another may be asked for while one is prepared."""
        return bool(self.local_state() != scene.own)

    def prepare(self, scene: Scene) -> Prepared:
        table, mask = scene.table, scene.mask
        assert table is not None
        assert table.changes is not None
        found = table.changes.changes
        assert found is not None
        shown = distances(table, found, space_shown(scene.own, found.spaces))
        bins = len(shown.edges) - 1
        card: Card = {
            "space": shown.space,
            "spaces": [[name, WORDS[name], HINTS[name]] for name in found.spaces],
            "sentence": sentence(shown, mask),
            "edges": shown.edges.tolist(),
            "bars": bars(shown, mask),
            "told": [counted_bin(shown, number) for number in range(bins)],
            "partial": mask is not None,
            "axis": UNITS[shown.space],
            "medians": medians(shown, mask),
            "focus": of_focus(table, found, shown, scene.row),
            "detection": detection(table, shown),
            "verdict": verdict(table, shown),
            "measured": measured(table, found, shown),
        }
        return Prepared(shown, card)

    def publish(self, prepared: Prepared) -> None:
        self._shown = prepared.shown
        if prepared.card != self._card.card:
            self._card.card = prepared.card

    def _choose(self, name: Any) -> None:
        if name in WORDS:
            with self.session.hold():
                self._state.space = name

    def _select(self, value: Any) -> None:
        shown = self._shown
        if shown is None or not isinstance(value, Mapping) or value.get("space") != shown.space:
            return
        first, last = value.get("first"), value.get("last")
        if type(first) is not int or type(last) is not int or not 0 <= first <= last < len(shown.edges) - 1:
            return
        drawn = FlipDistance(shown.space, float(shown.edges[first]), float(shown.edges[last + 1]))
        held = KeyModifiers(shift=bool(value.get("shift")), ctrl=bool(value.get("ctrl")), alt=False)
        self._acting.brush(drawn, held)
