"""The stage that reads every column, pixels to logits: codes, what neighbors say, and maps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from deepvid import config, fields
from deepvid.fitted import fitted
from deepvid.neighbors import nearest
from deepvid.network import knn_probe
from deepvid.network.codes import Basis, Codes
from deepvid.network.layers import Layer, ReceptiveField
from deepvid.network.layout import LAYOUTS, Aligned, preservation, walked
from deepvid.network.readers import Reader
from deepvid.pipeline.looked_into import predicted_classes, reader_of, stage_inside, to_float16
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext, load_images
from deepvid.progress import Progress
from deepvid.statistics import Interval
from deepvid.store import dataset_of

FITTED, READ, TESTED = 0.3, 0.45, 0.6
"""How far the stage is when codes are fitted, and training and test images read."""
LARGEST = 2**22  # numbers of a basis, 8 MB


class LayerCodes(NamedTuple):
    """Codes of the teacher at all layers."""

    rows: np.ndarray  # (training,): of all images, the ones that are neighbors
    bases: Mapping[str, Basis]
    seen: Mapping[str, ReceptiveField | None]
    training: Codes
    test: Codes


class ColumnProbe(NamedTuple):
    """Votes of neighbors on the test images at one column."""

    probe: knn_probe.KnnProbe
    chance: float


def layers_stage(section: config.Layers, *, seed: int) -> GroupStage:
    """Reads every layer for training and test images, and asks those for these."""

    def work(context: StageContext) -> Result:
        images = load_images(context)
        reader = reader_of(context, images, section.layers)
        training = int(np.count_nonzero(fitted(images.test)))
        context.progress.foretell(_foretold(reader.layers, images), size=_bytes(section, reader, images))
        for text in _cuts(reader, training, section):
            context.progress.note(text)
        known = _read(reader, images, section, seed, context.progress.part(0, TESTED, 1))
        told = _probes(known, reader.layers, images, section, seed, context.progress.part(TESTED, 1, 1))
        return _result(known, told, reader.layers, images, predicted_classes(context, images), section, seed)

    return stage_inside(section, work, seed=seed)


def _read(
    reader: Reader, images: Images, section: config.Layers, seed: int, progress: Progress
) -> LayerCodes:
    layers, training = reader.layers, np.flatnonzero(fitted(images.test))
    most = min(section.training, len(training))
    rows = np.sort(np.random.default_rng(seed).choice(training, most, replace=False))
    bases: dict[str, Basis] = {}
    seen: dict[str, ReceptiveField | None] = {}
    fitting = progress.part(0, FITTED, TESTED)
    for number, layer in enumerate(layers):
        fitting.update(number, len(layers), layer.name)
        bases[layer.name] = reader.basis(layer, rows, section.components, seed=seed)
        seen[layer.name] = reader.field(layer, seed=seed)
    of_training = reader.codes(bases, rows, progress=progress.part(FITTED, READ, TESTED))
    test = np.flatnonzero(images.test)
    of_test = reader.codes(bases, test, progress=progress.part(READ, TESTED, TESTED))
    return LayerCodes(rows, bases, seen, of_training, of_test)


def _probes(
    known: LayerCodes,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    progress: Progress,
) -> list[ColumnProbe]:
    """Column after column."""
    label, true, classes = images.labels[known.rows], images.labels[images.test], len(images.class_names)
    own = _own(known.rows, images.test_samples)
    found = []
    for number, layer in enumerate(layers):
        progress.update(number, len(layers), layer.name)
        near = nearest(
            known.training[layer.name],
            known.test[layer.name],
            section.neighbors,
            own=own,
            progress=progress.part(number, number + 1, len(layers)),
        )
        chance = knn_probe.chance(near, label, true, classes, seed=seed)
        found.append(ColumnProbe(knn_probe.knn_probe(near, label, classes), chance))
    return found


def _result(
    known: LayerCodes,
    told: Sequence[ColumnProbe],
    layers: Sequence[Layer],
    images: Images,
    predicted: np.ndarray,
    section: config.Layers,
    seed: int,
) -> Result:
    true = images.labels[images.test]
    said = np.stack([one.probe.said for one in told])
    depth = knn_probe.depth(said, predicted)
    never = knn_probe.never(said, predicted, true)
    codes = np.stack([to_float16(known.test[layer.name]) for layer in layers])
    maps = list(walked(LAYOUTS[section.layout](code, section.pivots) for code in codes.astype(float)))
    placed = narrow(layers, section.components)
    means = {
        "errors": int((predicted != true).sum()),
        "depth_right": _mean(depth[predicted == true]),
        "depth_wrong": _mean(depth[predicted != true]),
    }
    arrays = {
        "code": codes,
        "layout": np.stack([one.position for one in maps]).astype(np.float32),
        "probe": said.astype(np.promote_types(np.uint8, np.min_scalar_type(len(images.class_names) - 1))),
        "probe_votes": np.stack([one.probe.votes for one in told]).astype(np.uint8),
        "depth": depth.astype(np.uint8),
        "training": known.rows.astype(np.int32),
        "training_code": np.stack([to_float16(known.training[layer.name]) for layer in layers]),
        **_basis([known.bases[layer.name] for layer in placed]),
        "sample": images.test_samples,
    }
    attributes = {
        "columns": column_attributes(known, told, layers, codes, maps, true, seed=seed),
        "training_images": len(known.rows),
        "neighbors": min(section.neighbors, len(known.rows) - images.test.all()),
        "never": plain_interval(never),
        "bases": [layer.name for layer in placed],
        **means,
    }
    if images.test.all():
        attributes["among"] = "other images"
    return Result(dataset_of(fields.LAYERS, arrays, attributes), {"never": plain(never.value), **means})


def narrow(layers: Sequence[Layer], components: int) -> list[Layer]:
    """Those that are not too wide for their basis to be kept, by which a new image is placed."""
    return [layer for layer in layers if int(np.prod(layer.shape)) * components <= LARGEST]


def _basis(bases: Sequence[Basis]) -> dict[str, np.ndarray]:
    """End to end."""
    if not bases:
        return {}
    return {
        "basis": np.concatenate([to_float16(np.asarray(one.components)) for one in bases]),
        "basis_mean": np.concatenate([np.asarray(one.mean, np.float32) for one in bases]),
    }


def _cuts(reader: Reader, training: int, section: config.Layers) -> Iterator[str]:
    """Says what is left out of a deep network, or of many images."""
    layers = reader.layers
    if section.training < training:
        yield f"{section.training:,} of {training:,} training images may be neighbors (layers.training)"
    if not reader.depth:
        yield "the teacher shows no layer: pixels and logits are the only columns, and nothing has units"
    looked = len(layers) - 2
    if looked < reader.depth:
        yield f"{looked} of {reader.depth} layers are looked into (layers.layers)"
    if wide := [layer.name for layer in layers if layer not in narrow(layers, section.components)]:
        yield f"{', '.join(wide)}: too wide for edited images to be placed there"
    if reader.network is None:
        nothing = "no unit is silenced, and no distance to another answer measured"
        yield f"the teacher was trained elsewhere: {nothing}"


def _foretold(layers: Sequence[Layer], images: Images) -> str:
    training, test = np.count_nonzero(~images.test), np.count_nonzero(images.test)
    of = f"{training:,} training and {test:,} test images" if training else f"{test:,} images"
    return f"{len(layers)} columns, pixels to logits, of {of}"


def _bytes(section: config.Layers, reader: Reader, images: Images) -> int:
    """About what the stage takes in the store: uncompressed."""
    layers, tested = reader.layers, int(np.count_nonzero(images.test))
    training = min(section.training, int(np.count_nonzero(fitted(images.test))))
    widths = sum(int(np.prod(layer.shape)) for layer in narrow(layers, section.components))
    placing = widths * (section.components + 2) + len(layers) * training * section.components
    return tested * len(layers) * (2 * section.components + 8 + 2) + 2 * placing


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def column_attributes(
    known: LayerCodes,
    told: Sequence[ColumnProbe],
    layers: Sequence[Layer],
    codes: np.ndarray,
    maps: Sequence[Aligned],
    true: np.ndarray,
    *,
    seed: int,
) -> list[dict[str, Any]]:
    """Attributes of each column: what it is, how right neighbors are there, and how true its map."""
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
