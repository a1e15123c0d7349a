"""What is read of every column, pixels to logits, and what is said of it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from deepvid import config
from deepvid.fitted import fitted
from deepvid.network import knn_probe
from deepvid.network.codes import Basis, Read
from deepvid.network.layers import Layer
from deepvid.network.layout import Aligned, preservation
from deepvid.network.readers import Reader
from deepvid.network.receptive import ReceptiveField
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Arrays
from deepvid.pipeline.stage import StageContext
from deepvid.progress import Progress
from deepvid.statistics import Interval

FITTED, READ, TESTED, PROBED = 0.1, 0.16, 0.22, 0.35
"""How far the stage is when codes are fitted, training and test images read, and neighbors asked."""


class LayerCodes(NamedTuple):
    """What is read of the teacher."""

    rows: np.ndarray  # (training,): of all images, the ones that are neighbors
    bases: Mapping[str, Basis]
    seen: Mapping[str, ReceptiveField | None]
    training: Read
    test: Read


class ColumnProbe(NamedTuple):
    """What neighbors say of the test images at one column."""

    probe: knn_probe.KnnProbe
    chance: float


def read_columns(
    reader: Reader, images: Images, section: config.Layers, seed: int, context: StageContext
) -> LayerCodes:
    """Codes of every column and responses of every layer that has units, each kept as soon as it is read."""
    layers, training = reader.layers, np.flatnonzero(fitted(images.test))
    most = min(section.training, len(training))
    rows = np.sort(np.random.default_rng(seed).choice(training, most, replace=False))
    bases: dict[str, Basis] = {}
    seen: dict[str, ReceptiveField | None] = {}
    fitting = context.progress.part(0, FITTED, 1)
    for number, layer in enumerate(layers):
        fitting.update(number, len(layers), layer.name)
        fit = partial(_fitted, reader, layer, rows, section.components, seed=seed)
        bases[layer.name] = Basis.of(context.parts.once(f"basis-{number}", fit))
        seen[layer.name] = reader.field(layer, seed=seed)

    def once(name: str, of: np.ndarray, progress: Progress) -> Read:
        look = partial(reader.read, bases, of, progress=progress)
        return Read.of(context.parts.once(name, lambda: look().arrays()))

    of_training = once("read-training", rows, context.progress.part(FITTED, READ, 1))
    of_test = once("read-test", np.flatnonzero(images.test), context.progress.part(READ, TESTED, 1))
    return LayerCodes(rows, bases, seen, of_training, of_test)


def told_of_columns(
    known: LayerCodes,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    context: StageContext,
) -> list[ColumnProbe]:
    """Column after column."""
    label, true, classes = images.labels[known.rows], images.labels[images.test], len(images.class_names)
    asking, own = context.progress.part(TESTED, PROBED, 1), _own(known.rows, images.test_samples)
    found = []
    for number, layer in enumerate(layers):
        asking.update(number, len(layers), layer.name)
        ask = partial(
            _nearest,
            known.training.codes[layer.name],
            known.test.codes[layer.name],
            section.neighbors,
            own=own,
            progress=asking.part(number, number + 1, len(layers)),
        )
        near = context.parts.once(f"nearest-{number}", ask)["nearest"]
        chance = knn_probe.chance(near, label, true, classes, seed=seed)
        found.append(ColumnProbe(knn_probe.knn_probe(near, label, classes), chance))
    return found


def described(
    known: LayerCodes,
    told: Sequence[ColumnProbe],
    layers: Sequence[Layer],
    codes: np.ndarray,
    maps: Sequence[Aligned],
    true: np.ndarray,
    *,
    seed: int,
) -> list[dict[str, Any]]:
    """What the group says of each column: what it is, how right neighbors are there, and how true its map."""
    return [
        _described(layer, known) | _measured(one, true) | _placed(placed, code, seed)
        for layer, one, placed, code in zip(layers, told, maps, codes, strict=True)
    ]


def _described(layer: Layer, known: LayerCodes) -> dict[str, Any]:
    seen = known.seen[layer.name]
    axes = seen._asdict() if seen else {}
    return {
        "name": layer.name,
        "shape": list(layer.shape),
        "parameters": layer.parameters,
        "units": layer.shape[-1] if layer.has_units else 0,
        "receptive_field": {axis: reach._asdict() for axis, reach in axes.items()} or None,
        "kept_variance": round(known.bases[layer.name].explained, 4),
    }


def _measured(told: ColumnProbe, true: np.ndarray) -> dict[str, Any]:
    return {"accuracy": plain_interval(knn_probe.accuracy(told.probe, true)), "chance": told.chance}


def _placed(placed: Aligned, code: np.ndarray, seed: int) -> dict[str, Any]:
    neighbors = preservation(code, placed.position, seed=seed)
    return {
        "residual": plain(placed.residual),
        "mirrored": placed.mirrored,
        "neighbors_kept": plain_interval(neighbors.share),
        "neighbors_chance": plain(neighbors.chance),
    }


def _fitted(reader: Reader, *of: Any, **settings: Any) -> Arrays:
    return reader.basis(*of, **settings).arrays()


def _nearest(*of: Any, own: np.ndarray | None, progress: Progress) -> Arrays:
    return {"nearest": knn_probe.nearest(*of, own=own, progress=progress)}


def _own(rows: np.ndarray, samples: np.ndarray) -> np.ndarray | None:
    """int (sample,): where a sample stands among `rows`, -1 where it does not; None where none does."""
    place = np.minimum(np.searchsorted(rows, samples), len(rows) - 1)
    there = rows[place] == samples
    return np.where(there, place, -1) if there.any() else None


def plain_interval(interval: Interval) -> list[float | None]:
    """Its value and ends as JSON has them."""
    return [plain(value) for value in interval]


def plain(value: float) -> float | None:
    """As JSON has it: nothing where it is not a number."""
    return None if np.isnan(value) else float(value)
