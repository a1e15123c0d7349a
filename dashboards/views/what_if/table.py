"""What a drawn image changes: probabilities, the vote at every layer, and units, in words and numbers."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import Link, softmax
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Child, Children, Element, quiet, swatch, text
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import ChangedUnit, Voted, WhatIf

CLASSES = 5  # that are shown, the most probable before or after
LONGEST = 12  # letters of a class
UNITS = 8


class Vote(NamedTuple):
    """A class that most of the nearest training images are of; empty name: unknown."""

    name: str
    color: str
    share: float
    says: str


UNKNOWN = Vote("", "", 0.0, "too wide: nobody knows")


def answer(found: WhatIf, names: Sequence[str], link: Link = softmax) -> Element:
    """The answer to both images; of one that nobody has changed yet, both are the same."""
    drawn = found.drawn or not found.silenced
    return Box(
        (
            _classes(found, names, link, drawn=drawn),
            *((_layers(found, names, drawn=drawn), _units(found, drawn=drawn)) if found.columns else ()),
        ),
        look="said" if found.columns else "said alone",
    )


def stored(found: WhatIf, names: Sequence[str], link: Link = softmax) -> str:
    """The sentence of an image where nobody can draw."""
    said = link(found.logits[0])
    label = int(said.argmax())
    return f"{names[label]} {wording.probability(float(said[label]))}, as stored"


def sentence(found: WhatIf, names: Sequence[str], link: Link = softmax) -> str:
    """ "Shirt .52 as drawn, T-shirt .61 before: the vote changes at 3 of 7 layers"."""
    before, after = (link(logits) for logits in found.logits)
    was, now = int(before.argmax()), int(after.argmax())
    said = f"{names[now]} {wording.probability(float(after[now]))}"
    if not found.silenced and not found.units and np.array_equal(before, after):
        return f"{said}: draw on the image or silence a unit, and this follows"
    known = [voted for voted in found.columns if voted.before is not None and voted.after is not None]
    changed = sum(voted.before[0] != voted.after[0] for voted in known)  # type: ignore[index]
    than = f"{names[was]} {wording.probability(float(before[was]))} before"
    votes = f"; the vote changes at {changed} of {wording.quantity(len(known), 'layer')}" if known else ""
    return f"{said} {_tried(found)}, {than}{votes}"


def _tried(found: WhatIf) -> str:
    """ "as drawn with unit 9 of stage3 silenced"."""
    if not found.silenced:
        return "as drawn"
    (layer, unit), *others = found.silenced
    which = wording.quantity(len(found.silenced), "unit") if others else f"unit {unit} of {layer}"
    return f"{'as drawn ' if found.drawn else ''}with {which} silenced"


def _classes(found: WhatIf, names: Sequence[str], link: Link, *, drawn: bool) -> Box:
    """The classes that are most probable before or after."""
    before, after = (link(logits) for logits in found.logits)
    short, tried = shortened(tuple(names), LONGEST), _tried(found)
    most = np.argsort(-np.maximum(before, after), kind="stable")[:CLASSES]

    def line(index: int) -> Box:
        was, now = float(before[index]), float(after[index])
        says = f"{names[index]}: {wording.probability(was)} as stored, {wording.probability(now)} {tried}"
        return Box(
            (
                text(short[index], look="name"),
                Rail(now, mark=was, fill=class_color(index)),
                text(wording.probability(now), look="value"),
            ),
            role="img",
            look="row",
            hint=says,
            label=says,
        )

    key = quiet("bar: drawn · line: stored" if drawn else "line: stored")
    return _section("Probabilities", ("Probability", key), map(line, most.tolist()))


def _layers(found: WhatIf, names: Sequence[str], *, drawn: bool) -> Box:
    """The votes at every layer; the class is said once where it stays."""

    def line(voted: Voted) -> Box:
        before, after = (_vote(one, names, found.neighbors) for one in (voted.before, voted.after))
        changed = before.name != after.name
        return Box(
            (
                text(voted.column, look="name"),
                _cell(before),
                quiet("→", label="then"),
                _cell(after, said=changed),
            ),
            look="row changed" if changed else "row",
            hint=f"{voted.column}: {before.says} as stored; {after.says} {'as drawn' if drawn else 'then'}",
        )

    head = f"What its {found.neighbors} nearest {found.among} are"
    return _section("River", (head,), map(line, found.columns), look="votes")


def _units(found: WhatIf, *, drawn: bool) -> Box:
    """The units that change most, in standard deviations."""
    units, tried = found.units[:UNITS], _tried(found)
    reach = max((abs(unit.change) for unit in units), default=1.0)

    def line(unit: ChangedUnit) -> Box:
        change, fill = f"{wording.change(unit.change, 1)} sd", "positive" if unit.change > 0 else "negative"
        return Box(
            (
                text(f"{unit.unit} · {unit.column}", look="name"),
                Rail(0.5 + unit.change / reach / 2, start=0.5, fill=f"var(--dv-{fill})"),
                text(change, look="value"),
            ),
            look="row",
            hint=f"Unit {unit.unit} of {unit.column}: mean response {unit.before:.2f} as stored, "
            f"{unit.after:.2f} {tried}, {change} of the test images",
        )

    none = "None: the image is as it is stored." if drawn else "None but what is silenced."
    lines = map(line, units) if units else (text(none, tag="p", look="quiet"),)
    return _section("Units", ("Units that change most", quiet("sd")), lines, look="units")


def _section(label: str, head: Children, lines: Iterable[Child], look: str = "") -> Box:
    return Box((Box(head, "h4"), *lines), "section", label=label, look=look)


def _vote(one: tuple[int, int] | None, names: Sequence[str], neighbors: int) -> Vote:
    if one is None:
        return UNKNOWN
    label, votes = one
    says = f"{votes} of {neighbors} are {names[label]}"
    return Vote(shortened(tuple(names), LONGEST)[label], class_color(label), votes / neighbors, says)


def _cell(vote: Vote, *, said: bool = True) -> Box:
    if not vote.name:
        return quiet("?", look="vote", hint=vote.says)
    name = (swatch(vote.color), text(vote.name, look="label")) if said else ()
    return text(*name, quiet(f"{100 * vote.share:.0f} %"), look="vote" if said else "vote same")
