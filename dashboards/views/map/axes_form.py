"""Asks which axes a map of a person's own has."""

from typing import Any

import numpy as np

from dashboards.data.own_axes import SCALES, SPACES, Axis, OwnAxes, check
from dashboards.data.population import Population
from dashboards.data.spreading import evenly
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, text
from dashboards.kit.forms import Field, Form, Submit
from dashboards.session.modifiers import sole_query
from dashboards.session.selection import fold
from dashboards.session.session import Session
from dashboards.session.work import Task
from deepvid.errors import DataError

MOST = 60  # images of a drawn selection, whose middle stands for that of all
_END = "A query, or the name of a selection that is kept"
_ENDS = ("x_from", "x_to", "y_from", "y_to")
_SCALED = {"plain": "as they are", "centered": "centered", "sphere": "centered, on the sphere"}


class AxesForm(CardComponent):
    """Draws the map that is asked for in a thread, and then shows it."""

    def __init__(self, session: Session, size: dict[str, Any]) -> None:
        actions = {"draw": self._draw_map, "close": lambda _: self._close()}
        super().__init__(actions, "axes-card", visible=False, height=82, **size)
        self._session = session
        self._task = Task(session.schedule, self._report)

    def turn(self) -> None:
        """Opens it, or closes it."""
        with self._session.hold():
            self.visible = not self.visible
            self.draw(_form(""))

    def _close(self) -> None:
        with self._session.hold():
            self.visible = False

    def _draw_map(self, asked: Any) -> None:
        table, texts = self._session.population, asked["texts"]
        if table is None:
            return
        try:
            axes = self._axes(table, texts)
        except DataError as error:
            return self.draw(_form(str(error)))
        name = axes.name

        def show(_: Any) -> None:
            with self._session.hold():
                self._session.navigation.projection = name
                self._close()

        self._task.start(name, lambda _: check(table, axes), show)

    def _axes(self, table: Population, texts: dict[str, str]) -> OwnAxes:
        ends = [self._query(table, texts[name].strip()) for name in _ENDS]
        x, y = (Axis(*pair) if all(pair) else None for pair in (ends[:2], ends[2:]))
        if x is None and y is None:
            must = "An axis leads from the images of one query to those of another"
            raise DataError(must, "an end without a query", "Give both ends of x, of y, or of both")
        base = self._session.navigation.projection
        known = base if base in table.maps else getattr(table.default_map, "name", "")
        return OwnAxes(texts["of"], texts["scale"], known, x, y)

    def _query(self, table: Population, words: str) -> str:
        """That of a named selection; of one that was drawn, some of its images, spread over all."""
        named = self._session.named_selections.entries.get(words)
        if named is None:
            return words
        if query := sole_query(named.steps):
            return query
        mask = fold(named.steps, table)
        samples = table.samples if mask is None else table.samples[mask]
        if not len(samples):
            raise DataError("An end of an axis has images", f"none in {words!r}", "Take another selection")
        some = np.sort(samples)[evenly(len(samples), MOST)].tolist()
        return f"index in {some}".replace(", ", ",")

    def _report(self) -> None:
        if self._task.error is not None:
            with self._session.hold():
                self.draw(_form(str(self._task.error)))


def _form(fault: str) -> Box:
    sides = {"from": "from: query, name", "to": "to: query, name"}
    ends = tuple(
        Field(name, f"{axis} {side}", "", hint=_END, placeholder=f"{axis} {sides[side]}", most=500)
        for name in _ENDS
        for axis, _, side in (name.partition("_"),)
    )
    of = Field("of", "Space", SPACES[0], tuple((space, space) for space in SPACES))
    scale = Field("scale", "Scale", SCALES[0], tuple((scale, _SCALED[scale]) for scale in SCALES))
    draw = Submit(("Draw",), "draw", {}, main=True, look="action")
    close = Button(("Close",), "close", look="chip")
    note = text(fault or "An axis without ends stays the map's", look="warning" if fault else "quiet")
    return Box((Form((*ends, of, scale), "axes", (draw, close, note), look="axes"),), look="asked")
