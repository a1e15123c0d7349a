"""Row below the image of a review: those beside it, marks for all of them, training without them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.kit.elements import Box, Button, Child, quiet, text
from dashboards.kit.forms import Confirm, Copy
from dashboards.kit.pictures import Picture
from deepvid.store import Mark
from deepvid.wording import quantity

PAGE = 24  # images of the line below
RIGHT = ", marked as right"
SIDE = 46  # CSS pixels of one, about


class Place(NamedTuple):
    """Where a review is: a list, and an image of it."""

    kind: str
    counts: Sequence[int]  # images of each of `LISTS`
    samples: Sequence[int]  # of this one
    at: int  # place of the image

    @property
    def page(self) -> Sequence[int]:
        """Those shown below."""
        begin = self.at // PAGE * PAGE
        return self.samples[begin : begin + PAGE]


class State(NamedTuple):
    """Marks that there are, and where they can go."""

    marks: Mapping[int, Mark]
    undoable: str  # what U takes back; empty: nothing
    unkept: str  # why marks stay in this session; empty: they are kept
    unsaved: str  # why no file can be saved
    command: str  # that trains again without marked images; empty: there is none
    file: str  # name of the file that it reads
    lacking: str  # command that looks for doubts; empty: somebody has


Images = Callable[[Sequence[int]], np.ndarray]


def page(place: Place, state: State, images: Images) -> Box:
    """Those around it, a flag on the marked ones."""
    now = place.samples[place.at]
    tiles = (
        Button(
            (
                Picture(picture.tobytes(), picture.shape, style=f"width: {SIDE}px", label=f"#{sample}"),
                text("✓" if said == RIGHT else "⚑", look="flag") if said else None,
            ),
            "go",
            sample,
            current=sample == now,
            look="step",
            hint=f"#{sample}{said}",
            label=f"#{sample}{said}",
        )
        for sample, picture in zip(place.page, images(place.page), strict=True)
        for said in (_said(state.marks.get(sample)),)
    )
    return Box(tuple(tiles), look="page", role="group", label="Images of this list", roving=True)


def _said(mark: Mark | None) -> str:
    return "" if mark is None else RIGHT if mark.right else ", marked"


def foot(place: Place, state: State) -> Box:
    """Marks for all that is shown, where marks go, and the command that trains again."""
    count = len(place.page)
    bulk = Confirm(
        (
            text(f"Mark {quantity(count, 'label')} as wrong, each with its probable class?", tag="p"),
            Button(("Mark them",), "bulk", list(place.page), look="action"),
        ),
        f"Mark all {count} shown",
        "Leave them",
        about=str(place.page[:1]),
        look="action",
    )
    return Box(
        (
            bulk if count and place.kind != "marked" else None,
            quiet(f"{state.unkept} Marks stay in this page: export them.", tag="p") if state.unkept else None,
            _again(state),
        ),
        look="foot",
    )


def _again(state: State) -> Child:
    """The command that trains without the marked images."""
    wrong = sum(not mark.right for mark in state.marks.values())
    if not wrong or not state.command:
        return None
    return Box(
        (
            quiet(f"Train and test again without the {quantity(wrong, 'marked image')}, from the folder of "),
            text(state.file, tag="code"),
            quiet(": "),
            text(state.command, tag="code", look="command"),
            Copy(("Copy",), state.command, look="plain-text"),
        ),
        look="again",
    )
