"""The filters of a layer in an order: what each sees, and what the answer owes to it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import softmax
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Button, Choice, Close, Element, column, quiet, row, swatch, text
from dashboards.kit.pictures import Heat, Picture, Scale
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import FilterResponses
from deepvid.wording import signed

PAGE = 24  # filters that are shown at first, and with each "more"
LONGEST = 16  # letters of a class
NAMED = 4  # filters that a sentence tells by their numbers
CLIPPED = 0.998  # share of all cells inside the scale: few bright ones must not gray out the rest
SMALL, LARGE = 56, 104  # CSS pixels of the longer side of a map, and of that of the chosen filter

ORDERS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "strongest": ("strongest first", lambda margin: -np.abs(margin)),
    "for": ("for {predicted} first", lambda margin: margin),
    "against": ("for {other} first", lambda margin: -margin),
    "number": ("by number", np.zeros_like),
}
"""Name -> (what a person reads, what is ascending of the changes of the margin)."""


class Listing(NamedTuple):
    """Which filters are listed."""

    order: str = next(iter(ORDERS))
    visible: int = PAGE


def filters(
    found: FilterResponses,
    sample: int,
    image: np.ndarray,
    names: tuple[str, ...],
    listing: Listing,
    chosen: int | None,
) -> Element:
    """The first filters in an order, and the chosen one in full, where the layer has it."""
    order, visible = listing
    change = changes(found)
    first = np.argsort(ORDERS[order][1](_margin(found, change)), kind="stable")[:visible].tolist()
    end = float(np.quantile(np.abs(found.occlusion), CLIPPED)) or 1.0
    alone, silenced = notes(found)
    said = text(alone, text(f" {silenced}", look="more"), tag="p", look="quiet notes", role="status")
    tiles = (_tile(found, names, change, number, end, own=number == chosen) for number in first)
    full = chosen if chosen is not None and 0 <= chosen < len(found.mean) else None
    return column(
        Box((text(sentence(found, names), tag="h3", look="sentence"), said)),
        _tools(found, names, order, end),
        Box(
            (*tiles, _more(found, len(first))),
            look="list",
            role="group",
            label="Filters of the layer",
            roving=True,
            about=f"{sample} {found.layer} {order}",
        ),
        None if full is None else _full(found, image, names, full, end),
        _legend(found, names),
    )


def _tools(found: FilterResponses, names: tuple[str, ...], order: str, end: float) -> Box:
    predicted, other = (shortened(names, LONGEST)[index] for index in found.classes)
    layers = {name: f"{name} · {wording.quantity(count, 'filter')}" for name, count in found.layers}
    orders = {name: words.format(predicted=predicted, other=other) for name, (words, _) in ORDERS.items()}
    takes = "What a patch in the mean color takes from the mean activation of a filter: one scale for all, "
    scale = f"{takes}whose colors end at ±{wording.two_digits(end)}. Zero is the background."
    return row(
        _list("layer", layers, found.layer, "Layer"),
        _list("order", orders, order, "Order of the filters"),
        Scale("covered: rises", "falls", hint=scale),
        look="tools middle",
    )


def _list(act: str, options: dict[str, str], chosen: str, label: str) -> Choice:
    told = tuple((value, words, "") for value, words in options.items())
    return Choice(act, told, chosen, label=label, hint=options[chosen])


def _more(found: FilterResponses, listed: int) -> Button | None:
    left = len(found.mean) - listed
    words = f"{min(PAGE, left)} more of {left}"
    return Button((words,), "more", listed + PAGE, look="chip more", data={"alone": ""}) if left else None


def _legend(found: FilterResponses, names: tuple[str, ...]) -> Box:
    short = shortened(names, LONGEST)
    first, second = ((swatch(class_color(index)), short[index]) for index in found.classes)
    difference = ", and their difference · a: mean activation"
    return quiet("silenced, the logits of ", *first, " and ", *second, difference, tag="p", look="how")


def changes(found: FilterResponses) -> np.ndarray:
    """f32 (filter, class): Δ of every filter."""
    return np.asarray(found.silenced - found.logits)


def sentence(found: FilterResponses, names: Sequence[str]) -> str:
    """How many of the filters that the answer owes most to must be silenced until it is another one."""
    predicted, other = found.classes
    margin, answers = _margin(found, changes(found)), found.together.argmax(axis=1)
    carrying = int((margin < 0).sum())
    turned = np.flatnonzero(answers[:carrying] != predicted)
    if not carrying:
        return f"No filter of {found.layer} speaks for {names[predicted]} against {names[other]}."
    if not len(turned):
        every = wording.quantity(carrying, "filter")
        return f"The answer stays {names[predicted]} without the {every} that speak for it."
    count = int(turned[0]) + 1
    which, to = _numbers(found.order[:count].tolist()), names[answers[turned[0]]]
    if count == 1:
        return f"Silencing filter {which} turns {names[predicted]} into {to}."
    return (
        f"Silencing the {count} filters that speak most for {names[predicted]} ({which}) turns it into {to}."
    )


def notes(found: FilterResponses) -> list[str]:
    """What else is to be known of them."""
    alone = int((found.silenced.argmax(axis=1) != found.classes[0]).sum())
    of = wording.quantity(len(found.mean), "filter")
    does = "changes" if alone == 1 else "change"
    return [
        f"Alone, {alone} of its {of} {does} the answer." if alone else f"None of its {of} changes it alone.",
        f"Silenced: held at its mean of {found.images:,} training images. "
        f"Patch: {found.patch} px, mean color.",
    ]


def _tile(
    found: FilterResponses, names: Sequence[str], change: np.ndarray, number: int, end: float, *, own: bool
) -> Button:
    pair = list(found.classes)
    reach = float(np.abs(change[:, pair]).max()) or 1.0
    most = int(np.abs(change[number]).argmax())
    predicted, other, strongest = (f"{names[at]} {signed(change[number, at])}" for at in (*pair, most))
    further = f"; most {strongest}" if most not in pair else ""
    activation, usual = wording.bare(found.activation[number]), wording.bare(found.mean[number])
    hint = (
        f"Filter {number}: activation {activation}, usually {usual}. Silenced: {predicted}, {other}{further}"
    )
    hint += _answer(found, names, number)
    numbers = text(
        text(f"#{number}", tag="b"),
        text(signed(_margin(found, change)[number]), look="margin"),
        *(_bar(float(change[number, index]), reach, index) for index in pair),
        quiet(f"a {activation}", look="activation"),
        look="numbers",
    )
    return Button(
        (_map(found, number, end, SMALL, f"What filter {number} sees"), numbers),
        "choose",
        _choosing(found, None if own else number),
        pressed=own,
        look="tile",
        hint=hint,
        label=hint,
        data={"number": number},
    )


def _choosing(found: FilterResponses, number: int | None) -> dict[str, Any]:
    return {"layer": found.layer, "number": number}


def _map(found: FilterResponses, number: int, end: float, longest: int, label: str) -> Heat:
    cells = found.occlusion[number]
    return Heat(
        cells.astype("<f4").tobytes(), cells.shape, end, label=label, style=_size(cells.shape, longest)
    )


def _size(shape: tuple[int, ...], longest: int) -> str:
    height, width = (longest * side / max(shape[:2]) for side in shape[:2])
    return f"width:{width:g}px; height:{height:g}px"


def _bar(change: float, reach: float, index: int) -> Rail:
    """From zero in the middle, in the color of a class."""
    return Rail(0.5 + 0.5 * change / reach, start=0.5, fill=class_color(index))


def _full(found: FilterResponses, image: np.ndarray, names: tuple[str, ...], number: int, end: float) -> Box:
    """The image, a map, and what silencing the filter changes of every class: of the two in question, then
    of those that it changes most.
    """
    change, short = changes(found)[number], shortened(names, LONGEST)
    others = [
        index for index in np.argsort(-np.abs(change), kind="stable").tolist() if index not in found.classes
    ]
    reach = max(1e-9, float(np.abs(change).max()))
    rows = (
        Box(
            (
                text(swatch(class_color(index)), short[index], tag="th", role="rowheader", hint=names[index]),
                text(_bar(float(change[index]), reach, index), tag="td"),
                text(signed(change[index]), tag="td", look="number"),
            ),
            "tr",
            look="asked" * (index in found.classes),
        )
        for index in (*found.classes, *others)
    )
    return Box(
        (
            Picture(
                image.tobytes(), image.shape, label="The image under study", style=_size(image.shape, LARGE)
            ),
            _map(found, number, end, LARGE, f"What filter {number} sees of it"),
            Box(
                (
                    row(
                        text(f"Filter {number}", tag="h4"),
                        Close(act="choose", value=_choosing(found, None)),
                        look="spread",
                    ),
                    text(_told(found, names, number), tag="p", look="text"),
                    Box(
                        (Box(tuple(rows), "tbody", label="Classes", focusable=True),),
                        "table",
                        label="Change of each class's logit",
                    ),
                ),
                look="facts",
            ),
        ),
        look="full",
        role="group",
        label="The chosen filter",
    )


def _told(found: FilterResponses, names: Sequence[str], number: int) -> str:
    silenced, before = softmax(found.silenced[number]), softmax(found.logits)
    answer, was = int(silenced.argmax()), found.classes[0]
    kept = "still " if answer == was else ""
    activation, usual = wording.bare(found.activation[number]), wording.bare(found.mean[number])
    return (
        f"Activation {activation}, usually {usual}. "
        f"Silenced, the answer is {kept}{names[answer]} {wording.probability(float(silenced[answer]))} "
        f"(it was {'' if kept else names[was] + ' '}{wording.probability(float(before[was]))})."
    )


def _answer(found: FilterResponses, names: Sequence[str], number: int) -> str:
    """Where silencing it alone turns the answer."""
    answer = int(found.silenced[number].argmax())
    return "" if answer == found.classes[0] else f". The answer is then {names[answer]}"


def _margin(found: FilterResponses, change: np.ndarray) -> np.ndarray:
    predicted, other = found.classes
    return np.asarray(change[:, predicted] - change[:, other])


def _numbers(numbers: Sequence[int]) -> str:
    """ "12", "12, 3 and 8", "12, 3, 8, 40 and 5 others"."""
    few = numbers if len(numbers) <= NAMED + 1 else numbers[:NAMED]
    others = len(numbers) - len(few)
    told = [*map(str, few), *([f"{others} others"] if others else [])]
    return wording.enumeration(told)
