"""The images near the one under study: of which classes they are, in words, and one tile each."""

from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.feature_neighbors import Near, Neighbors, Space, Usual
from dashboards.data.population import Population
from dashboards.theme import class_color
from deepvid import wording

COUNT = 20  # nearest images of each group
LONGEST = 11  # letters of a class under a tile
NAMED = 3  # classes that a sentence names


class Tile(TypedDict):
    """One image near the one under study."""

    sample: int
    name: str  # its true class, or without labels the predicted one, as it fits under the tile
    color: str
    predicted: str  # the color of what the teacher takes it for, if that is another class; else empty
    distance: str  # in words; empty: not known yet
    hint: str


class Group(TypedDict):
    """Tiles under a heading; they come in the order of their distance."""

    title: str
    empty: str  # in the place of the tiles, where there are none
    tiles: list[Tile]


class Card(TypedDict):
    """What is near one image."""

    sample: int
    shape: list[int]  # y, x, channel
    sentence: str
    unusual: str  # how usual that is; empty: not known yet
    colors: str  # what the colors of a tile mean
    scale: list[str]  # what a distance is a multiple of, shortly and in full; empty: not known yet
    groups: list[Group]


class Drawn(NamedTuple):
    """The card, and its pictures: uint8 (tile, y, x, channel), group after group."""

    card: Card
    tiles: bytes


def drawn(table: Population, space: Space, sample: int, near: Neighbors, usual: Usual | None) -> Drawn:
    """`usual` is of the class of the image under study, or not known yet."""
    label, names = int(space.label[sample]), table.class_names
    groups = {
        "Nearest training images": (near.training, "The run has no other training image."),
        "Nearest test images": (near.test, "The run has no other test image."),
    }
    of_training = space.label[near.training.sample]
    card: Card = {
        "sample": sample,
        "shape": list(table.image_shape),
        "sentence": sentence(of_training, label, names, its="label" if space.labeled else "predicted class"),
        "unusual": "" if usual is None else unusual(int((of_training == label).sum()), usual, names[label]),
        "colors": "frame: true class · corner: predicted, if wrong"
        if space.labeled
        else "frame: predicted class",
        "scale": [] if usual is None else _scale(names[label]),
        "groups": [
            {"title": title, "empty": empty, "tiles": _tiles(table, space, group, usual)}
            for title, (group, empty) in groups.items()
        ],
    }
    pictures = table.images_of(np.concatenate([near.training.sample, near.test.sample]))
    return Drawn(card, pictures.tobytes())


def sentence(near: np.ndarray, label: int, names: tuple[str, ...], *, its: str = "label") -> str:
    """ "Of its 20 nearest training images 17 are Coat, 2 Shirt and 1 Pullover (its label)."

    `its` is what their classes are: labels or, without them, what the teacher predicts.
    """
    if not len(near):
        return "The run has no training image to compare it with."
    count = np.bincount(near, minlength=len(names))
    most = [int(index) for index in np.argsort(-count, kind="stable") if count[index]]
    none = "" if count[label] else f"; none is {names[label]}, its {its}"
    if len(most) == 1 and len(near) > 1:
        own = f", its {its}" if most == [label] else none
        return f"All of its {len(near)} nearest training images are {names[most[0]]}{own}."
    shown = [index for index in most if index in most[:NAMED] or index == label]
    told = [f"{count[index]} {names[index]}{f' (its {its})' * (index == label)}" for index in shown]
    told[0] = told[0].replace(" ", " are " if count[shown[0]] > 1 else " is ", 1)
    others = len(near) - int(count[shown].sum())
    told += [f"{others} of other classes"] if others else []
    return f"Of its {len(near)} nearest training images {wording.enumeration(told)}{none}."


def unusual(own: int, usual: Usual, name: str) -> str:
    """How many images of its class have as few of their own near them: measured, on so many."""
    few, asked = usual.as_few(own), len(usual.own)
    has = "has" if few == 1 else "have"
    if few > asked / 2:
        return f"That is usual: of {asked} test images of {name}, {few} {has} no more of their own near them."
    return f"Of {asked} test images of {name}, {few or 'none'} {has} so few of their own near them."


def _scale(name: str) -> list[str]:
    full = f"1 × is how far a test image of {name} is from the training image nearest to it, in the median"
    return [f"×: times the distance that is usual for {name}", full]


def _tiles(table: Population, space: Space, near: Near, usual: Usual | None) -> list[Tile]:
    names, short = table.class_names, shortened(table.class_names, LONGEST)
    files = table.files.of(near.sample) if table.files and len(near.sample) else [""] * len(near.sample)
    tiles: list[Tile] = []
    for sample, distance, file in zip(near.sample.tolist(), near.distance.tolist(), files, strict=True):
        label, predicted = int(space.label[sample]), int(space.predicted[sample])
        told = _distance(distance, usual)
        own = f"#{sample} true {names[label]}"
        facts = (
            [own, f"predicted {names[predicted]}"]
            if space.labeled
            else [f"#{sample} predicted {names[label]}"]
        )
        facts += [f"{told} the usual distance"] if told else []
        tiles.append(
            {
                "sample": sample,
                "name": short[label],
                "color": class_color(label),
                "predicted": "" if predicted == label else class_color(predicted),
                "distance": told,
                "hint": "\n".join(filter(None, [" · ".join(facts), file])),
            }
        )
    return tiles


def _distance(distance: float, usual: Usual | None) -> str:
    """A multiple of what is usual; of nothing where equal images are usual."""
    if usual is None or not usual.nearest:
        return ""
    multiple = distance / usual.nearest
    return f"{multiple:.0f} ×" if multiple >= 9.95 else f"{multiple:.1f} ×"
