"""Whose answers differ between the epoch shown and what stands beside it."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import panel as pn

from dashboards.data.agreement import part_words
from dashboards.session.gestures import Samples
from dashboards.session.modifiers import pressed
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.differences.differences_card import DifferencesCard
from dashboards.views.time_travel.differences.table import Differences, differences
from dashboards.views.time_travel.state import TRAVELLED, TravelView, beside, moment
from dashboards.widgets.help import Help
from deepvid.compare import Agreement

CHOSEN = Need(
    lambda scene: bool(scene.own.beside),
    "Nothing stands beside this epoch yet. Choose another epoch, or another run, under “side by side” above "
    "the map: whose answers differ is listed here.",
)


class Prepared(NamedTuple):
    """What it will show, and what the two are called where nothing else says which they are."""

    found: Differences
    first: str
    second: str


class DifferencesView(TravelView):
    """Counts test images, whatever is selected."""

    title = "Differences"
    subject = "The differences"
    needs = (TRAVELLED, CHOSEN)
    watched: ClassVar = ("form", "epoch", "beside", "beside_epoch")
    help: ClassVar = Help(
        what="The test images by who has them right: the epoch shown, and the epoch or run beside it; and "
        "which answers changed into which.",
        use="A click on a count, or on a change, selects its images on every page; a second lets them go.",
        beware="Two trainings that differ by their seed alone differ on some images, too: before you believe "
        "that a setting did it, compare with another seed of the same settings.",
        source="McNemar's test (McNemar 1947); 95 % intervals: Wilson 1927.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shown: Prepared | None = None
        actions = {"part": self._part, "change": self._change}
        self._card = DifferencesCard(actions, sizing_mode="stretch_both", min_height=80, margin=0)
        self.link(pn.Column(self._card, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Prepared:
        """Compares what both have answered."""
        other = beside(scene, scene.own)
        assert other is not None
        assert scene.table is not None
        shown, names = moment(scene, scene.own), scene.table.class_names
        if other.explained is None:
            there = other.moment.name
            return Prepared(differences(shown, other.moment, (shown.name, there), names), shown.name, there)
        short = f"{shown.name} here", f"{other.moment.name} there"
        found = differences(shown, other.moment, short, names)
        return Prepared(found, f"{shown.name} of this run", f"{other.moment.name} of {other.run}")

    def publish(self, prepared: Prepared) -> None:
        self._shown, self._card.card = prepared, prepared.found.listed

    def _part(self, value: Any) -> None:
        shown = self._shown
        match value:
            case {"name": str(name)} if shown is not None and name in Agreement._fields:
                words = part_words(name, shown.first, shown.second)
                self._toggle(getattr(shown.found.agreement, name), words, value)

    def _change(self, value: Any) -> None:
        shown = self._shown
        match value:
            case {"row": int(row)} if shown is not None and type(row) is int:
                if not 0 <= row < len(shown.found.changes):
                    return
                said = shown.found.listed["rows"][row]
                words = f"{said['here']} after {shown.first}, {said['there']} after {shown.second}"
                self._toggle(shown.found.changes[row], words, value)

    def _toggle(self, samples: Any, words: str, value: Mapping[str, Any]) -> None:
        held = {"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False}
        chosen = Samples(tuple(int(sample) for sample in samples), words)
        pressed(self.session, held, chosen)  # type: ignore[arg-type]
