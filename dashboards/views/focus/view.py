"""The image under study: what it is, what the teacher says, and how sure it is."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from dashboards.data.naming import shortened
from dashboards.data.population import Population
from dashboards.session import needs
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.focus.focus_card import Card, FocusCard
from dashboards.views.focus.plot import LONGEST, bars

BARS = needs.PREDICTED.saying("The teacher's probabilities appear here after its first epoch.")


class Prepared(NamedTuple):
    """What the card will show."""

    card: Card
    image: bytes


class FocusView(View):
    """Follows the focus, and the run as its teacher learns."""

    subject = "Image #{focus}"
    needs = (
        needs.IMAGES.saying("The image under study appears here once the run has read its images."),
        needs.FOCUS,
    )
    follows: ClassVar = ("table", "focus")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._widget = FocusCard({}, sizing_mode="stretch_both")
        self.link(self._widget)

    def prepare(self, scene: Scene) -> Prepared:
        table, row = scene.table, scene.row
        assert table is not None
        assert row is not None
        lacks = missing([BARS], scene)
        card = _card(table, row, lacks.text) if lacks else _predicted(table, row)
        return Prepared(card, table.images([row])[0].tobytes())

    def publish(self, prepared: Prepared) -> None:
        self._widget.param.update(card=prepared.card, image=prepared.image)


def _card(table: Population, row: int, waiting: str = "") -> Card:
    return {
        "sample": int(table.samples[row]),
        "file": table.files.of([int(table.samples[row])])[0] if table.files else "",
        "title": _title(table, row, shortened(table.class_names, LONGEST)),
        "hint": _title(table, row, table.class_names),
        "shape": list(table.image_shape),
        "bars": [],
        "others": 0,
        "partial": None,
        "waiting": waiting,
    }


def _predicted(table: Population, row: int) -> Card:
    said = table.predictions
    assert said is not None
    names, label = table.class_names, int(table.label[row])
    shown = bars(said.logits[int(said.source[row])].to_numpy(), label, names)
    others = len(names) - len(shown)
    return {**_card(table, row), "bars": shown, "others": others, "partial": said.partial}


def _title(table: Population, row: int, names: Sequence[str]) -> str:
    said, true = table.predictions, f"true {names[table.label[row]]}"
    if said is None or said.predicted[row] < 0:
        return true
    return f"{true} · predicted {names[said.predicted[row]]} {said.confidence[row]:.2f}"
