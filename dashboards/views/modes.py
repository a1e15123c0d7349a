"""What kinds of mistakes are there? A click on one selects its images, one on an image studies it."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from dashboards.data.captions import verdict
from dashboards.data.modes import NAME
from dashboards.data.population import Population
from dashboards.data.query import quote
from dashboards.kit.card import Card, empty
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.kit.pictures import Heat, Thumbnail
from dashboards.session import needs
from dashboards.session.gestures import Query
from dashboards.session.modifiers import apply_click, sole_query
from dashboards.session.scene import Scene
from dashboards.theme import class_color
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.reasons import confirmation

SIDE = 36  # CSS pixels of an image, about


class ModesView(Card):
    """Shows the modes of the run; it is there where the run has some."""

    title = "Kinds"
    subject = "Kinds of mistakes"
    needs = (needs.RUN, needs.stage("modes"))
    follows: ClassVar = ("facts", "steps")
    look = "modes-card"
    help: ClassVar = Help(
        what="Errors that are alike: in where their evidence lies, in what the picture is like, in classes "
        "and features. Eight images from the middle of each; beside them what the answer loses with each "
        "place, on average.",
        use="A click on a kind selects its errors, one on an image puts it under study.",
        beware="A rule was found on half of the images. Only one that finds errors on the other half, beyond "
        "chance, is confirmed.",
        source="Ward 1963 on blocks of equal weight; docs/causes.md.",
    )

    def actions(self) -> Actions:
        """`select` the errors of {query}, `study` a sample."""
        return {"select": self._select, "study": self.session.focus_asked}

    def prepare(self, scene: Scene) -> Element:
        """All modes, with what the table knows of their images."""
        assert scene.table is not None
        return kinds(scene.table, sole_query(scene.steps))

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, Query(asked["query"]))


def kinds(table: Population, selected: str) -> Element:
    """Those first that are confirmed; `selected` is the query in force. The table has modes."""
    assert table.modes is not None
    modes, words = table.modes.entries, table.modes.column.words
    if not modes:
        head = Box((text("Kinds of mistakes", tag="h2", look="title"),), "header")
        return Box((head, empty(text("Too few errors for kinds of mistakes.", tag="p"))), look="filled")
    confirmed = sum(mode["confirmed"] for mode in modes)
    note = f"{confirmed} confirmed on images that they were not found on"
    title = text(f"{len(modes)} kinds of mistakes", tag="h2", look="title")
    order = sorted(range(len(modes)), key=lambda number: not modes[number]["confirmed"])
    central = [sample for mode in modes for sample in mode["central"] if table.row_of(sample) is not None]
    pictures = dict(zip(central, table.images_of(np.array(central, np.intp)), strict=True))
    sections = (_kind(table, modes[number], words[number], selected, pictures) for number in order)
    return Box(
        (
            Box((title, text(note, tag="p", look="quiet line")), "header"),
            Box(tuple(sections), look="list"),
        ),
        look="filled",
    )


def _kind(
    table: Population, mode: Mapping[str, Any], word: str, selected: str, pictures: Mapping[int, np.ndarray]
) -> Box:
    """What sets it apart, whether that is confirmed, its images and evidence."""
    name, query = _sentence(mode["name"]), f"{NAME} == {quote(word)}"
    _, _, apart = mode["sentence"].partition(": ")
    images = (_image(table, sample, pictures[sample]) for sample in mode["central"] if sample in pictures)
    errors = Button(
        (text(name, tag="b"), f" · {mode['errors']:,}"),
        "select",
        {"query": query},
        keys=True,
        pressed=query == selected,
        look="name",
        hint="Select its errors",
    )
    return Box(
        (
            errors,
            Box((*images, _evidence(table, mode["places"], name)), look="images"),
            text(_sentence(apart, "."), tag="p") if apart else None,
            text(f"{confirmation(mode)}.", tag="p", look="quiet confirmation"),
            text(_sentence(mode["action"], "."), tag="p", look="advice") if mode["action"] else None,
        ),
        "section",
        look="mode" if mode["confirmed"] else "mode quiet",
        label=name,
    )


def _sentence(text: str, stop: str = "") -> str:
    return f"{text[0].upper()}{text[1:]}{stop}" if text else ""


def _image(table: Population, sample: int, picture: np.ndarray) -> Button:
    """One of those nearest to the middle of a mode."""
    row = table.row_of(sample)
    assert row is not None
    predicted = -1 if table.predicted is None else int(table.predicted[row])
    hint = f"#{sample} {verdict(table, row)}"
    corner = class_color(predicted) if predicted >= 0 else ""
    framed = Thumbnail(picture.tobytes(), picture.shape, class_color(int(table.label[row])), corner, SIDE)
    return Button((framed,), "study", sample, look="image", hint=hint, label=hint)


def _evidence(table: Population, lost: list[float], name: str) -> Heat | None:
    """In parts of what is strongest; none where an archive tells of other places than its causes have."""
    grid = (0, 0) if table.causes is None else table.causes.stored.grid
    values = np.array(lost, "<f4")
    most = float(np.abs(values).max(initial=0))
    if len(values) != grid[0] * grid[1] or not 0 < most < np.inf:
        return None
    return Heat(
        values.tobytes(),
        grid,
        most,
        label=f"Evidence of {name} by place, on average",
        hint="What the answer loses with each place, on average",
        style=f"width:{SIDE}px; height:{SIDE}px",
    )
