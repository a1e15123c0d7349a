"""A mark on the image: that its label is wrong, and a person's remark."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboards.data.population import Population
from dashboards.data.saving import LONGEST_REMARK
from dashboards.keys import SHORTCUTS
from dashboards.kit.elements import Box, Button, Icon, quiet, text
from dashboards.kit.forms import Field, Form, Popover, Submit
from dashboards.serving import transfer
from deepvid.store import Mark
from deepvid.wording import quantity

FLAG = "M4 14.5V2 M4 2.8h8.5l-2.2 3 2.2 3H4"


class Marked(NamedTuple):
    """Marks of the run."""

    entries: Mapping[int, Mark]
    unkept: str  # why they stay in this session; empty: they are kept


def said_of(mark: Mark | None, names: Sequence[str]) -> str:
    """A mark in a line; empty: there is none."""
    if mark is None:
        return ""
    if mark.right:
        return f"its label is right: {mark.remark}" if mark.remark else "its label is right"
    should = "mislabelled" if _class(mark, names) is None else f"should be {names[mark.label or 0]}"
    return f"{should}: {mark.remark}" if mark.remark else should


def _class(mark: Mark, names: Sequence[str]) -> int | None:
    """That it should have; None: nobody said, or of other classes than these."""
    return mark.label if mark.label is not None and 0 <= mark.label < len(names) else None


def flag(table: Population, row: int, marked: Marked, lacks: str) -> Popover:
    """What a person says of its label; `lacks` is why that cannot be wrong."""
    sample, names = int(table.samples[row]), table.class_names
    mark, words = marked.entries.get(sample), "Mark as mislabelled (M)"
    wrong = mark is not None and not mark.right
    if mark is not None:
        said = said_of(mark, names)
        words = f"Marked as mislabelled, {said} (M)" if wrong else f"Marked, {said}. {words}"
    heading = text(f"#{sample} is labelled {names[int(table.label[row])]}", tag="h3", look="title")
    return Popover(
        (Icon(FLAG),),
        str(sample),
        (heading, _form(table, row, marked, mark)),
        closing=("mark", "unmark"),
        shortcut=SHORTCUTS["mark"],
        pressed=None if lacks else wrong,
        disabled=bool(lacks),
        look="plain flag",
        hint=lacks or words,
        label="Mark as mislabelled (M)" if lacks else words,
    )


def _form(table: Population, row: int, marked: Marked, mark: Mark | None) -> Form:
    sample, names, label = int(table.samples[row]), table.class_names, int(table.label[row])
    wrong = mark is not None and not mark.right
    predicted = label if table.predicted is None or table.predicted[row] < 0 else int(table.predicted[row])
    offered = _class(mark, names) if mark and wrong else predicted if predicted != label else None
    options = ("", "not known"), *((str(place), name) for place, name in enumerate(names) if place != label)
    remark = Field(
        "remark",
        "Remark",
        mark.remark if mark else "",
        most=LONGEST_REMARK,
        lines=2,
        placeholder="Remark (optional)",
    )
    should = Field("label", "It should be", "" if offered is None else str(offered), options)
    where = f"{marked.unkept} The mark stays in this page: export it."
    refusal, count = transfer.refusal(), len(marked.entries)
    return Form(
        (remark, should),
        str(sample),
        (
            Box(
                (
                    quiet(where if marked.unkept else "It is kept in the run’s notes.", tag="p"),
                    Button(("Unmark",), "unmark", sample, look="chip") if mark else None,
                    Submit(
                        ("Save" if wrong else "Mark",), "mark", {"sample": sample}, main=True, look="action"
                    ),
                ),
                look="line",
            ),
            Box(
                (
                    quiet(f"{quantity(count, 'image')} marked in this run", tag="p"),
                    Button(
                        ("Export CSV",),
                        "export",
                        disabled=not count or bool(refusal),
                        look="chip",
                        hint=refusal,
                    ),
                ),
                look="line all",
            ),
        ),
        label="Mark as mislabelled",
    )
