"""The neighbors of one image: of which classes they are, in words and numbers, and one tile each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.predictions import Link, softmax
from dashboards.data.spreading import evenly
from dashboards.kit.neighbors import NeighborTiles, TileClass
from dashboards.theme import class_color
from deepvid import wording
from deepvid.engine.requests import Neighbors

MOST = 2000  # tiles; of more neighbors as many, evenly spread
LARGEST = 64  # pixels a side of a tile; larger images are averaged down
LONGEST = 14  # letters of a class
NAMED = 3  # classes that a sentence names


def tiles(
    sample: int,
    drawn: Neighbors,
    image: np.ndarray,
    class_names: Sequence[str],
    link: Link = softmax,
) -> NeighborTiles:
    """Of the neighbors of an image, uint8 (y, x, channel)."""
    number = evenly(len(drawn.image), MOST)
    label = drawn.logits.argmax(axis=1)
    counts = np.bincount(label, minlength=len(class_names))
    order = [int(index) for index in np.argsort(-counts, kind="stable") if counts[index]]
    place = np.zeros(len(class_names), np.intp)
    place[order] = np.arange(len(order))
    short = shortened(tuple(class_names), LONGEST)
    classes = tuple(
        TileClass(class_names[index], short[index], class_color(index), int(counts[index])) for index in order
    )
    picture = smaller(drawn.image[number])
    return NeighborTiles(
        sample,
        sentence(classes),
        picture.tobytes(),
        picture.shape[1:],
        classes,
        len(drawn.image) - drawn.held_out,
        number.astype("<i4").tobytes(),
        place[label[number]].astype("<i4").tobytes(),
        link(drawn.logits[number]).max(axis=1).astype("<f4").tobytes(),
        distances(drawn.image[number], image).round(4).astype("<f4").tobytes(),
    )


def smaller(images: np.ndarray) -> np.ndarray:
    """uint8 (image, y, x, channel): means of whole blocks, so that no side is longer than `LARGEST`."""
    block = -(-max(images.shape[1:3]) // LARGEST)
    if block == 1:
        return images
    count, *size, channel = images.shape
    y, x = (side // block for side in size)
    blocks = images[:, : y * block, : x * block].reshape(count, y, block, x, block, channel)
    return blocks.mean(axis=(2, 4)).round().astype(np.uint8)


def distances(images: np.ndarray, image: np.ndarray) -> np.ndarray:
    """(Σ (xᵢ - x)² / pixels)^½ of each, in units from black to white: f64 (image,)."""
    return np.array([np.sqrt(((one / 255.0 - image / 255.0) ** 2).mean()) for one in images])


def sentence(classes: Sequence[TileClass]) -> str:
    """ "Of its 500 neighbors 312 are Shirt, 120 T-shirt and 68 of 3 other classes." """
    total = sum(one.images for one in classes)
    if len(classes) == 1:
        return f"All of its {total:,} neighbors are {classes[0].name}."
    named = classes[: NAMED if len(classes) > NAMED + 1 else NAMED + 1]
    told = [f"{one.images:,} {one.name}" for one in named]
    told[0] = f"{named[0].images:,} are {named[0].name}"
    others = classes[len(named) :]
    if others:
        told.append(f"{sum(one.images for one in others):,} of {len(others)} other classes")
    return f"Of its {total:,} neighbors {wording.enumeration(told)}."


def chance(name: str, share: float) -> str:
    """What to compare an agreement with."""
    return f"Always saying {name} would be right for {wording.percent(share)}."


def spanned(use: Mapping[str, Any], widening: float) -> str:
    """How far around the image they are drawn."""
    band = use.get("band")
    if not isinstance(band, int | float):
        wide = f", each {widening:.2g} times as wide" if widening > 1 else ""
        return f"They are drawn within a band of each latent's own{wide}."
    if widening > 1:
        return (
            f"They are drawn within {widening * band:.2g} sd of each latent: "
            f"within {band:.2g} sd more than {wording.percent(use.get('commonest', 0.8))} would be one class."
        )
    return f"They are drawn within {band:.2g} sd of each latent."


def shares(neighbors: int, held_out: int, *, fitted: bool) -> str:
    """Who sees which of them."""
    who = "Its student was" if fitted else "A student would be"
    return f"{who} fitted on {neighbors - held_out:,} of them and measured on the other {held_out:,} (○)."


def stored(use: Mapping[str, Any], widening: float, commonest: float | None, name: str) -> str:
    """What a run keeps of the neighbors of a student."""
    count, known = use.get("neighbors", "Its"), ""
    if commonest is not None:
        known = f" {wording.percent(commonest)} of them are {name}, the commonest class."
    return f"Its student was fitted on {count} neighbors.{known} {spanned(use, widening)}"
