"""The images of the selection, as many as there are, in a virtual grid."""

from itertools import count
from typing import Any, NamedTuple

import numpy as np
import panel as pn

from dashboards.data.captions import Tally, selection_sentence
from dashboards.data.orders import ORDERS, Listed, order_of, ordered, orders
from dashboards.data.population import Population
from dashboards.session.selection import Mask
from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS
from dashboards.views.grid.image_grid import ImageGrid
from dashboards.widgets.component import Actions

WAITING = "The images appear here as soon as the run has read them."
NOTE = "frame: true class · corner: predicted class, where wrong"
NOTHING = "The selection is empty. Undo, clear it, or select somewhere else."
MOST_TILES = 2_000  # of one message, whatever the browser asks for

_numbers = count(1)


class Listing(NamedTuple):
    """An order of the selected rows, with the first window of it."""

    table: Population | None
    listed: Listed
    number: int
    described: dict[str, Any]
    window: dict[str, Any]
    tiles: bytes


class GridView(pn.viewable.Viewer):
    """A linked view: a gesture lists other images; hover and focus go both ways."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._sort = "worst"
        self._asked = 0  # the browser's last wish for a focus
        self._visible = 60  # tiles the browser asked for last: what the next listing brings along
        actions: Actions = {
            "window": self._send,
            "hover": self._hover,
            "focus": self._focus,
            "sort": self._resort,
        }
        self._widget = ImageGrid({**actions, "sort": self._resort}, sizing_mode="stretch_both")
        self.publish(self.prepare(session.selection.mask))
        session.linker.views.append(self)
        session.navigation.param.watch(self._mark, ["focus", "hover"])

    def __panel__(self) -> ImageGrid:
        return self._widget

    def prepare(self, mask: Mask | None) -> Listing:
        """Orders the rows of a mask and fetches the first pictures."""
        table = self._session.population
        number = next(_numbers)
        if table is None:
            empty = {"count": 0, "waiting": WAITING}
            return Listing(None, Listed(order_of(np.zeros(0, np.int32)), None), number, empty, {}, b"")
        if mask is not None and len(mask) != table.rows:  # the run grew meanwhile; a newer gesture follows
            mask = None
        offered = orders(table)
        sort = self._sort if self._sort in offered else next(iter(offered))
        listed = ordered(table, sort, mask)
        described = {
            "count": len(listed),
            "order": number,
            "shape": list(table.image_shape),
            "classes": list(table.class_names),
            "colors": list(CLASS_COLORS),
            "sort": sort,
            "sorts": [[name, text] for name, (text, _) in offered.items()],
            "note": NOTE if table.predictions else "frame: true class",
            "waiting": NOTHING,
        }
        window, tiles = _window(table, listed, number, 0, self._visible)
        self._place(table, listed)  # here, where nobody waits for it
        return Listing(table, listed, number, described, window, tiles)

    def publish(self, prepared: Listing) -> None:
        """Shows a listing."""
        self._listing = prepared
        table, steps = prepared.table, self._session.selection.steps
        title = selection_sentence(table, steps, Tally(len(prepared.listed), None)) if table else ""
        self._widget.param.update(
            listing=prepared.described | {"title": title},
            window=prepared.window,
            tiles=prepared.tiles,
            focused=self._focused(),
        )

    def _send(self, asked: dict[str, int]) -> None:
        held = self._listing
        if asked["order"] != held.number or held.table is None:
            return
        first = min(max(0, asked["first"]), len(held.listed))
        last = min(asked["last"], first + MOST_TILES)
        self._visible = max(1, last - first)
        window, tiles = _window(held.table, held.listed, held.number, first, last)
        with self._session.hold():
            self._widget.param.update(window=window, tiles=tiles)

    def _hover(self, sample: int | None) -> None:
        with self._session.hold():
            self._session.navigation.hover = sample

    def _focus(self, asked: dict[str, int]) -> None:
        held = self._listing
        self._asked = asked["asked"]
        at = asked["position"]
        if asked["order"] == held.number and held.table and 0 <= at < len(held.listed):
            self._session.focus(int(held.table.samples[held.listed.rows(at, at + 1)[0]]))

    def _resort(self, name: str) -> None:
        self._sort = name if name in ORDERS else "worst"
        with self._session.hold():
            self.publish(self.prepare(self._session.selection.mask))

    def _mark(self, *_: Any) -> None:
        hover = self._session.navigation.hover
        self._widget.param.update(hovered=-1 if hover is None else hover, focused=self._focused())

    def _focused(self) -> dict[str, int]:
        sample, position = (
            self._session.navigation.focus,
            self._place(self._listing.table, self._listing.listed),
        )
        return {
            "sample": -1 if sample is None else sample,
            "position": -1 if position is None else position,
            "asked": self._asked,
        }

    def _place(self, table: Population | None, listed: Listed) -> int | None:
        """Where the sample under study stands in a listing."""
        sample = self._session.navigation.focus
        row = None if table is None or sample is None else table.row_of(sample)
        return None if row is None else listed.position(row)


def _window(
    table: Population, listed: Listed, number: int, first: int, last: int
) -> tuple[dict[str, Any], bytes]:
    part = listed.rows(first, last)
    window: dict[str, Any] = {"order": number, "first": first, "predicted": None}
    window |= {"sample": table.samples[part].tolist(), "label": table.label[part].tolist()}
    if table.predicted is not None and table.confidence is not None and (table.predicted[part] >= 0).all():
        window |= {"predicted": table.predicted[part].tolist(), "confidence": table.confidence[part].tolist()}
    return window, table.images(part).tobytes() if len(part) else b""
