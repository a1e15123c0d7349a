"""Where an image goes, and what the teacher says on the way: as words and as stacked areas."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.captions import verdict
from dashboards.data.class_labels import shortened
from dashboards.data.feature_neighbors import Space
from dashboards.data.population import Population
from dashboards.data.predictions import Link, softmax
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import Flip, Morphed

MOST = 6  # classes with an area of their own, beside those that are an answer
LEAST = 0.02  # probability that an area of its own reaches somewhere
LONGEST = 16  # letters of a class
TOLD = 3  # changes that a sentence tells all of


class Goal(NamedTuple):
    """The image at the other end, and why it is that one."""

    sample: int
    why: str


class Area(TypedDict):
    """The probability of one class, or of all that have no area, from below upwards."""

    name: str
    short: str
    color: str  # empty: the rest
    value: list[float]  # at each of the points


class Change(TypedDict):
    """Where the answer changes."""

    position: float
    text: str


class Shown(TypedDict):
    """One way."""

    shape: list[int]  # y, x, channel
    position: list[float]  # of the steps, 0 to 1
    answer: list[str]  # of the teacher at each step, with its probability
    point: list[float]  # where the areas are known: at steps and changes
    areas: list[Area]
    changes: list[Change]


NOTHING: Shown = {"shape": [1, 1, 1], "position": [], "answer": [], "point": [], "areas": [], "changes": []}


def goal(table: Population, space: Space, sample: int) -> Goal | None:
    """The nearest image that the teacher recognizes: of the image's class, or where it is recognized itself,
    of the class that the teacher holds second; without labels every image is. None where there is none, as
    of one class.
    """
    label, recognized = int(space.label[sample]), space.predicted == space.label
    row = table.row_of(sample)
    probabilities = None if row is None else table.probabilities(row)
    if probabilities is None:
        return None
    right = int(probabilities.argmax()) == label
    if right and len(probabilities) == 1:
        return None
    wanted = int(np.argsort(-probabilities, kind="stable")[1]) if right else label
    near = space.nearest(sample, recognized & (space.label == wanted))
    if near is None:
        return None
    which = "the teacher's second choice" if right else "its label"
    kind = "test" if space.test[near] else "training"
    name = table.class_names[wanted]
    if not space.labeled:
        return Goal(
            near, f"the nearest {kind} image that the teacher takes for {name}, its second choice here"
        )
    return Goal(near, f"the nearest {kind} image of {name}, {which}, that the teacher recognizes")


def shown(found: Morphed, class_names: Sequence[str], link: Link = softmax) -> Shown:
    """What is drawn of a way. Areas are stacked, so they are shares of 1 whatever the link."""
    position = np.concatenate([found.position, [flip.position for flip in found.flips]])
    logits = np.concatenate([found.logits, *(flip.logits[None] for flip in found.flips)])
    order = np.argsort(position, kind="stable")
    probability = link(found.logits)
    return {
        "shape": list(found.image.shape[1:]),
        "position": found.position.tolist(),
        "answer": [f"{class_names[each.argmax()]} {wording.probability(each.max())}" for each in probability],
        "point": position[order].round(5).tolist(),
        "areas": areas(softmax(logits[order]), class_names),
        "changes": [
            {"position": flip.position, "text": f"{class_names[flip.before]} → {class_names[flip.after]}"}
            for flip in found.flips
        ],
    }


def areas(probability: np.ndarray, class_names: Sequence[str]) -> list[Area]:
    """Of (point, class): the first answer below, the last one on top, the others as they come between."""
    answers, most = probability.argmax(axis=1), probability.max(axis=0)
    likely = [index for index in np.argsort(-most, kind="stable")[:MOST] if most[index] >= LEAST]
    classes = {int(index) for index in (*likely, *answers)}
    first, last = int(answers[0]), int(answers[-1])
    between = sorted(classes - {first, last}, key=lambda index: int(probability[:, index].argmax()))
    short = shortened(tuple(class_names), LONGEST)

    def area(index: int) -> Area:
        value = probability[:, index].round(5).tolist()
        return {
            "name": class_names[index],
            "short": short[index],
            "color": class_color(index),
            "value": value,
        }

    others = len(class_names) - len(classes)
    rest = np.maximum(0, 1 - probability[:, sorted(classes)].sum(axis=1)).round(5)
    name = wording.quantity(others, "other class", "other classes")
    told: list[Area] = [{"name": name, "short": name, "color": "", "value": rest.tolist()}]
    top = [last] if last != first else []
    return [
        *(area(index) for index in (first, *between)),
        *(told if others else []),
        *(area(index) for index in top),
    ]


def sentence(flips: Sequence[Flip], answer: str, class_names: Sequence[str]) -> str:
    """ "The teacher's answer changes from Shirt to Coat at .424 of the way." `answer` is the first one."""
    if not flips:
        return f"The teacher's answer does not change on the way: it stays {answer}."
    began = f"from {class_names[flips[0].before]}"
    if len(flips) <= TOLD:
        told = [f"to {class_names[flip.after]} at {_place(flip)}" for flip in flips]
        return f"The teacher's answer changes {began} {wording.enumeration(told)} of the way."
    last = flips[-1]
    return (
        f"The teacher's answer changes {len(flips)} times, first {began} to {class_names[flips[0].after]} at "
        f"{_place(flips[0])}, at last to {class_names[last.after]} at {_place(last)} of the way."
    )


def note(table: Population, sample: int, chosen: Goal) -> str:
    """From where to where, and why there."""
    return f"From {_named(table, sample)} to {_named(table, chosen.sample)}, {chosen.why}."


def _named(table: Population, sample: int) -> str:
    row = table.row_of(sample)
    return f"#{sample}" if row is None else f"#{sample} ({verdict(table, row)})"


def _place(flip: Flip) -> str:
    return wording.bare(flip.position, 3)
