"""A line of what is wrong with the data, which takes no room where nothing is."""

from typing import Any

import panel as pn

from dashboards.session.gestures import Query
from dashboards.session.modifiers import held, pressed
from dashboards.session.session import Session
from dashboards.views.findings.findings_line import FindingsLine, Line, Part
from dashboards.views.findings.table import findings
from dashboards.widgets.component import Nothing
from deepvid.data_check.kinds import KINDS


class FindingsView(pn.viewable.Viewer):
    """Follows the run and the selection."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._widget = FindingsLine({"select": self._select}, sizing_mode="stretch_width", margin=0)
        session.param.watch(self._show, "version")
        session.selection.param.watch(self._show, "steps")
        self._show()

    def __panel__(self) -> FindingsLine:
        return self._widget

    def _select(self, asked: Any) -> None:
        if asked["word"] in KINDS:
            with self._session.hold():
                pressed(self._session, held(asked), Query(asked["word"]))

    def _show(self, *_: Any) -> None:
        line = self._line()
        if line != self._widget.line:
            self._widget.line = line

    def _line(self) -> Line | Nothing:
        table, steps = self._session.population, self._session.selection.steps
        chosen = {step.gesture.text for step in steps if isinstance(step.gesture, Query)}
        parts: list[Part] = [
            {"word": word, "text": text, "hint": hint, "grave": grave, "chosen": word in chosen}
            for word, text, hint, grave in (() if table is None else findings(table))
        ]
        return {"parts": parts} if parts else {}
