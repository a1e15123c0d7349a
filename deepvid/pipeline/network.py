"""The stage that looks into the layers of a teacher, as far as it shows them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from deepvid import config, fields
from deepvid.errors import ConfigError
from deepvid.fitted import fitted
from deepvid.models import LayeredClassifier
from deepvid.network import knn_probe
from deepvid.network.catalogue import LAYOUTS
from deepvid.network.influence import LARGEST as LARGEST_HEAD
from deepvid.network.layers import Layer
from deepvid.network.layout import walked
from deepvid.network.readers import Reader
from deepvid.network.response_maps import PLACES
from deepvid.network.spaces import Latents
from deepvid.pipeline import activation_maximization, counterfactuals, unit_ablation, unit_groups
from deepvid.pipeline.activation_maximization import maximized_units
from deepvid.pipeline.answered import asked_of_answers, cuts_of_answers, reader_of
from deepvid.pipeline.columns import (
    PROBED,
    ColumnProbe,
    LayerCodes,
    described,
    plain,
    plain_interval,
    read_columns,
    told_of_columns,
)
from deepvid.pipeline.counterfactuals import find_counterfactuals, stored_bytes
from deepvid.pipeline.float16 import to_float16
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.images import Images, load_images
from deepvid.pipeline.influence import fitted_head, numbers_of
from deepvid.pipeline.parts import Part
from deepvid.pipeline.response_maps import mapped_images, told_of_maps
from deepvid.pipeline.stage import Family, StageContext
from deepvid.pipeline.trained import load_vae
from deepvid.pipeline.training_images import LARGEST as LARGEST_SNAPSHOTS
from deepvid.pipeline.training_images import told_of_training
from deepvid.pipeline.unit_ablation import ablation_images
from deepvid.pipeline.unit_groups import grouped
from deepvid.pipeline.units import kept_units, silenced, units_of
from deepvid.pipeline.what_if import narrow, placing
from deepvid.pipeline.what_if import numbers_of as placing_numbers
from deepvid.store import Run, dataset_of
from deepvid.tier import Tier

SILENCED, GROUPED, LEFT_OUT, CHANGED, MAXIMIZED, TRAINING = 0.48, 0.56, 0.6, 0.88, 0.92, 0.97
"""How far it is when units are silenced and grouped, images left out of the last layer, and changed, units
maximized, and training images asked."""


def network_stage(section: config.Layers, *, seed: int, vae: bool = False) -> GroupStage:
    """Reads every layer for training and test images, and asks those for these.

    With a `vae`, which the run is to have, images are changed in its latents, too.
    """

    def work(context: StageContext) -> Result:
        images = load_images(context)
        reader = reader_of(context, images, section)
        network, layers = reader.network, reader.layers
        predicted = context.open("teacher", "logits")["logits"].to_numpy().argmax(axis=1)[images.test]
        context.progress.foretell(_foretold(layers, images), size=_bytes(section, reader, images))
        for text in _cuts(reader, images, section):
            context.progress.note(text)
        known = read_columns(reader, images, section, seed, context)
        told = told_of_columns(known, layers, images, section, seed, context)
        if network is None:
            added = asked_of_answers(context, reader, images, known, section, seed=seed)
        else:
            added = _added(context, network, layers, images, known, predicted, section, seed, vae)
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
    if run.logged:
        raise ConfigError(
            f"Looking into layers needs the {Tier.ACTIVATIONS.word} of a classifier",
            f"{run.id}, which another program trained and logged",
            "Explain the model itself: deepvid explain model.onnx --images photos",
        )
    if "dataset" in run.stages and "label" not in run.stages["dataset"].open():
        raise ConfigError(
            "The neighbors of an image in a layer vote with their labels",
            f"{run.id}, whose images have no labels",
            "Leave [network] out, or label the images and explain the model on them in a run of its own",
        )


def _added(
    context: StageContext,
    network: LayeredClassifier,
    layers: Sequence[Layer],
    images: Images,
    known: LayerCodes,
    predicted: np.ndarray,
    section: config.Layers,
    seed: int,
    vae: bool,
) -> Mapping[str, Part]:
    """What else is asked of the layers, each kept as soon as it is answered."""
    parts, progress = context.parts, context.progress

    def silence() -> Part:
        return silenced(network, known, layers, images, section, seed, progress.part(PROBED, SILENCED, 1))

    def group() -> Part:
        grouping = progress.part(SILENCED, GROUPED, 1)
        return grouped(network, layers, images, section, seed=seed, progress=grouping)

    def fit() -> Part:
        fitting = progress.part(GROUPED, LEFT_OUT, 1)
        return fitted_head(context, images, known.rows, section, seed=seed, progress=fitting)

    latents = Latents(*load_vae(context.run)) if vae else None

    def change() -> Part:
        leading = progress.part(LEFT_OUT, CHANGED, 1)
        return find_counterfactuals(context, network, latents, images, section, seed=seed, progress=leading)

    def maximize() -> Part:
        climbing = progress.part(CHANGED, MAXIMIZED, 1)
        return maximized_units(network, latents, known, layers, images, section, seed=seed, progress=climbing)

    def ask() -> Part:
        asking = progress.part(MAXIMIZED, TRAINING, 1)
        return told_of_training(context, images, known.rows, added["influence"], section, progress=asking)

    def draw() -> Part:
        units, mapping = kept_units(known, layers, images, section), progress.part(TRAINING, 1, 1)
        return told_of_maps(network, units, images, predicted, section, seed=seed, progress=mapping)

    added: dict[str, Part] = {}
    makers = {
        "silenced": silence,
        "groups": group,
        "influence": fit,
        "changes": change,
        "maximized": maximize,
        "training": ask,
        "maps": draw,
    }
    for name, make in makers.items():
        added[name] = parts.part(name, make)
    added["placing"] = placing(layers, known.bases, known.training.codes, section.components)
    return added


def _result(
    known: LayerCodes,
    told: Sequence[ColumnProbe],
    added: Mapping[str, Part],
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
    codes = np.stack([to_float16(known.test.codes[layer.name]) for layer in layers])
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
        "neighbors": min(section.neighbors, len(known.rows) - images.test.all()),
        "never": plain_interval(never),
        **{name: added[name].attrs for name in ("silenced", "influence", "changes", "maximized", "maps")},
        **(added["groups"].attrs or {}),
        **added["training"].attrs,
        **added["placing"].attrs,
        **means,
    }
    if images.test.all():
        attributes["among"] = "other images"
    return Result(dataset_of(fields.NETWORK, arrays, attributes), {"never": plain(never.value), **means})


def _cuts(reader: Reader, images: Images, section: config.Layers) -> Iterator[str]:
    """What is left out of a deep or a wide network, or of many images, in words."""
    layers, training = reader.layers, np.count_nonzero(fitted(images.test))
    if section.training < training:
        yield f"{section.training:,} of {training:,} training images may be neighbors (network.training)"
    looked = len(layers) - 2
    if looked < reader.depth:
        yield f"{looked} of {reader.depth} layers are looked into (network.layers)"
    for layer in layers:
        if layer.has_units and layer.shape[-1] > section.units:
            units = f"{section.units:,} of {layer.shape[-1]:,} units of {layer.name}"
            yield f"{units} are kept, those that tell the classes apart best (network.units)"
    if reader.network is None:
        yield from cuts_of_answers(reader, images)
    else:
        yield from _cuts_inside(reader.network, layers, images, section)
    wide = [layer for layer in layers if layer not in narrow(layers, section.components)]
    if wide:
        names = ", ".join(layer.name for layer in wide)
        yield f"{names}: too wide for edited images to be placed there"


def _cuts_inside(
    network: LayeredClassifier, layers: Sequence[Layer], images: Images, section: config.Layers
) -> Iterator[str]:
    """What is left out of what changes a network or images inside."""
    counts = [(layer, min(layer.shape[-1], section.units)) for layer in layers if layer.has_units]
    tested = int(np.count_nonzero(images.test))
    count = ablation_images(network, counts, tested, len(images.class_names), section)
    yield from unit_ablation.cuts(count, section, tested)
    if not numbers_of(layers[-2].shape[-1], len(images.class_names)):
        yield f"the last layer has more than {LARGEST_HEAD:,} numbers: influence on it is left out"
    yield from counterfactuals.cuts(network, images, section)
    yield from activation_maximization.cuts(network, layers, images, section)


def _foretold(layers: Sequence[Layer], images: Images) -> str:
    training, test = np.count_nonzero(~images.test), np.count_nonzero(images.test)
    of = f"{training:,} training and {test:,} test images" if training else f"{test:,} images"
    return f"{len(layers)} columns, pixels to logits, of {of}"


def _bytes(section: config.Layers, reader: Reader, images: Images) -> int:
    """About what the stage takes in the store: uncompressed."""
    layers = reader.layers
    counts = [(layer, min(layer.shape[-1], section.units)) for layer in layers if layer.has_units]
    units = sum(count for _, count in counts)
    an_image = len(layers) * (2 * section.components + 8 + 2) + 6 * units
    features, classes = layers[-2].shape[-1], len(images.class_names)
    training = min(section.training, int(np.count_nonzero(fitted(images.test))))
    numbers = numbers_of(features, classes)
    kept = placing_numbers(layers, section.components, training)
    tested = int(np.count_nonzero(images.test))
    if reader.network is None:
        return tested * an_image + 4 * numbers**2 * bool(reader.depth) + 2 * kept
    kept += min(LARGEST_SNAPSHOTS, section.snapshots * training * (features + classes))
    kept += unit_groups.numbers_of(layers, section, tested, classes)
    stored = stored_bytes(reader.network, images, section)
    stored += activation_maximization.stored_bytes(reader.network, layers, images, section)
    maps = PLACES * units * mapped_images(counts, tested, section)
    return tested * an_image + 4 * numbers**2 + 2 * kept + maps + stored


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


NETWORK = Family(
    config.Layers,
    lambda experiment: (
        [
            network_stage(
                experiment.network,
                seed=experiment.seed,
                vae=isinstance(experiment.teacher, config.Teacher),  # nothing is changed for others
            )
        ]
        if experiment.network is not None
        else []
    ),
    fields.NETWORK,
)
"""The kind of stage that looks into the layers; an experiment has it where it asks for it."""
