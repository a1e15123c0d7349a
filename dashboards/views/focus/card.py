"""The image under study as elements: its picture, the teacher's opinion, and what can be said about both."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.population import Population
from dashboards.data.predictions import Link, sigmoid, softmax
from dashboards.data.values import column_texts
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Alternatives, Box, Child, Choice, quiet, text
from dashboards.kit.forms import Fold
from dashboards.theme import class_color
from dashboards.views.focus.headline import LONGEST
from deepvid.map_words import count
from deepvid.metrics import runner_up
from deepvid.wording import minus, percent, probability, quantity

NAMED, LEAST = 3, 0.005  # classes in one line, and the probability of one that is named
MOST = 4  # bars: the most probable ones, and the true one
UNITS = {
    "probability": "The teacher's probabilities; they sum to one",
    "logit": "The teacher's logits, before the softmax",
}
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


def probabilities(table: Population, row: int, logits: np.ndarray, off: float | None) -> Fold:
    """The answer in a line, which opens the bars."""
    share, names = table.link(logits), shortened(table.class_names, LONGEST)
    label, order = int(table.label[row]), np.argsort(-logits, kind="stable").tolist()
    told = [place for place in order[:NAMED] if share[place] >= LEAST]
    told = told if label in told else [*told[: NAMED - 1], label]
    others = [place for place in order if place not in told]
    parts = [f"{names[place]} {probability(float(share[place]))}" for place in told]
    if others:
        most = float(share[others].max())
        end = ".005" if most < LEAST else probability(most)
        parts.append(f"{count(len(others))} {'other' if len(others) == 1 else 'others'} at most {end}")
    words = " · ".join(parts)
    return Fold(
        "probabilities",
        (text("Answer", tag="b", look="part"), quiet(words, look="line")),
        (Box((units(), opinion(table, row, logits, off)), look="said"),),
        look="answers",
        hint=words,
    )


def units() -> Choice:
    """What the bars are."""
    options = tuple((name, name, hint) for name, hint in UNITS.items())
    return Choice("unit", options, options[0][0], segments=True, local=True, label="Unit of the bars")


def origin(table: Population, row: int, other: str) -> tuple[Child, ...]:
    """The `other` class of its file, what the check of the data found, its file, and its further columns."""
    found = [] if table.findings is None else table.findings.sentences(row, table.class_names)
    file = table.file_names.of([int(table.samples[row])])[0] if table.file_names else ""
    lines = [*filter(None, [file]), *column_texts(table, row)]
    return (
        text(f"≠ of the file itself: {other}", tag="p", look="of-file", hint=SMALLER) if other else None,
        text(" · ".join(found), tag="p", look="of-file finding", hint=f"Data: {'. '.join(found)}")
        if found
        else None,
        quiet(" · ".join(lines), tag="p", look="file", hint="\n".join(lines)) if lines else None,
    )


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


def of_file(table: Population, row: int) -> str:
    """The class that the model gives the file itself, where that is another one."""
    if table.differs is None or table.of_file is None or not table.differs[row]:
        return ""
    return table.class_names[int(table.of_file[row])]
