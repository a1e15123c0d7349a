"""The rows of the selection in an order, and one window of them with its pictures."""

from itertools import count
from typing import Any, NamedTuple

from dashboards.data.orders import Listed, ordered, orders
from dashboards.data.population import Mask, Population
from dashboards.theme import CLASS_COLORS

NOTE = "frame: true class · corner: predicted class, where wrong"
NOTHING = "The selection is empty. Undo, clear it, or select somewhere else."

_numbers = count(1)


class Window(NamedTuple):
    """Some of the listed rows: what `ImageGrid.window` and `ImageGrid.tiles` hold."""

    facts: dict[str, Any]
    tiles: bytes  # uint8 (tile, y, x, channel)


class Listing(NamedTuple):
    """An order of the selected rows, by a number that no other listing has, with its first window."""

    table: Population
    listed: Listed
    number: int
    described: dict[str, Any]
    window: Window


def listing(table: Population, mask: Mask | None, sort: str, visible: int) -> Listing:
    """Lists the rows of a mask in the order `sort`, or the first that means something by now."""
    offered = orders(table)
    sort = sort if sort in offered else next(iter(offered))
    listed, number = ordered(table, sort, mask), next(_numbers)
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
    return Listing(table, listed, number, described, window(table, listed, number, 0, visible))


def window(table: Population, listed: Listed, number: int, first: int, last: int) -> Window:
    """The tiles at the positions `first`, ..., `last` - 1."""
    part = listed.rows(first, last)
    facts: dict[str, Any] = {"order": number, "first": first, "predicted": None}
    facts |= {"sample": table.samples[part].tolist(), "label": table.label[part].tolist()}
    if table.predicted is not None and table.confidence is not None and (table.predicted[part] >= 0).all():
        facts |= {"predicted": table.predicted[part].tolist(), "confidence": table.confidence[part].tolist()}
    return Window(facts, table.images(part).tobytes() if len(part) else b"")
