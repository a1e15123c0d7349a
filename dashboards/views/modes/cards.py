"""Cards of kinds of mistakes, and of what a person supposes about them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.captions import verdict
from dashboards.data.hypotheses import Hypothesis
from dashboards.data.hypotheses import verdict as tried_verdict
from dashboards.data.modes import NAME
from dashboards.data.population import Population
from dashboards.data.query import quote
from dashboards.kit.card import empty
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.kit.forms import Entry
from dashboards.kit.pictures import Heat, Thumbnail
from dashboards.theme import class_color
from deepvid.reasons import confirmation
from deepvid.wording import sentence_case

SIDE = 36  # CSS pixels of an image, about
LONGEST_NAME = 60  # letters


class SupposedKind(NamedTuple):
    """What a person supposes: a query under a name, empty while it is not kept."""

    query: str
    name: str = ""
    found: Hypothesis | None = None
    refusal: str = ""  # why it is not tried


def kinds(table: Population, selected: str, supposed: Sequence[SupposedKind] = ()) -> Element:
    """What is `supposed`, then modes, those first that are confirmed; `selected` is the query in force. The
    table has modes.
    """
    assert table.modes is not None
    modes, words = table.modes.entries, table.modes.column.words
    if not modes:
        head = Box((text("Kinds of mistakes", tag="h2", look="title"),), "header")
        return Box((head, empty(text("Too few errors for kinds of mistakes.", tag="p"))), look="filled")
    confirmed = sum(mode["confirmed"] for mode in modes)
    note = f"{confirmed} confirmed on images that they were not found on"
    title = text(f"{len(modes)} kinds of mistakes", tag="h2", look="title")
    order = sorted(range(len(modes)), key=lambda number: not modes[number]["confirmed"])
    tried = [one.found.central for one in supposed if one.found is not None]
    shown = [sample for central in (*tried, *(mode["central"] for mode in modes)) for sample in central]
    central = [sample for sample in shown if table.row_of(sample) is not None]
    pictures = dict(zip(central, table.images_of(np.array(central, np.intp)), strict=True))
    sections = (_kind(table, modes[number], words[number], selected, pictures) for number in order)
    hypotheses = (_hypothesis(table, one, selected, pictures) for one in supposed)
    return Box(
        (
            Box((title, text(note, tag="p", look="quiet line")), "header"),
            Box((_supposing(), *hypotheses, *sections), look="list"),
        ),
        look="filled",
    )


def _kind(
    table: Population, mode: Mapping[str, Any], word: str, selected: str, pictures: Mapping[int, np.ndarray]
) -> Box:
    """What sets it apart, whether that is confirmed, its images and evidence."""
    name, query = _sentence(mode["name"]), f"{NAME} == {quote(word)}"
    _, _, apart = mode["sentence"].partition(": ")
    images = _images(table, mode["central"], pictures)
    return Box(
        (
            _errors(name, mode["errors"], query, selected),
            Box((*images, _evidence(table, mode["places"], name)), look="images"),
            text(_sentence(apart, "."), tag="p") if apart else None,
            text(f"{confirmation(mode)}.", tag="p", look="quiet confirmation"),
            Box(
                (
                    text(_sentence(mode["action"], "."), tag="p", look="advice") if mode["action"] else None,
                    _more(mode["central"]),
                ),
                look="acts",
            ),
        ),
        "section",
        look="mode" if mode["confirmed"] else "mode quiet",
        label=name,
    )


def _hypothesis(
    table: Population, one: SupposedKind, selected: str, pictures: Mapping[int, np.ndarray]
) -> Box:
    """The same of a query, with what chance gives."""
    name = one.name or one.query
    keep = (
        Button(("Forget",), "forget", one.name, look="chip", label=f"Forget {one.name}")
        if one.name
        else Entry("keep", "Name to keep it under", button="Keep", about=one.query, most=LONGEST_NAME)
    )
    if one.found is None:
        return Box((text(name, tag="b"), text(one.refusal, tag="p", look="warning")), "section", look="mode")
    found, query = one.found, f"wrong and ({one.query})"
    is_confirmed = found.tried.is_confirmed
    return Box(
        (
            _errors(name, found.errors, query, selected),
            Box(
                (*_images(table, found.central, pictures), _evidence(table, found.places, name)),
                look="images",
            ),
            text(f"Supposed: {one.query}", tag="p", look="quiet") if one.name else None,
            text(f"{tried_verdict(found.tried)}.", tag="p", look="quiet confirmation"),
            Box(
                (
                    Button(
                        (f"All {found.images:,} such images",),
                        "select",
                        {"query": one.query},
                        keys=True,
                        pressed=one.query == selected,
                        look="chip",
                    ),
                    keep,
                ),
                look="acts",
            ),
        ),
        "section",
        look="mode" if is_confirmed else "mode quiet",
        label=name,
    )


def _supposing() -> Entry:
    hint = "A query of what images are like: it is tried as the kinds are, on two halves of the images"
    return Entry(
        "suppose",
        'Suppose … as in: true == "Shirt" and margin < 0.5',
        button="Try",
        hint=hint,
        most=500,
        label="Hypothesis about errors",
        look="supposing",
    )


def _errors(name: str, count: int, query: str, selected: str) -> Button:
    return Button(
        (text(name, tag="b"), f" · {count:,}"),
        "select",
        {"query": query},
        keys=True,
        pressed=query == selected,
        look="name",
        hint="Select its errors",
    )


def _more(central: Sequence[int]) -> Button | None:
    hint = "Select the test images nearest to the middle of these in the teacher's features, right ones too"
    return Button(("More like this",), "like", list(central), look="chip", hint=hint) if central else None


def _images(
    table: Population, central: Sequence[int], pictures: Mapping[int, np.ndarray]
) -> tuple[Button, ...]:
    return tuple(_image(table, sample, pictures[sample]) for sample in central if sample in pictures)


def _sentence(text: str, stop: str = "") -> str:
    return f"{sentence_case(text)}{stop}" if text else ""


def _image(table: Population, sample: int, picture: np.ndarray) -> Button:
    """One of those nearest to the middle of a mode."""
    row = table.row_of(sample)
    assert row is not None
    predicted = -1 if table.predicted is None else int(table.predicted[row])
    hint = f"#{sample} {verdict(table, row)}"
    corner = class_color(predicted) if predicted >= 0 else ""
    words = table.files.of([sample])[0] if table.textual and table.files else ""
    color = class_color(int(table.label[row]))
    framed = Thumbnail(picture.tobytes(), picture.shape, color, corner, SIDE, words)
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
