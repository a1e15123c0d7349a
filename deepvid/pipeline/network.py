"""The stage that looks into the layers of a network that was trained here."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from deepvid import config, fields
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import ConfigError
from deepvid.models import LayeredClassifier
from deepvid.network import river
from deepvid.network.catalogue import LAYOUTS
from deepvid.network.codes import Basis, Read, basis, read
from deepvid.network.influence import LARGEST as LARGEST_HEAD
from deepvid.network.layers import Layer, layers_of
from deepvid.network.layout import Aligned, kept, walked
from deepvid.network.receptive import ReceptiveField, receptive_field
from deepvid.network.response_maps import PLACES
from deepvid.network.spaces import Latents
from deepvid.network.units import alike, spread, strongest
from deepvid.pipeline import changing, response_maps, silencing
from deepvid.pipeline.changing import changed, stored_bytes
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.halves import half
from deepvid.pipeline.images import Images, load_images
from deepvid.pipeline.influence import fitted_head, numbers_of
from deepvid.pipeline.parts import Arrays, Part
from deepvid.pipeline.response_maps import mapped_images, told_of_maps
from deepvid.pipeline.silencing import Kept, silenced_images, silenced_units
from deepvid.pipeline.stage import Bench, Family
from deepvid.pipeline.trained import load_network, load_vae
from deepvid.pipeline.training_images import LARGEST as LARGEST_SNAPSHOTS
from deepvid.pipeline.training_images import told_of_training
from deepvid.pipeline.what_if import narrow, placing
from deepvid.pipeline.what_if import numbers_of as placing_numbers
from deepvid.progress import Progress
from deepvid.statistics import Interval
from deepvid.store import Run, dataset_of
from deepvid.tier import Tier

FARTHEST = np.iinfo(np.uint16).max  # place in a map: of 256x256 all are told apart
FITTED, READ, TESTED, ASKED, SILENCED, LEFT_OUT, CHANGED, TRAINING = (
    0.1,
    0.16,
    0.22,
    0.35,
    0.5,
    0.55,
    0.9,
    0.97,
)
"""How far it is when codes are fitted, training and test images read, neighbors asked, units silenced, images
left out of the last layer, and changed, and training images asked."""


def network_stage(section: config.Layers, *, seed: int, vae: bool = False) -> GroupStage:
    """Reads every layer for training and test images, and asks those for these.

    With a `vae`, which the run is to have, images are changed in its latents, too.
    """

    def work(bench: Bench) -> Result:
        images, network = load_images(bench), load_network(bench.run)
        predicted = bench.open("teacher", "logits")["logits"].to_numpy().argmax(axis=1)[images.test]
        layers = layers_of(network, section.layers)
        bench.progress.foretell(_foretold(layers, images), size=_bytes(section, layers, images))
        for text in _cuts(network, layers, images, section):
            bench.progress.note(text)
        known = _read(network, layers, images, section, seed, bench)
        told = _told(known, layers, images, section, seed, bench)
        added = _added(bench, network, layers, images, known, predicted, section, seed, vae)
        group, metrics = _result(known, told, added, layers, images, predicted, section, seed)
        return Result(group.assign_attrs(vae=vae), metrics)

    return GroupStage(
        name=section.stage,
        needs=("dataset", "teacher", "vae") if vae else ("dataset", "teacher"),
        section=section,
        seed=seed,
        version=3,
        work=work,
        check=_check,
    )


def _check(run: Run) -> None:
    if run.teacher_source != TRAINED:
        raise ConfigError(
            f"Layers are looked into by their {Tier.ACTIVATIONS.word} and {Tier.GRADIENTS.word}",
            f"{run.id}, whose teacher was not trained here and answers for whole images",
            "Leave [network] out; the map, the confusions and the students of the run need no layers",
        )


class Known(NamedTuple):
    """What is read of the network."""

    rows: np.ndarray  # (training,): of all images, the ones that are neighbors
    bases: Mapping[str, Basis]
    seen: Mapping[str, ReceptiveField | None]
    training: Read
    test: Read


class Told(NamedTuple):
    """What neighbors say of the test images at one column."""

    probe: river.Probe
    chance: float


def _read(
    network: LayeredClassifier,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    bench: Bench,
) -> Known:
    training = np.flatnonzero(~images.test)
    most = min(section.training, len(training))
    rows = np.sort(np.random.default_rng(seed).choice(training, most, replace=False))
    bases: dict[str, Basis] = {}
    seen: dict[str, ReceptiveField | None] = {}
    fitting = bench.progress.part(0, FITTED, 1)
    for number, layer in enumerate(layers):
        fitting.update(number, len(layers), layer.name)
        fit = partial(_fitted, network, layer, images.image[rows], section.components, seed=seed)
        bases[layer.name] = Basis.of(bench.parts.once(f"basis-{number}", fit))
        seen[layer.name] = receptive_field(network, layer, seed=seed)

    def once(name: str, of: np.ndarray, progress: Progress) -> Read:
        look = partial(read, network, layers, bases, images.image[of], progress=progress)
        return Read.of(bench.parts.once(name, lambda: look().arrays()))

    of_training = once("read-training", rows, bench.progress.part(FITTED, READ, 1))
    of_test = once("read-test", np.flatnonzero(images.test), bench.progress.part(READ, TESTED, 1))
    return Known(rows, bases, seen, of_training, of_test)


def _fitted(*of: Any, **settings: Any) -> Arrays:
    return basis(*of, **settings).arrays()


def _nearest(*of: Any, progress: Progress) -> Arrays:
    return {"nearest": river.nearest(*of, progress=progress)}


def _told(
    known: Known,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    bench: Bench,
) -> list[Told]:
    """Column after column."""
    label, true, classes = images.labels[known.rows], images.labels[images.test], len(images.class_names)
    asking = bench.progress.part(TESTED, ASKED, 1)
    found = []
    for number, layer in enumerate(layers):
        asking.update(number, len(layers), layer.name)
        ask = partial(
            _nearest,
            known.training.codes[layer.name],
            known.test.codes[layer.name],
            section.neighbors,
            progress=asking.part(number, number + 1, len(layers)),
        )
        near = bench.parts.once(f"nearest-{number}", ask)["nearest"]
        chance = river.chance(near, label, true, classes, seed=seed)
        found.append(Told(river.probe(near, label, classes), chance))
    return found


def _added(
    bench: Bench,
    network: LayeredClassifier,
    layers: Sequence[Layer],
    images: Images,
    known: Known,
    predicted: np.ndarray,
    section: config.Layers,
    seed: int,
    vae: bool,
) -> dict[str, Part]:
    """What else is asked of the layers, each kept as soon as it is answered."""
    parts, progress = bench.parts, bench.progress

    def silence() -> Part:
        return _silenced(network, known, layers, images, section, seed, progress.part(ASKED, SILENCED, 1))

    def fit() -> Part:
        fitting = progress.part(SILENCED, LEFT_OUT, 1)
        return fitted_head(bench, images, known.rows, section, seed=seed, progress=fitting)

    def change() -> Part:
        latents = Latents(*load_vae(bench.run)) if vae else None
        leading = progress.part(LEFT_OUT, CHANGED, 1)
        return changed(bench, network, latents, images, section, seed=seed, progress=leading)

    def ask() -> Part:
        asking = progress.part(CHANGED, TRAINING, 1)
        return told_of_training(bench, images, known.rows, added["influence"], section, progress=asking)

    def draw() -> Part:
        units, mapping = _kept(known, layers, images, section), progress.part(TRAINING, 1, 1)
        return told_of_maps(network, units, images, predicted, section, seed=seed, progress=mapping)

    added: dict[str, Part] = {}
    makes = {"silenced": silence, "influence": fit, "changes": change, "training": ask, "maps": draw}
    for name, make in makes.items():
        added[name] = parts.part(name, make)
    added["placing"] = placing(layers, known.bases, known.training.codes, section.components)
    return added


def _result(
    known: Known,
    told: Sequence[Told],
    added: Mapping[str, Part],
    layers: Sequence[Layer],
    images: Images,
    predicted: np.ndarray,
    section: config.Layers,
    seed: int,
) -> Result:
    true = images.labels[images.test]
    said = np.stack([one.probe.said for one in told])
    depth = river.depth(said, predicted)
    never = river.never(said, predicted, true)
    codes = np.stack([half(known.test.codes[layer.name]) for layer in layers])
    maps = list(walked(LAYOUTS[section.layout](code, section.pivots) for code in codes.astype(float)))
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
        **_units(known, layers, images, section),
        **{name: array for part in added.values() for name, array in part.arrays.items()},
        "sample": images.test_samples,
    }
    attributes = {
        "columns": [
            _described(layer, known) | _measured(one, true) | _placed(placed, code, seed)
            for layer, one, placed, code in zip(layers, told, maps, codes, strict=True)
        ],
        "settings": section.model_dump(mode="json"),
        "training_images": len(known.rows),
        "neighbors": min(section.neighbors, len(known.rows)),
        "never": _numbers(never),
        **{name: added[name].told for name in ("silenced", "influence", "changes", "maps")},
        **added["training"].told,
        **added["placing"].told,
        **means,
    }
    return Result(dataset_of(fields.NETWORK, arrays, attributes), {"never": _number(never.value), **means})


def _described(layer: Layer, known: Known) -> dict[str, Any]:
    seen = known.seen[layer.name]
    axes = seen._asdict() if seen else {}
    return {
        "name": layer.name,
        "shape": list(layer.shape),
        "parameters": layer.parameters,
        "units": layer.shape[-1] if layer.has_units else 0,
        "receptive_field": {axis: reach._asdict() for axis, reach in axes.items()} or None,
        "kept_variance": round(known.bases[layer.name].kept, 4),
    }


def _measured(told: Told, true: np.ndarray) -> dict[str, Any]:
    return {"accuracy": _numbers(river.accuracy(told.probe, true)), "chance": told.chance}


def _placed(placed: Aligned, code: np.ndarray, seed: int) -> dict[str, Any]:
    neighbors = kept(code, placed.position, seed=seed)
    return {
        "residual": _number(placed.residual),
        "mirrored": placed.mirrored,
        "neighbors_kept": _numbers(neighbors.share),
        "neighbors_chance": _number(neighbors.chance),
    }


def _kept(known: Known, layers: Sequence[Layer], images: Images, section: config.Layers) -> list[Kept]:
    """Layer after layer."""
    label = images.labels[known.rows]
    found = []
    for layer in layers:
        if layer.has_units:
            mean = known.training.responses[layer.name].mean
            chosen = strongest(spread(mean, label), section.units)
            found.append(Kept(layer, chosen, mean[:, chosen].mean(axis=0, dtype=np.float64)))
    return found


def _silenced(
    network: LayeredClassifier,
    known: Known,
    layers: Sequence[Layer],
    images: Images,
    section: config.Layers,
    seed: int,
    progress: Progress,
) -> Part:
    kept_units = _kept(known, layers, images, section)
    test, classes = images.image[images.test], len(images.class_names)
    label = images.labels[images.test]
    return silenced_units(network, kept_units, test, label, classes, section, seed=seed, progress=progress)


def _units(
    known: Known, layers: Sequence[Layer], images: Images, section: config.Layers
) -> dict[str, np.ndarray]:
    """Which units are kept, and how they answer the test images: layer after layer."""
    label, numbers = images.labels[known.rows], {layer.name: at for at, layer in enumerate(layers)}
    told, responses = [], []
    for layer, chosen, _ in _kept(known, layers, images, section):
        training = known.training.responses[layer.name].mean[:, chosen]
        column = np.full(len(chosen), numbers[layer.name])
        told.append((column, chosen, spread(training, label), alike(training, label)))
        responses.append([each[:, chosen] for each in known.test.responses[layer.name]])
    column, unit, between, leaf = (np.concatenate(each) for each in zip(*told, strict=True))
    mean, largest, peak = (np.concatenate(each, axis=1) for each in zip(*responses, strict=True))
    return {
        "unit_column": column.astype(np.uint8),
        "unit_index": unit.astype(np.int32),
        "unit_spread": between.astype(np.float32),
        "unit_leaf": leaf.astype(np.int32),
        "response_mean": half(mean),
        "response_max": half(largest),
        "response_peak": np.minimum(peak, FARTHEST).astype(np.uint16),
    }


def _cuts(
    network: LayeredClassifier, layers: Sequence[Layer], images: Images, section: config.Layers
) -> Iterator[str]:
    """What is left out of a deep or a wide network, or of many images, in words."""
    training = np.count_nonzero(~images.test)
    if section.training < training:
        yield f"{section.training:,} of {training:,} training images may be neighbors (network.training)"
    looked = len(layers) - 2
    if looked < len(network.layers):
        yield f"{looked} of {len(network.layers)} layers are looked into (network.layers)"
    for layer in layers:
        if layer.has_units and layer.shape[-1] > section.units:
            units = f"{section.units:,} of {layer.shape[-1]:,} units of {layer.name}"
            yield f"{units} are kept, those that tell the classes apart best (network.units)"
    counts = [(layer, min(layer.shape[-1], section.units)) for layer in layers if layer.has_units]
    tested = int(np.count_nonzero(images.test))
    count = silenced_images(network, counts, tested, len(images.class_names), section)
    yield from silencing.cuts(count, section, tested)
    yield from response_maps.cuts(counts, tested, section)
    wide = [layer for layer in layers if layer not in narrow(layers, section.components)]
    if wide:
        names = ", ".join(layer.name for layer in wide)
        yield f"{names}: too wide for edited images to be placed there"
    if not numbers_of(layers[-2].shape[-1], len(images.class_names)):
        yield f"the last layer has more than {LARGEST_HEAD:,} numbers: influence on it is left out"
    yield from changing.cuts(images, section)


def _foretold(layers: Sequence[Layer], images: Images) -> str:
    training, test = np.count_nonzero(~images.test), np.count_nonzero(images.test)
    return f"{len(layers)} columns, pixels to logits, of {training:,} training and {test:,} test images"


def _bytes(section: config.Layers, layers: Sequence[Layer], images: Images) -> int:
    """About what the stage takes in the store: uncompressed."""
    counts = [(layer, min(layer.shape[-1], section.units)) for layer in layers if layer.has_units]
    units = sum(count for _, count in counts)
    an_image = len(layers) * (2 * section.components + 8 + 2) + 6 * units
    features, classes = layers[-2].shape[-1], len(images.class_names)
    training = min(section.training, int(np.count_nonzero(~images.test)))
    numbers = numbers_of(features, classes)
    kept = placing_numbers(layers, section.components, training)
    kept += min(LARGEST_SNAPSHOTS, section.snapshots * training * (features + classes))
    tested = int(np.count_nonzero(images.test))
    maps = PLACES * units * mapped_images(counts, tested, section)
    return tested * an_image + 4 * numbers**2 + 2 * kept + maps + stored_bytes(images, section)


def _numbers(interval: Interval) -> list[float | None]:
    return [_number(value) for value in interval]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


NETWORK = Family(
    config.Layers,
    lambda experiment: (
        [
            network_stage(
                experiment.network,
                seed=experiment.seed,
                vae=isinstance(experiment.teacher, config.Teacher),  # others may be refused, and have none
            )
        ]
        if experiment.network is not None
        else []
    ),
    fields.NETWORK,
)
"""The kind of stage that looks into the layers; an experiment has it where it asks for it."""
