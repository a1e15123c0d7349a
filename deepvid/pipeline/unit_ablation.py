"""What each unit of a run's network does to those behind it, and to the logits."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from deepvid import config
from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer
from deepvid.network.unit_ablation import Behind, ablate, affordable, work_of
from deepvid.pipeline.parts import Part
from deepvid.progress import Progress

LARGEST = 2**24  # numbers of what silencing does to every class


class KeptUnits(NamedTuple):
    """The units of one layer that are kept."""

    layer: Layer
    unit: np.ndarray  # int (unit,): their numbers in the layer
    usual: np.ndarray  # f32 (unit,): their mean response over training images


def ablation_images(
    network: LayeredClassifier,
    kept: Sequence[tuple[Layer, int]],
    images: int,
    classes: int,
    section: config.Layers,
) -> int:
    """On how many of the test images every unit is silenced; 0: what it does is not measured.

    `kept` says how many units of each layer are.
    """
    units = sum(count for _, count in kept)
    if units * classes**2 > LARGEST:
        return 0
    work = sum(count * work_of(network, layer.name) for layer, count in kept)
    return affordable(work, min(section.silenced_images, images))


def ablated_units(
    network: LayeredClassifier,
    kept: Sequence[KeptUnits],
    images: np.ndarray,
    label: np.ndarray,
    classes: int,
    section: config.Layers,
    *,
    seed: int,
    progress: Progress,
) -> Part:
    """Silences every kept unit on some of the test `images`, drawn once; layer after layer."""
    counts = [(one.layer, len(one.unit)) for one in kept]
    count = ablation_images(network, counts, len(images), classes, section)
    if not count:
        return Part({}, None)
    rows = np.sort(np.random.default_rng(seed).permutation(len(images))[:count])
    parts = progress.part(0, 1, 1)
    total, done = sum(number for _, number in counts), 0
    changes, errors, inputs = [], [], np.zeros((total, total), np.float16)
    for one, after in zip(kept, [*kept[1:], None], strict=True):
        width = len(one.unit)
        behind = None if after is None else Behind(after.layer, after.unit)
        part = parts.part(done, done + width, total)
        found = ablate(
            network, one.layer, one.unit, one.usual, behind, images[rows], label[rows], classes, progress=part
        )
        changes.append(found.change)
        errors.append(found.error)
        if after is not None:
            next_ones = slice(done + width, done + width + len(after.unit))
            inputs[next_ones, done : done + width] = found.moved.T
        done += width
    arrays = {"silenced": np.concatenate(changes), "silenced_error": np.concatenate(errors)}
    return Part(
        {name: values.astype(np.float16) for name, values in arrays.items()} | {"unit_input": inputs},
        {"images": count, "of_class": np.bincount(label[rows], minlength=classes).tolist()},
    )


def cuts(count: int, section: config.Layers, images: int) -> Iterator[str]:
    """What is left out of it, in words."""
    wanted = min(section.silenced_images, images)
    if count < wanted:
        of = f"on {count:,} of {wanted:,} images" if count else "not at all"
        yield f"units are silenced {of}: more would take too long (network.silenced_images)"
