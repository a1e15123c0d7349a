"""The units of every layer: which are kept, how they answer, and what each does."""

from collections.abc import Sequence

import numpy as np

from deepvid import config
from deepvid.models import LayeredClassifier
from deepvid.network.layers import Layer
from deepvid.network.units import alike, spread, strongest
from deepvid.pipeline.columns import LayerCodes
from deepvid.pipeline.float16 import to_float16
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Part
from deepvid.pipeline.unit_ablation import KeptUnits, ablated_units
from deepvid.progress import Progress

FARTHEST = np.iinfo(np.uint16).max  # place in a map: of 256x256 all are told apart


def kept_units(
    known: LayerCodes, layers: Sequence[Layer], images: Images, section: config.Layers
) -> list[KeptUnits]:
    """Those that tell the classes apart best, with what they usually answer: layer after layer."""
    label = images.labels[known.rows]
    found = []
    for layer in layers:
        if layer.has_units:
            mean = known.training.responses[layer.name].mean
            chosen = strongest(spread(mean, label), section.units)
            found.append(KeptUnits(layer, chosen, mean[:, chosen].mean(axis=0, dtype=np.float64)))
    return found


def silenced(
    network: LayeredClassifier,
    known: LayerCodes,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    progress: Progress,
) -> Part:
    """What silencing each of them does, on some of the test images."""
    kept = kept_units(known, layers, images, section)
    test, classes = images.image[images.test], len(images.class_names)
    label = images.labels[images.test]
    return ablated_units(network, kept, test, label, classes, section, seed=seed, progress=progress)


def units_of(
    known: LayerCodes, layers: Sequence[Layer], images: Images, section: config.Layers
) -> dict[str, np.ndarray]:
    """Which units are kept, and how they answer the test images: layer after layer."""
    label, numbers = images.labels[known.rows], {layer.name: at for at, layer in enumerate(layers)}
    told, responses = [], []
    for layer, chosen, _ in kept_units(known, layers, images, section):
        training = known.training.responses[layer.name].mean[:, chosen]
        column = np.full(len(chosen), numbers[layer.name])
        told.append((column, chosen, spread(training, label), alike(training, label)))
        responses.append([each[:, chosen] for each in known.test.responses[layer.name]])
    if not told:  # of a teacher that shows no layer
        return {}
    column, unit, between, leaf = (np.concatenate(each) for each in zip(*told, strict=True))
    mean, largest, peak = (np.concatenate(each, axis=1) for each in zip(*responses, strict=True))
    return {
        "unit_column": column.astype(np.uint8),
        "unit_index": unit.astype(np.int32),
        "unit_spread": between.astype(np.float32),
        "unit_leaf": leaf.astype(np.int32),
        "response_mean": to_float16(mean),
        "response_max": to_float16(largest),
        "response_peak": np.minimum(peak, FARTHEST).astype(np.uint16),
    }
