"""The stage that looks into the layers of a network that was trained here."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from deepvid import config, fields
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import ConfigError
from deepvid.models import LayeredClassifier
from deepvid.network import river
from deepvid.network.catalogue import LAYOUTS
from deepvid.network.influence import LARGEST as LARGEST_HEAD
from deepvid.network.layers import Layer, layers_of
from deepvid.network.layout import walked
from deepvid.network.spaces import Latents
from deepvid.pipeline import changing, silencing
from deepvid.pipeline.changing import changed, stored_bytes
from deepvid.pipeline.columns import (
    ASKED,
    Known,
    Told,
    described,
    plain,
    plain_interval,
    read_columns,
    told_of_columns,
)
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.halves import half
from deepvid.pipeline.images import Images, load_images
from deepvid.pipeline.influence import fitted_head, numbers_of
from deepvid.pipeline.parts import Part
from deepvid.pipeline.silencing import silenced_images
from deepvid.pipeline.stage import Bench, Family
from deepvid.pipeline.trained import load_network, load_vae
from deepvid.pipeline.training_images import LARGEST as LARGEST_SNAPSHOTS
from deepvid.pipeline.training_images import told_of_training
from deepvid.pipeline.units import silenced, units_of
from deepvid.pipeline.what_if import narrow, placing
from deepvid.pipeline.what_if import numbers_of as placing_numbers
from deepvid.store import Run, dataset_of
from deepvid.tier import Tier

SILENCED, LEFT_OUT, CHANGED = 0.5, 0.55, 0.92
"""How far it is when units are silenced, images left out of the last layer, and changed."""


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
        known = read_columns(network, layers, images, section, seed, bench)
        told = told_of_columns(known, layers, images, section, seed, bench)
        added = _added(bench, network, layers, images, known, section, seed, vae)
        group, metrics = _result(known, told, added, layers, images, predicted, section, seed)
        return Result(group.assign_attrs(vae=vae), metrics)

    return GroupStage(
        name=section.stage,
        needs=("dataset", "teacher", "vae") if vae else ("dataset", "teacher"),
        section=section,
        seed=seed,
        version=2,
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


def _added(
    bench: Bench,
    network: LayeredClassifier,
    layers: Sequence[Layer],
    images: Images,
    known: Known,
    section: config.Layers,
    seed: int,
    vae: bool,
) -> dict[str, Part]:
    """What else is asked of the layers, each kept as soon as it is answered."""
    parts, progress = bench.parts, bench.progress

    def silence() -> Part:
        return silenced(network, known, layers, images, section, seed, progress.part(ASKED, SILENCED, 1))

    def fit() -> Part:
        fitting = progress.part(SILENCED, LEFT_OUT, 1)
        return fitted_head(bench, images, known.rows, section, seed=seed, progress=fitting)

    def change() -> Part:
        latents = Latents(*load_vae(bench.run)) if vae else None
        leading = progress.part(LEFT_OUT, CHANGED, 1)
        return changed(bench, network, latents, images, section, seed=seed, progress=leading)

    def ask() -> Part:
        asking = progress.part(CHANGED, 1, 1)
        return told_of_training(bench, images, known.rows, added["influence"], section, progress=asking)

    added: dict[str, Part] = {}
    for name, make in (("silenced", silence), ("influence", fit), ("changes", change), ("training", ask)):
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
        **units_of(known, layers, images, section),
        **{name: array for part in added.values() for name, array in part.arrays.items()},
        "sample": images.test_samples,
    }
    attributes = {
        "columns": described(known, told, layers, codes, maps, true, seed=seed),
        "settings": section.model_dump(mode="json"),
        "training_images": len(known.rows),
        "neighbors": min(section.neighbors, len(known.rows)),
        "never": plain_interval(never),
        **{name: added[name].told for name in ("silenced", "influence", "changes")},
        **added["training"].told,
        **added["placing"].told,
        **means,
    }
    return Result(dataset_of(fields.NETWORK, arrays, attributes), {"never": plain(never.value), **means})


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
    units = sum(min(layer.shape[-1], section.units) for layer in layers if layer.has_units)
    an_image = len(layers) * (2 * section.components + 8 + 2) + 6 * units
    features, classes = layers[-2].shape[-1], len(images.class_names)
    training = min(section.training, int(np.count_nonzero(~images.test)))
    numbers = numbers_of(features, classes)
    kept = placing_numbers(layers, section.components, training)
    kept += min(LARGEST_SNAPSHOTS, section.snapshots * training * (features + classes))
    tested = int(np.count_nonzero(images.test))
    return tested * an_image + 4 * numbers**2 + 2 * kept + stored_bytes(images, section)


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
