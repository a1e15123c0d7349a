"""The rows of the selection in an order, and one window of them with its pictures."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.image_orders import KINDS, NearOrder
from dashboards.data.orders import Listed, group_counts, grouped, groupings, order, orders
from dashboards.data.population import Mask, Population
from dashboards.data.trust import WORDS
from dashboards.theme import CLASS_COLORS, VERDICT_COLORS, class_color
from deepvid.causes import Cause as StoredCause
from deepvid.config import names
from deepvid.trust import Verdict

NOTE = "frame: true class · corner: predicted, if wrong"
NOTHING = "The selection is empty. Undo, clear it, or select somewhere else."

_numbers = count(1)


class Facts(TypedDict):
    """What is known of the tiles of a window: one entry a tile, by position in the order."""

    order: int  # number of the listing
    first: int  # position of the first tile
    sample: list[int]
    label: list[int]  # the true class, or without labels the predicted one
    runner_up: list[int] | None  # None: images have labels
    predicted: list[int] | None  # None: no teacher yet, or it has not seen all of them
    confidence: list[float] | None  # None where `predicted` is
    file: list[str] | None  # None: the images have no file each
    of_file: (
        list[int] | None
    )  # class of the file itself where it is another, else -1; None: files are no larger
    cause: list[int] | None  # why it is wrong, by its place in `Described.causes`; -1: not known
    verdict: list[int] | None  # `deepvid.trust.Verdict` of their explanations; None: no student is known


class Window(NamedTuple):
    """Some of the listed rows: what `ImageGrid.window` and `ImageGrid.tiles` hold."""

    facts: Facts
    tiles: bytes  # uint8 (tile, y, x, channel)


class Badge(TypedDict):
    """What a verdict looks like on a tile."""

    name: str  # in words
    color: str


class Cause(TypedDict):
    """Name and letter of a cause on a tile."""

    name: str
    letter: str


class Group(TypedDict):
    """Images that follow each other under a heading."""

    name: str
    color: str  # empty: no class has it
    count: int


class Wish(NamedTuple):
    """What a person chose, and how many tiles the browser asked for: the next listing brings as many."""

    sort: str = ""  # the first that the run has the facts for
    group: str = ""  # none
    visible: int = 60


class Described(TypedDict):
    """A listing without its images."""

    title: str
    count: int
    order: int  # its number: positions that name another one are gone
    shape: list[int]  # y, x, channel
    classes: list[str]
    colors: list[str]  # class k has the color k modulo their number
    sort: str  # name of the order
    sorts: list[list[str]]  # [name, text] of the orders one may ask for
    group: str  # what they are grouped by; empty: nothing
    groupings: list[list[str]]  # [name, text] of what they can be grouped by
    groups: list[Group]  # in the order of their images; one without a name where nothing is grouped
    note: str  # how to read a tile
    badges: list[Badge]  # by verdict; none where no student is known
    causes: list[Cause]  # that errors can have; none where nobody looked for them
    named: bool  # images have names of files to search by
    textual: bool  # they are texts, which are in the place of names
    waiting: str  # in the place of the images, where none are listed


LETTERS: Mapping[names.Cause, str] = {
    "label_doubt": "L", "one_place": "P", "picture_quality": "Q", "overlap": "O", "unlike_training": "U",
    "copies": "C",
}  # fmt: skip
BADGES: list[Badge] = [{"name": WORDS[verdict], "color": VERDICT_COLORS[verdict]} for verdict in Verdict]


class Listing(NamedTuple):
    """An order of the selected rows, by a number that no other listing has, with its first window."""

    table: Population
    listed: Listed
    number: int
    described: Described
    window: Window


def listing(
    table: Population, mask: Mask | None, wish: Wish, near: NearOrder | None = None, kinds: Sequence[str] = ()
) -> Listing:
    """The rows of a mask as they were wished for, or in the first order that the run has the facts for.

    `near` is the order by an image where one was wished for; `kinds` are those that can be, asked for by
    their names alone.
    """
    offered = orders(table)
    sort = str(near.by) if near else wish.sort if wish.sort in offered else next(iter(offered))
    groups = groupings(table)
    group = wish.group if wish.group in groups else ""
    rows = near.order if near else order(table, sort)
    listed, number = Listed(grouped(table, rows, group) if group else rows, mask), next(_numbers)
    described: Described = {
        "title": "",
        "count": len(listed),
        "order": number,
        "shape": list(table.image_shape),
        "classes": list(table.class_names),
        "colors": list(CLASS_COLORS),
        "sort": sort,
        "sorts": [
            *([name, text] for name, (text, _) in offered.items()),
            *([[sort, f"{KINDS[near.by.kind]} #{near.by.sample}"]] if near else []),
            *([kind, f"{KINDS[kind]} the image under study"] for kind in kinds),
        ],
        "group": group,
        "groupings": [["", "nothing"], *([name, one.words] for name, one in groups.items())],
        "groups": _groups(table, group, mask, len(listed)),
        "note": _note(table),
        "badges": BADGES if table.trust else [],
        "causes": [] if table.causes is None else [_marked(cause) for cause in table.causes.stored.causes],
        "named": table.files is not None,
        "textual": table.textual,
        "waiting": NOTHING,
    }
    return Listing(table, listed, number, described, window(table, listed, number, 0, wish.visible))


def _marked(cause: StoredCause) -> Cause:
    return {"name": cause.title, "letter": LETTERS[cause.name]}


def _note(table: Population) -> str:
    if table.differs is not None:
        return f"frame: {'true · corner: predicted' if table.labeled else 'predicted'} · ≠: file differs"
    if not table.labeled:
        return "frame: predicted class"
    letters = "" if table.causes is None else " · letter: cause"
    return NOTE + letters if table.predictions else "frame: true class"


def _groups(table: Population, group: str, mask: Mask | None, listed: int) -> list[Group]:
    """Those that have images."""
    if not group:
        return [{"name": "", "color": "", "count": listed}]
    kind = groupings(table)[group]
    names, colored = [*kind.names, kind.rest], kind.names is table.class_names
    return [
        {
            "name": names[index],
            "color": class_color(index) if colored and index < table.class_count else "",
            "count": count,
        }
        for index, count in enumerate(group_counts(table, group, mask).tolist())
        if count
    ]


def window(table: Population, listed: Listed, number: int, first: int, last: int) -> Window:
    """The tiles at the positions `first`, ..., `last` - 1."""
    rows = listed.rows(first, last)
    facts: Facts = {
        "order": number,
        "first": first,
        "sample": table.samples[rows].tolist(),
        "label": table.filed[rows].tolist(),
        "runner_up": None if table.labeled else table.label[rows].tolist(),
        "predicted": None,
        "confidence": None,
        "file": table.files.of(table.samples[rows]) if table.files and len(rows) else None,
        "of_file": None,
        "cause": None if table.causes is None else table.causes.first_cause[rows].tolist(),
        "verdict": table.trust.of_row[rows].tolist() if table.trust else None,
    }
    if table.differs is not None and table.of_file is not None:
        facts["of_file"] = np.where(table.differs[rows], table.of_file[rows], -1).tolist()
    if table.predicted is not None and table.confidence is not None and (table.predicted[rows] >= 0).all():
        facts["predicted"] = table.predicted[rows].tolist()
        facts["confidence"] = table.confidence[rows].tolist()
    return Window(facts, table.images(rows).tobytes() if len(rows) else b"")
