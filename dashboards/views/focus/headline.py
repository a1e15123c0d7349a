"""The first line of the card: what the image is taken for, and where it stands in the list of images."""

import re
from collections.abc import Sequence

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.keys import SHORTCUTS
from dashboards.kit.elements import Box, Button, quiet, text
from dashboards.session.image_list import ImageList
from deepvid.engine.requests import Edited
from deepvid.wording import probability

LONGEST = 16  # letters of a name
WHOLE = r"(labeled [^,]*,?|\S*-\S*)"  # stays in one line: a label, and what has a hyphen
EDITED = "It stands in the place of the image: Escape takes it back"


def heading(table: Population, row: int, edited: Edited | None) -> Box:
    """Its number, its label and what it is taken for; of an edited copy what that is, and what it was."""
    names = table.class_names
    whole, short = (_title(table, row, each, edited) for each in (names, shortened(names, LONGEST)))
    kind = None if edited is None else "edited copy" if edited.name == "edited" else edited.name
    chip = text(kind, look="partial", hint=EDITED) if kind else None
    hint = f"{kind}: {whole}" if kind else whole
    index = text(f"#{table.samples[row]}", look="index")
    parts = enumerate(re.split(WHOLE, short))
    return Box(
        (index, chip, *(text(one, look="whole") if at % 2 else one for at, one in parts)), "h2", hint=hint
    )


def _title(table: Population, row: int, names: Sequence[str], edited: Edited | None) -> str:
    said, label = table.predictions, names[table.label[row]]
    taken = None if said is None or said.predicted[row] < 0 else int(said.predicted[row])
    if edited is not None:
        own = table.link(edited.logits)
        best = int(np.argmax(own))
        was = "" if taken is None or said is None else f", was {_answer(names[taken], said.confidence[row])}"
        return f"{_answer(names[best], own[best])}{was}"
    if taken is None or said is None:
        return f"labeled {label}" if table.labeled else ""
    answer = _answer(names[taken], said.confidence[row])
    if not table.labeled:
        return f"taken for {answer}"
    if taken == table.label[row]:
        return f"{label}, and taken for one {probability(said.confidence[row])}"
    return f"labeled {label}, taken for {answer}"


def _answer(name: str, share: float) -> str:
    return f"{name} {probability(float(share))}"


def steps(found: ImageList, row: int) -> Box:
    """Its place in the list, between ways to the image before it and to the next one."""
    place, count = found.listed.position(row), len(found.listed)
    where = f"{'–' if place is None else f'{place + 1:,}'} of {count:,}"
    before, after = place is not None and place > 0, place is None or place + 1 < count
    return Box(
        (
            _step("‹", -1, "previous image", enabled=before),
            quiet(where, hint=f"Its place among {count:,} {found.words}, in the order of the grid"),
            _step("›", 1, "next image", enabled=after and count > 0),
        ),
        look="steps",
    )


def _step(sign: str, by: int, name: str, *, enabled: bool) -> Button:
    words = f"The {name} of the list ({SHORTCUTS[name]})"
    return Button(
        (sign,),
        "step",
        by,
        disabled=not enabled,
        look="plain",
        hint=words,
        label=words,
        shortcut=SHORTCUTS[name],
    )


def pin(*, paired: bool, pinned: bool) -> Button:
    """Whether another image is beside it, and whether this is the one that stays."""
    hint = "Let the pinned image go (P)" if paired else "Keep it here, and compare it with the next one (P)"
    words = "Unpin" if pinned else "Pin"
    return Button((words,), "pin", pressed=paired, look="chip", hint=hint, shortcut=SHORTCUTS["pin"])
