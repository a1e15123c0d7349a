"""The image under study as elements: its picture, the teacher's opinion, and what can be said about both."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.predictions import Link, sigmoid, softmax
from dashboards.data.values import column_texts
from dashboards.keys import SHORTCUTS
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Alternatives, Box, Button, Child, Choice, Element, Icon, quiet, text
from dashboards.theme import class_color
from deepvid.causes import SENTENCES
from deepvid.metrics import runner_up
from deepvid.reasons import Reason
from deepvid.wording import minus, percent, probability, quantity

LONGEST = 16  # letters of a name
MOST = 4  # bars: the most probable ones, and the true one
CLIPPED = 0.995  # share of a map's pixels inside its scale
UNITS = {
    "probability": "The teacher's probabilities; they sum to one",
    "logit": "The teacher's logits, before the softmax",
}
OFF = "M4 4 L12 12 M12 4 L4 12"
DOUBT = (
    "Overlapping classes, a picture unlike the others, one place that decides: the causes of errors, asked "
    "of an image that is right"
)
SMALLER = (
    "The image is stored smaller than its file, and all that is shown is about the stored one. The model "
    "gives the file itself another class: store images larger (--size) to explain that answer"
)


class Bar(NamedTuple):
    """One class's bar."""

    name: str
    short: str  # the name as it fits beside the bar
    color: str
    probability: float
    logit: float
    true: bool  # the image is of this class, or without labels it is the runner-up
    predicted: bool  # the teacher takes it for one


def bars(logits: np.ndarray, true: int, class_names: Sequence[str], link: Link = softmax) -> list[Bar]:
    """One entry a bar, of the teacher's logits (class,): the likeliest first, and the true one among them."""
    probabilities = link(logits)
    predicted, short = int(logits.argmax()), shortened(tuple(class_names), LONGEST)
    top = np.argsort(-logits, kind="stable")[:MOST].tolist()
    return [
        Bar(
            class_names[index],
            short[index],
            class_color(index),
            float(probabilities[index]),
            float(logits[index]),
            index == true,
            index == predicted,
        )
        for index in (top if true in top else [*top[: MOST - 1], true])
    ]


def sides(logits: np.ndarray, true: int, names: Sequence[str]) -> tuple[str, str]:
    """The classes between which a map decides: the predicted one, and the true one or the runner-up.

    A positive pixel speaks for the first, a negative one for the second.
    """
    predicted = int(logits.argmax())
    other = true if true != predicted else int(runner_up(logits[None])[0])
    return names[predicted], names[other]


def overlay(values: np.ndarray) -> bytes:
    """int8 (y, x) of a map in 127ths of its own end."""
    end = float(np.quantile(np.abs(values), CLIPPED)) or 1.0
    return np.clip(np.rint(values / end * 127), -127, 127).astype(np.int8).tobytes()


def heading(table: Population, row: int) -> Box:
    """Its number, its true class, and the predicted one with its probability; without labels that first."""
    names = table.class_names
    whole, short = (_title(table, row, each) for each in (names, shortened(names, LONGEST)))
    return Box((text(f"#{table.samples[row]}", look="index"), short), "h2", hint=whole)


def _title(table: Population, row: int, names: Sequence[str]) -> str:
    said, true = table.predictions, f"{table.against} {names[table.label[row]]}"
    if said is None or said.predicted[row] < 0:
        return true
    predicted = f"predicted {names[said.predicted[row]]} {probability(said.confidence[row])}"
    return f"{true} · {predicted}" if table.labeled else f"{predicted} · {true}"


def units() -> Choice:
    """What the bars are."""
    options = tuple((name, name, hint) for name, hint in UNITS.items())
    return Choice("unit", options, options[0][0], segments=True, local=True, label="Unit of the bars")


def pin(*, paired: bool, pinned: bool) -> Button:
    """Whether another image is beside it, and whether this is the one that stays."""
    hint = "Let the pinned image go (P)" if paired else "Keep it here, and compare it with the next one (P)"
    words = "Unpin" if pinned else "Pin"
    return Button((words,), "pin", pressed=paired, look="chip", hint=hint, shortcut=SHORTCUTS["pin"])


def why(causes: Sequence[Child], doubt: Child) -> Child:
    """Why it is wrong, or what speaks against it: the first cause as a sentence, the second below it."""
    return Box((doubt, *causes), look="why" if causes else "doubt") if causes or doubt else None


def cause(name: str, words: str, hint: str = "", *, first: bool = True) -> Box:
    """One of them; the hint says what to do about it, and how often it is right."""
    begin = f"{name}." if first else f"Else {name.lower()}."
    look, whole = "" if first else "quiet", "\n".join(filter(None, (words, hint)))
    return text(text(begin, tag="b"), f" {words}".replace(" %", "\u00a0%"), tag="p", look=look, hint=whole)


def causes(named: Sequence[Reason]) -> list[Child]:
    """The first ones, each with its sentence."""
    return [
        cause(
            _capital(one.title),
            one.text,
            ". ".join(_capital(part) for part in (one.action, one.right) if part),
            first=not place,
        )
        for place, one in enumerate(named[:SENTENCES])
    ]


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def doubting(*, busy: bool) -> Element:
    """Asks what speaks against a right answer, or says that it is being asked."""
    if busy:
        return quiet("Asking what speaks against it …", tag="p", role="status")
    return Button(("What speaks against it?",), "doubt", look="plain-text", hint=DOUBT)


def origin(table: Population, row: int, other: str) -> tuple[Child, ...]:
    """The `other` class of its file, what the check of the data found, its file, and its further columns."""
    found = [] if table.findings is None else table.findings.sentences(row, table.class_names)
    file = table.files.of([int(table.samples[row])])[0] if table.files else ""
    lines = [*filter(None, [file]), *column_texts(table, row)]
    return (
        text(f"≠ of the file itself: {other}", tag="p", look="of-file", hint=SMALLER) if other else None,
        text(" · ".join(found), tag="p", look="of-file finding", hint=f"Data: {'. '.join(found)}")
        if found
        else None,
        quiet(" · ".join(lines), tag="p", look="file", hint="\n".join(lines)) if lines else None,
    )


def take_off() -> Button:
    """Takes a map off the image."""
    hint = "Take it off the image"
    return Button((Icon(OFF),), "overlay", look="plain", hint=hint, label=hint)


def opinion(table: Population, row: int, logits: np.ndarray, off: float | None) -> Box:
    """The bars in all units, over what is said of the others, and by how much they are `off` on average."""
    shown = bars(logits, int(table.label[row]), table.class_names, table.link)
    largest = max(*(abs(bar.logit) for bar in shown), 1e-9)
    others = 0 if table.link is sigmoid else table.class_count - len(shown)  # independent ones share no 1
    rest = max(0.0, 1 - sum(bar.probability for bar in shown))
    folded = f"{quantity(others, 'other')} {probability(rest)}" if others else ""
    error = "" if off is None else f"probabilities are off by {percent(off, digits=1)} on average"
    legend = quiet(
        text(folded),
        text(" · " if folded else "", error, look="off") if error else None,
        *(
            text(text(look=f"mark {name}"), words, look="key")
            for name, words in (("true", table.against), ("predicted", "predicted"))
        ),
        tag="p",
        look="legend",
        hint="Expected calibration error on the test images",
    )
    rows = tuple(Box(tuple(_bar(bar, unit, largest) for bar in shown), look="rows") for unit in UNITS)
    return Box((Alternatives("unit", rows), legend), look="bars")


def _bar(bar: Bar, unit: str, largest: float) -> Box:
    marks = f"{' true' * bar.true}{' predicted' * bar.predicted}"
    shared = unit == "probability"
    start, value = (0.0, bar.probability) if shared else (0.5, 0.5 + bar.logit / largest / 2)
    number = probability(bar.probability) if shared else minus(f"{bar.logit:.1f}")
    return Box(
        (
            text(bar.short, look="name", hint=bar.name),
            text(look=f"mark{marks}"),
            Rail(value, fill=bar.color, start=start, look="track"),
            text(number, look="value"),
        ),
        look="row marked" if marks else "row",
    )
