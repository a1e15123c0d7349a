"""What the nearest training images say of the selection, layer by layer; boxes and ribbons select."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.session.modifiers import pressed
from dashboards.session.scene import Scene
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.session import Session
from dashboards.views.network.river.river_card import Card, RiverCard
from dashboards.views.network.river.table import (
    Places,
    River,
    Way,
    boxes,
    columns,
    described,
    facts,
    gesture,
    lines,
    pressed_at,
    ribbons,
    river,
    way,
)
from dashboards.views.network.state import RIVER, NetworkView, chosen
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from dashboards.widgets.plot_header import Bar, PlotHeader


class Prepared(NamedTuple):
    """What it will show."""

    shown: River
    bar: Bar
    card: Card


class RiverView(NetworkView):
    """Of what is selected, else of all test images."""

    title = "Layer river"
    subject = "The layer river"
    needs = RIVER
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
        super().__init__(session)
        self._shown: River | None = None
        self._top = PlotHeader({}, help=self.help, height=36, sizing_mode="stretch_width", margin=0)
        actions = {"select": self._select, "layer": self._choose}
        self._card = RiverCard(actions, sizing_mode="stretch_both", min_height=120, margin=0)
        self.showing.watch(self.state, "trail", self._follow)
        self.showing.watch(session.navigation, "focus", self._follow)
        self.link(pn.Column(self._top, self._card, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        table, mask = scene.table, scene.mask
        assert table is not None
        assert table.layers is not None
        shown = river(table, scene.steps, mask)
        layers = shown.looked.layers
        at = chosen(layers, scene.own)
        whose = selection_sentence(table, scene.steps, tally(table, mask))
        column = layers.columns[at.number]
        told = [[f"{column.name}: {facts(column)}", "The layer shown; click another one's name"]]
        if at.lacking:
            told.insert(0, [f"there is no layer {at.lacking[:40]!r}", "The last one is shown instead"])
        card: Card = {
            "columns": columns(shown, table),
            "groups": described(shown.groups, table.class_names),
            "boxes": boxes(shown),
            "ribbons": ribbons(shown),
            "total": shown.total,
            "partial": shown.selected is not shown.flows and any(map(_differ, shown.selected, shown.flows)),
            "pressed": pressed_at(shown, scene.steps),
            "chosen": at.number,
            "lines": lines(shown, table.layers, mask),
        }
        title = f"{whose}: what the {layers.neighbors} nearest {layers.among} say"
        return Prepared(shown, {"title": title, "notes": told}, card)

    def publish(self, prepared: Prepared) -> None:
        self._shown = prepared.shown
        self._top.bar, self._card.card = prepared.bar, prepared.card
        self._follow()

    def _follow(self, *_: Any) -> None:
        """What is tried on the image under study goes its own way."""
        table, trail, shown = self.session.population, self.state.trail, self._shown
        found: Way | Nothing = {}
        known = trail is not None and trail.sample == self.session.navigation.focus
        if known and trail is not None and shown is not None and table is not None:
            found = way(shown, trail, table.class_names)
        with self.session.hold():
            self._card.way = found

    def _choose(self, name: Any) -> None:
        if self._shown is not None and name in self._shown.looked.layers.names:
            self.go(name)

    def _select(self, value: Any) -> None:
        if self._shown is None or not isinstance(value, Mapping):
            return
        places = _places(self._shown, value.get("places"))
        probe = gesture(self._shown, places) if places else None
        if probe is not None:
            held = {"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False}
            pressed(self.session, held, probe)  # type: ignore[arg-type]


def _places(shown: River, said: Any) -> Places | None:
    """What the browser names, where it is a box or two that stand side by side; else None."""
    match said:
        case [[int(column), int(group)]]:
            places: Places = ((column, group),)
        case [[int(column), int(group)], [int(next_column), int(other)]] if next_column == column + 1:
            places = ((column, group), (next_column, other))
        case _:
            return None
    many, groups = shown.boxes.shape
    return places if all(0 <= at < many and 0 <= group < groups for at, group in places) else None


def _differ(first: Any, second: Any) -> bool:
    return bool((first != second).any())
