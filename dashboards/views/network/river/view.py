"""What the nearest training images say of the selection, layer by layer; boxes and ribbons select."""

from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Element, HelpButton, header, quiet, text
from dashboards.kit.river import River
from dashboards.session.layer_needs import RIVER
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.session import Session
from dashboards.views.network.river.table import Flows, drawn, facts, gesture, lines, passage, river
from dashboards.views.network.state import NetworkView, chosen
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help


class Prepared(NamedTuple):
    """What it will show, from above, but for the way of an image."""

    flows: Flows
    top: Element
    river: River
    foot: Element


class RiverView(Card, NetworkView):
    """Of what is selected, else of all test images."""

    title = "Layer river"
    subject = "The layer river"
    needs = RIVER
    look = "river-card"
    help: ClassVar = Help(
        what="At every layer, from the pixels to the logits, the nearest training images of each test image "
        "vote on its class; the last column is what the teacher says. A box is the images that look like a "
        "class there, a ribbon those that look like one class here and like one in the next layer.",
        use="A click on a box or a ribbon selects its images on every page; Shift adds, Control takes away, "
        "a second click lets them go. A click on a layer's name chooses it for this page. What is selected "
        "elsewhere shares the width; what is selected here stays bright in its surroundings. Where What if "
        "draws on an image or silences units, lines are its way: dashed as stored, full as tried.",
        beware="Neighbors are those by 64 principal components of a layer's answer, not by all of it, and "
        "what they say need not be what the layers behind use. Each is one of several equal votes: a "
        "narrow majority counts as a clear one. Deep layers were trained with these labels, so that their "
        "neighbors agree with the teacher by construction.",
        source="Probes of 30 nearest neighbors and prediction depth: Baldock, Maennel and Neyshabur 2021. "
        "Intervals are Wilson's, 95 %; chance is the same vote with shuffled labels.",
    )

    def __init__(self, session: Session) -> None:
        self._shown: Prepared | None = None
        super().__init__(session)
        self.showing.watch(session.navigation, ["trail", "focus"], self._follow)

    def actions(self) -> Actions:
        """`select` {places} of boxes and ribbons; `layer` to show, by its name."""
        return {"select": self._select, "layer": self.go}

    def prepare(self, scene: Scene) -> Prepared:
        """Counts what images look like."""
        table, mask = scene.table, scene.mask
        assert table is not None
        assert table.layers is not None
        flows = river(table, scene.steps, mask)
        layers = flows.looked.layers
        at = chosen(layers, scene.own)
        whose = selection_sentence(table, scene.steps, tally(table, mask))
        column = layers.columns[at.number]
        notes = [(f"{column.name}: {facts(column)}", "The layer shown; click another one's name")]
        if at.lacking:
            notes.insert(0, (f"there is no layer {at.lacking[:40]!r}", "The last one is shown instead"))
        top = header(
            f"{whose}: what the {layers.neighbors} nearest {layers.among} say",
            text(*(quiet(note, hint=hint) for note, hint in notes), look="facts"),
            HelpButton("this plot", **self.help),
        )
        below = (text(line, hint=hint) for line, hint in lines(flows, table.layers, mask))
        return Prepared(
            flows, top, drawn(flows, table, scene.steps, at.number), Box(tuple(below), "p", look="quiet foot")
        )

    def publish(self, prepared: Prepared) -> None:
        """With the way of what is tried."""
        self._shown = prepared
        self._follow()

    def _follow(self, *_: Any) -> None:
        """What is tried on the image under study goes its own way."""
        table, trail = self.session.population, self.session.navigation.trail
        if self._shown is None or table is None:
            return
        flows, top, shown, foot = self._shown
        known = trail is not None and trail.sample == self.session.navigation.focus
        way = passage(flows, trail, table.class_names) if trail is not None and known else None
        with self.session.hold():
            self.component.draw(Box((top, replace(shown, way=way), foot), look="filled"))

    def _select(self, asked: Any) -> None:
        assert self._shown is not None
        apply_click(self.session, asked, gesture(self._shown.flows, asked["places"]))
