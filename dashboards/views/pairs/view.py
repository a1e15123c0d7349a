"""Which classes are taken for each other most; a click on a pair selects its images."""

from typing import Any, ClassVar

from dashboards.session import needs
from dashboards.session.gestures import Cells
from dashboards.session.modifiers import pressed
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Steps, confusion_sentence, tally
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.pairs.pairs_card import Card, PairsCard
from dashboards.views.pairs.table import pairs
from dashboards.widgets.help import Help

NOTHING = "Nothing that is selected is taken for another class."
HESITATES = "Pairs it hesitates between"


class PairsView(View):
    """Ranks the pairs of what is selected; those that gestures chose are marked."""

    title = "Confused pairs"
    subject = "The confused pairs"
    needs = (needs.PREDICTIONS.saying("The confused pairs appear after the teacher's first epoch."),)
    follows: ClassVar = ("facts", "steps", "mask")
    help: ClassVar = Help(
        what="The pairs of classes that are confused most, both directions together or apart.",
        use="A click selects the images of a pair.",
        beware="Where intervals overlap, the order says little.",
        source="Wilson's 95 % intervals (Wilson 1927). Without labels a pair is what the teacher hesitates "
        "between: the class it predicts and the runner-up.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._together = False
        self._widget = PairsCard(
            {"select": self._select, "together": self._choose}, sizing_mode="stretch_both"
        )
        self.link(self._widget)

    def local_state(self) -> bool:
        """Whether both directions of a pair are one."""
        return self._together

    def prepare(self, scene: Scene) -> Card:
        """Ranks the cells of the confusion matrix."""
        table = scene.table
        assert table is not None
        together = scene.own or not table.labeled
        found = pairs(
            table.confusion(scene.mask),
            table.class_names,
            _chosen(scene.steps),
            together=together,
            labeled=table.labeled,
        )
        return {
            "title": confusion_sentence(table, scene.steps, tally(table, scene.mask))
            if table.labeled or scene.steps
            else HESITATES,
            "rows": found.rows,
            "total": found.total,
            "together": together,
            "directed": table.labeled,
            "waiting": NOTHING,
        }

    def publish(self, prepared: Card) -> None:
        self._widget.card = prepared

    def _choose(self, together: bool) -> None:
        self._together = bool(together)
        self.redraw()

    def _select(self, asked: Any) -> None:
        match asked:
            case {"cells": [_, *_] as cells, "shift": bool(shift), "ctrl": bool(ctrl)}:
                try:
                    pressed(self.session, {"shift": shift, "ctrl": ctrl, "alt": False}, Cells.parse(cells))
                except (ValueError, TypeError):
                    return  # no cells of any run


def _chosen(steps: Steps) -> frozenset[tuple[int, int]]:
    chosen: set[tuple[int, int]] = set()
    for mode, gesture in steps:
        if isinstance(gesture, Cells):
            (chosen.difference_update if mode is Mode.SUBTRACT else chosen.update)(gesture.cells)
    return frozenset(chosen)
