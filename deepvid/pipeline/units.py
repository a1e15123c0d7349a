"""Stages of units: which of every layer are kept, how they answer, what silencing each does; their maps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from deepvid import config, fields
from deepvid.models import LayeredClassifier
from deepvid.network.ablation import Behind, ablate, affordable, work_of
from deepvid.network.codes import Responses
from deepvid.network.layers import Layer
from deepvid.network.response_maps import PLACES, coded, grid, response_maps
from deepvid.network.units import alike, spread, strongest
from deepvid.pipeline.looked_into import (
    Inside,
    KeptUnits,
    inside,
    kept_units,
    predicted_classes,
    stage_inside,
    to_float16,
)
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext
from deepvid.progress import Progress
from deepvid.store import dataset_of

LARGEST = 2**24  # numbers of what silencing does to every class
FARTHEST = np.iinfo(np.uint16).max  # place in a map: of 256x256 all are told apart
READ, TESTED = 0.05, 0.1
"""How far the stage is when training and test images are read."""

Arrays = dict[str, np.ndarray]


class UnitResponses(NamedTuple):
    """How the units of one layer that are kept answer."""

    layer: Layer
    number: int  # of its column
    unit: np.ndarray  # int (unit,): their numbers in the layer
    training: np.ndarray  # f32 (training, unit): their mean responses
    test: Responses  # (test image, unit)


def units_stage(section: config.Units, *, seed: int) -> GroupStage:
    """Keeps the units that tell the classes apart best, and holds each of them at its usual response."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        images, tested = known.images, int(np.count_nonzero(known.images.test))
        counts = [(layer, min(layer.shape[-1], section.units)) for layer in known.layers if layer.has_units]
        total = sum(count for _, count in counts)
        progress.foretell(f"{total:,} units of {len(counts)} layers", size=6 * total * tested)
        for text in _cuts(known, counts, section):
            progress.note(text)
        kept = _responses(known, section, progress)
        arrays, told = _units_of(kept, images.labels[known.rows]), None
        if (network := known.reader.network) is not None:
            silencing = progress.part(TESTED, 1, 1)
            silenced, told = ablated_units(network, kept, images, section, seed=seed, progress=silencing)
            arrays |= silenced
        arrays["sample"] = images.test_samples
        return Result(dataset_of(fields.UNITS, arrays, {"silenced": told}), {})

    return stage_inside(section, work, seed=seed, needs=(config.Layers.stage,))


def _responses(known: Inside, section: config.Units, progress: Progress) -> list[UnitResponses]:
    """Of the units of every layer that tell the classes apart best: layer after layer."""
    label, reader = known.images.labels[known.rows], known.reader
    training = reader.responses(known.rows, progress=progress.part(0, READ, 1))
    test = reader.responses(np.flatnonzero(known.images.test), progress=progress.part(READ, TESTED, 1))
    found = []
    for number, layer in enumerate(known.layers):
        if layer.has_units:
            mean = training[layer.name].mean
            chosen = strongest(spread(mean, label), section.units)
            answers = Responses(*(each[:, chosen] for each in test[layer.name]))
            found.append(UnitResponses(layer, number, chosen, mean[:, chosen], answers))
    return found


def _units_of(kept: Sequence[UnitResponses], label: np.ndarray) -> Arrays:
    """`label` (training,) of those that are neighbors. Nothing of a teacher that shows no layer."""
    if not kept:
        return {}
    test = [np.concatenate(each, axis=1) for each in zip(*(one.test for one in kept), strict=True)]
    mean, largest, peak = test
    return {
        "unit_column": np.concatenate([np.full(len(one.unit), one.number) for one in kept]).astype(np.uint8),
        "unit_index": np.concatenate([one.unit for one in kept]).astype(np.int32),
        "unit_spread": np.concatenate([spread(one.training, label) for one in kept]).astype(np.float32),
        "unit_leaf": np.concatenate([alike(one.training, label) for one in kept]).astype(np.int32),
        "response_mean": to_float16(mean),
        "response_max": to_float16(largest),
        "response_peak": np.minimum(peak, FARTHEST).astype(np.uint16),
    }


def ablation_images(
    network: LayeredClassifier,
    kept: Sequence[tuple[Layer, int]],
    images: int,
    classes: int,
    section: config.Units,
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
    kept: Sequence[UnitResponses],
    images: Images,
    section: config.Units,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Arrays, Mapping[str, Any] | None]:
    """Silences every kept unit on some of the test images, drawn once; layer after layer."""
    test, label, classes = images.image[images.test], images.labels[images.test], len(images.class_names)
    counts = [(one.layer, len(one.unit)) for one in kept]
    count = ablation_images(network, counts, len(test), classes, section)
    if not count:
        return {}, None
    rows = np.sort(np.random.default_rng(seed).permutation(len(test))[:count])
    parts = progress.part(0, 1, 1)
    total, done = sum(number for _, number in counts), 0
    changes, errors, inputs = [], [], np.zeros((total, total), np.float16)
    for one, after in zip(kept, [*kept[1:], None], strict=True):
        width, usual = len(one.unit), one.training.mean(axis=0, dtype=np.float64)
        behind = None if after is None else Behind(after.layer, after.unit)
        part = parts.part(done, done + width, total)
        found = ablate(
            network, one.layer, one.unit, usual, behind, test[rows], label[rows], classes, progress=part
        )
        changes.append(found.change)
        errors.append(found.error)
        if after is not None:
            next_ones = slice(done + width, done + width + len(after.unit))
            inputs[next_ones, done : done + width] = found.moved.T
        done += width
    arrays = {"silenced": np.concatenate(changes), "silenced_error": np.concatenate(errors)}
    return (
        {name: values.astype(np.float16) for name, values in arrays.items()} | {"unit_input": inputs},
        {"images": count, "of_class": np.bincount(label[rows], minlength=classes).tolist()},
    )


def _cuts(known: Inside, counts: Sequence[tuple[Layer, int]], section: config.Units) -> Iterator[str]:
    """Says what is left out of a wide network, or of many images."""
    for layer, count in counts:
        if count < layer.shape[-1]:
            units = f"{count:,} of {layer.shape[-1]:,} units of {layer.name}"
            yield f"{units} are kept, those that tell the classes apart best (units.units)"
    if (network := known.reader.network) is not None:
        tested = int(np.count_nonzero(known.images.test))
        count = ablation_images(network, counts, tested, len(known.images.class_names), section)
        wanted = min(section.silenced_images, tested)
        if count < wanted:
            of = f"on {count:,} of {wanted:,} images" if count else "not at all"
            yield f"units are silenced {of}: more would take too long (units.silenced_images)"


MOST_BYTES = 2**26  # bytes of all maps: 10,000 images of the demo's 128 units take 63 MB


def unit_maps_stage(section: config.UnitMaps, *, seed: int) -> GroupStage:
    """Maps of the units that the run keeps."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        kept, said = kept_units(context, known.layers), predicted_classes(context, known.images)
        counts = [(one.layer, len(one.unit)) for one in kept]
        count = mapped_images(counts, len(said), section)
        units = sum(number for _, number in counts)
        progress.foretell(f"maps of {count:,} images", size=PLACES * units * count)
        for text in map_cuts(counts, len(said), section):
            progress.note(text)
        arrays, told = told_of_maps(known, kept, said, section, seed=seed, progress=progress)
        return Result(dataset_of(fields.UNIT_MAPS, arrays, {"maps": told}), {})

    return stage_inside(section, work, seed=seed, needs=(config.Layers.stage, config.Units.stage))


def mapped_images(layers: Sequence[tuple[Layer, int]], images: int, section: config.UnitMaps) -> int:
    """How many of the test images; `layers` says how many units of each are kept. None of a network without
    maps.
    """
    if not any(layer.has_maps for layer, _ in layers):
        return 0
    of_one = PLACES * sum(count for _, count in layers)
    return min(section.response_maps, images, max(1, MOST_BYTES // of_one))


def mapped(wrong: np.ndarray, most: int, *, seed: int) -> np.ndarray:
    """Rows of the test images, ascending: all where there is room, else errors first; drawn once."""
    order = np.random.default_rng(seed).permutation(len(wrong))
    first = order[np.argsort(~wrong[order], kind="stable")]
    return np.sort(first[:most])


def told_of_maps(
    known: Inside,
    kept: Sequence[KeptUnits],
    predicted: np.ndarray,
    section: config.UnitMaps,
    *,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, np.ndarray], dict[str, Any] | None]:
    """The maps of all kept units; `predicted` (test image,) says which images are errors."""
    count = mapped_images([(one.layer, len(one.unit)) for one in kept], len(predicted), section)
    if not count:
        return {}, None
    images = known.images
    wrong = predicted != images.labels[images.test]
    rows = mapped(wrong, count, seed=seed)
    samples = images.test_samples[rows]
    found = coded(response_maps(known.network, kept, images.image[samples], progress=progress))
    arrays = {
        "map_sample": samples,
        "response_map": found.byte,
        "map_low": found.low,
        "map_step": found.step,
        "map_deviation": found.deviation,
    }
    return arrays, {"images": count, "errors": int(wrong[rows].sum()), "grids": grids(kept)}


def grids(kept: Sequence[KeptUnits]) -> dict[str, Any]:
    """Places (y, x) of a layer's maps by its name; None of one without maps."""
    return {one.layer.name: list(grid(one.layer)) if one.layer.has_maps else None for one in kept}


def map_cuts(layers: Sequence[tuple[Layer, int]], images: int, section: config.UnitMaps) -> Iterator[str]:
    """Says which images are left out."""
    count, wanted = mapped_images(layers, images, section), min(section.response_maps, images)
    if 0 < count < wanted:
        of = f"of {count:,} of {wanted:,} images, errors first"
        yield f"maps {of}: more would take over {MOST_BYTES / 1e6:.0f} MB (unit_maps.response_maps)"
