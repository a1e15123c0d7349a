"""The stage of unit maps: which test images of a run keep maps of their units, and what is stored of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deepvid import config, fields
from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer
from deepvid.network.response_maps import PLACES, coded, grid, response_maps
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.images import Images
from deepvid.pipeline.looked_into import KeptUnits, inside, kept_units, predicted_classes, stage_inside
from deepvid.pipeline.stage import StageContext
from deepvid.progress import Progress
from deepvid.store import dataset_of

LARGEST = 2**26  # bytes of all maps: 10,000 images of the demo's 128 units take 63 MB


def unit_maps_stage(section: config.UnitMaps, *, seed: int) -> GroupStage:
    """Maps of the units that the run keeps."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        kept, said = kept_units(context, known.layers), predicted_classes(context, known.images)
        counts = [(one.layer, len(one.unit)) for one in kept]
        count = mapped_images(counts, len(said), section)
        units = sum(number for _, number in counts)
        progress.foretell(f"maps of {count:,} images", size=PLACES * units * count)
        for text in cuts(counts, len(said), section):
            progress.note(text)
        arrays, told = told_of_maps(
            known.network, kept, known.images, said, section, seed=seed, progress=progress
        )
        return Result(dataset_of(fields.UNIT_MAPS, arrays, {"maps": told}), {})

    return stage_inside(section, work, seed=seed, needs=(config.Layers.stage, config.Units.stage))


def mapped_images(layers: Sequence[tuple[Layer, int]], images: int, section: config.UnitMaps) -> int:
    """How many of the test images; `layers` says how many units of each are kept. None of a network without
    maps.
    """
    if not any(layer.has_maps for layer, _ in layers):
        return 0
    of_one = PLACES * sum(count for _, count in layers)
    return min(section.response_maps, images, max(1, LARGEST // of_one))


def mapped(wrong: np.ndarray, most: int, *, seed: int) -> np.ndarray:
    """Rows of the test images, ascending: all where there is room, else errors first; drawn once."""
    order = np.random.default_rng(seed).permutation(len(wrong))
    first = order[np.argsort(~wrong[order], kind="stable")]
    return np.sort(first[:most])


def told_of_maps(
    network: LayeredClassifier,
    kept: Sequence[KeptUnits],
    images: Images,
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
    wrong = predicted != images.labels[images.test]
    rows = mapped(wrong, count, seed=seed)
    samples = images.test_samples[rows]
    found = coded(response_maps(network, kept, images.image[samples], progress=progress))
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


def cuts(layers: Sequence[tuple[Layer, int]], images: int, section: config.UnitMaps) -> Iterator[str]:
    """What is left out, in words."""
    count, wanted = mapped_images(layers, images, section), min(section.response_maps, images)
    if 0 < count < wanted:
        of = f"of {count:,} of {wanted:,} images, errors first"
        yield f"maps {of}: more would take over {LARGEST / 1e6:.0f} MB (unit_maps.response_maps)"
