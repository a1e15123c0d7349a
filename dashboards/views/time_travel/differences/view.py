"""Whose answers differ between the epoch shown and what stands beside it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import panel as pn

from dashboards.data.agreement import part_words
from dashboards.session.gestures import Samples
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.time_travel.differences.differences_card import DifferencesCard
from dashboards.views.time_travel.differences.table import Differences, differences
from dashboards.views.time_travel.state import TRAVELLED, TravelView, beside, moment
from dashboards.widgets.help import Help
from dashboards.widgets.modifiers import pressed
from deepvid.compare import Agreement

CHOSEN = Need(
    lambda scene: bool(scene.own.beside),
    "Nothing stands beside this epoch yet. Choose another epoch, or another run, under “beside” above the "
    "map: whose answers differ is listed here.",
)


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
        self._found: Differences | None = None
        actions = {"part": self._part, "change": self._change}
        self._card = DifferencesCard(actions, sizing_mode="stretch_both", min_height=80, margin=0)
        self.link(pn.Column(self._card, sizing_mode="stretch_both", margin=0))

    def prepare(self, scene: Scene) -> Differences:
        """Compares what both have answered."""
        other = beside(scene, scene.own)
        assert other is not None
        assert scene.table is not None
        shown = moment(scene, scene.own)
        names = shown.named("" if other.explained is None else "this run"), other.name
        return differences(shown, other.moment, names, scene.table.class_names)

    def publish(self, prepared: Differences) -> None:
        self._found, self._card.card = prepared, prepared.listed

    def _part(self, value: Any) -> None:
        found = self._found
        match value:
            case {"name": str(name)} if found is not None and name in Agreement._fields:
                said = found.listed
                words = part_words(name, said["first"], said["second"])
                self._toggle(getattr(found.agreement, name), words, value)

    def _change(self, value: Any) -> None:
        found = self._found
        match value:
            case {"row": int(row)} if (
                found is not None and type(row) is int and 0 <= row < len(found.changes)
            ):
                said = found.listed["rows"][row]
                words = f"that were {said['here']} and are {said['there']} after {found.listed['second']}"
                self._toggle(list(found.changes.values())[row], words, value)

    def _toggle(self, samples: Any, words: str, value: Mapping[str, Any]) -> None:
        held = {"shift": bool(value.get("shift")), "ctrl": bool(value.get("ctrl")), "alt": False}
        chosen = Samples(tuple(int(sample) for sample in samples), words)
        pressed(self.session, held, chosen)  # type: ignore[arg-type]
