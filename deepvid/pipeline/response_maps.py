"""Which test images of a run keep maps of their units, and what is stored of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deepvid import config
from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer
from deepvid.network.response_maps import PLACES, coded, grid, response_maps
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Part
from deepvid.pipeline.unit_ablation import KeptUnits
from deepvid.progress import Progress

LARGEST = 2**26  # bytes of all maps: 10,000 images of the demo's 128 units take 63 MB


def mapped_images(layers: Sequence[tuple[Layer, int]], images: int, section: config.Layers) -> int:
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
    section: config.Layers,
    *,
    seed: int,
    progress: Progress,
) -> Part:
    """The maps of all kept units; `predicted` (test image,) says which images are errors."""
    count = mapped_images([(one.layer, len(one.unit)) for one in kept], len(predicted), section)
    if not count:
        return Part({}, None)
    wrong = predicted != images.labels[images.test]
    rows = mapped(wrong, count, seed=seed)
    samples = images.test_samples[rows]
    units = [(one.layer, one.unit) for one in kept]
    found = coded(response_maps(network, units, images.image[samples], progress=progress))
    arrays = {
        "map_sample": samples,
        "response_map": found.byte,
        "map_low": found.low,
        "map_step": found.step,
        "map_deviation": found.deviation,
    }
    return Part(arrays, {"images": count, "errors": int(wrong[rows].sum()), "grids": grids(kept)})


def grids(kept: Sequence[KeptUnits]) -> dict[str, Any]:
    """Places (y, x) of a layer's maps by its name; None of one without maps."""
    return {one.layer.name: list(grid(one.layer)) if one.layer.has_maps else None for one in kept}


def cuts(layers: Sequence[tuple[Layer, int]], images: int, section: config.Layers) -> Iterator[str]:
    """What is left out, in words."""
    count, wanted = mapped_images(layers, images, section), min(section.response_maps, images)
    if 0 < count < wanted:
        of = f"of {count:,} of {wanted:,} images, errors first"
        yield f"maps {of}: more would take over {LARGEST / 1e6:.0f} MB (network.response_maps)"
