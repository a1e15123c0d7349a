"""The image under study: what it is, what the teacher says, and how sure it is."""

from typing import Any

import panel as pn

from dashboards.data.population import Population
from dashboards.session.session import Session
from dashboards.views.focus.focus_card import FocusCard
from dashboards.views.focus.plot import bars

NO_IMAGES = "The image under study appears here once the run has read its images."
NO_FOCUS = "Click a point of the map or an image of the grid to study it here."
NO_TEACHER = "The teacher's probabilities appear here after its first epoch."


class FocusView(pn.viewable.Viewer):
    """Follows the focus, and the run as its teacher learns."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._widget = FocusCard({}, sizing_mode="stretch_both")
        session.navigation.param.watch(self._show, "focus")
        session.param.watch(self._show, "version")
        self._show()

    def __panel__(self) -> FocusCard:
        return self._widget

    def _show(self, *_: Any) -> None:
        table, sample = self._session.population, self._session.navigation.focus
        row = None if table is None or sample is None else table.row_of(sample)
        if table is None or row is None:
            self._widget.param.update(card={"waiting": NO_IMAGES if table is None else NO_FOCUS}, image=b"")
        else:
            self._widget.param.update(card=_card(table, row), image=table.images([row])[0].tobytes())


def _card(table: Population, row: int) -> dict[str, Any]:
    names, label = table.class_names, int(table.label[row])
    card = {"sample": int(table.samples[row]), "shape": list(table.image_shape), "others": 0, "bars": []}
    said = table.predictions
    if said is None or said.predicted[row] < 0:
        return card | {"title": f"true {names[label]}", "waiting": NO_TEACHER}
    shown = bars(said.logits[int(said.source[row])].to_numpy(), label, names)
    title = f"true {names[label]} · predicted {names[said.predicted[row]]} {said.confidence[row]:.2f}"
    others = len(names) - len(shown)
    return card | {"title": title, "partial": said.partial, "bars": shown, "others": others}
