"""What the image card says of a mark."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from dashboards.data.population import Population
from dashboards.data.saving import LONGEST_REMARK
from dashboards.serving import transfer
from deepvid.store import Mark


class Flag(TypedDict):
    """Whether the image is marked, and what a person can say of it; classes are told by their index."""

    lacks: str  # why there is nothing to mark; empty: there is
    marked: bool
    remark: str
    label: int | None  # what it should be; None: nobody said
    said: str  # both in a line; empty: not marked
    true: str  # name of its class
    offered: int | None  # what the teacher takes it for, if that is another class
    classes: list[str]
    count: int  # marked images of the run
    unkept: str  # why marks stay in this session; empty: they are kept
    refusal: str  # why no file can be saved; empty: it can


class Marked(NamedTuple):
    """What a session knows of marks."""

    known: Mapping[int, Mark]
    unkept: str


def flag(table: Population, row: int, marked: Marked, *, lacks: str = "") -> Flag:
    """What is said of one image; `lacks` is why its label cannot be wrong."""
    mark = marked.known.get(int(table.samples[row]))
    names, label = table.class_names, int(table.label[row])
    predicted = -1 if table.predicted is None else int(table.predicted[row])
    suggested = mark.label if mark and mark.label is not None and 0 <= mark.label < len(names) else None
    should = f"should be {names[suggested]}" if suggested is not None else "mislabelled"
    return {
        "lacks": lacks,
        "marked": mark is not None,
        "remark": mark.remark if mark else "",
        "label": suggested,
        "said": "" if mark is None else f"{should}: {mark.remark}" if mark.remark else should,
        "true": names[label],
        "offered": predicted if predicted not in (-1, label) else None,
        "classes": list(names),
        "count": len(marked.known),
        "unkept": marked.unkept,
        "refusal": transfer.refusal(),
    }


class Wish(NamedTuple):
    """What a browser asks to be kept, once it makes sense."""

    sample: int
    remark: str
    label: int | None


def wish(table: Population, value: Any) -> Wish | None:
    """None for what is about no image of the table: it comes from outside."""
    if not isinstance(value, dict):
        return None
    sample, remark, label = (value.get(name) for name in ("sample", "remark", "label"))
    if not isinstance(sample, int) or table.row_of(sample) is None:
        return None
    known = isinstance(label, int) and 0 <= label < table.class_count
    return Wish(sample, str(remark or "").strip()[:LONGEST_REMARK], label if known else None)
