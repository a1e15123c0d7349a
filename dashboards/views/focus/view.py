"""The image under study: what it is, what the teacher says, and how sure it is."""

from typing import ClassVar, NamedTuple

from dashboards.data.population import Population
from dashboards.session import needs
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.focus.focus_card import Card, FocusCard
from dashboards.views.focus.plot import bars

NO_TEACHER = "The teacher's probabilities appear here after its first epoch."


class Prepared(NamedTuple):
    """What the card will show."""

    card: Card
    image: bytes


class FocusView(View):
    """Follows the focus, and the run as its teacher learns."""

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
        return Prepared(_card(table, row), table.images([row])[0].tobytes())

    def publish(self, prepared: Prepared) -> None:
        self._widget.param.update(card=prepared.card, image=prepared.image)


def _card(table: Population, row: int) -> Card:
    names, label = table.class_names, int(table.label[row])
    card: Card = {
        "sample": int(table.samples[row]),
        "title": f"true {names[label]}",
        "shape": list(table.image_shape),
        "bars": [],
        "others": 0,
        "partial": None,
        "waiting": NO_TEACHER,
    }
    said = table.predictions
    if said is None or said.predicted[row] < 0:
        return card
    shown = bars(said.logits[int(said.source[row])].to_numpy(), label, names)
    title = f"{card['title']} · predicted {names[said.predicted[row]]} {said.confidence[row]:.2f}"
    others = len(names) - len(shown)
    return {**card, "title": title, "bars": shown, "others": others, "partial": said.partial, "waiting": ""}
