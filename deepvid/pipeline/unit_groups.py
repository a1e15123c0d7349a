"""The stage of groups of units: fitted to training images, measured on test images."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.decomposition import PCA

from deepvid import config, fields
from deepvid.models import LayeredClassifier
from deepvid.network import grouping
from deepvid.network.ablation import affordable, work_of
from deepvid.network.groups import Stability, fit, stability
from deepvid.network.layers import Layer
from deepvid.network.units import alike, spread
from deepvid.pipeline.layers import plain, plain_interval
from deepvid.pipeline.looked_into import inside, stage_inside, to_float16
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext
from deepvid.pipeline.units import LARGEST, Arrays
from deepvid.progress import SILENT, Progress
from deepvid.statistics import wilson
from deepvid.store import dataset_of

FITTED = 3000  # training images that they are fitted to, at most
PLACES = 32_000  # of their maps
ABLATED_ON = 400  # test images that the network is asked about without a group, at most
FEWEST = 50  # and where each costs much
SHARE = 4  # of the work that silencing may take, one in so many
FITTING, ASKING = 0.45, 0.85
"""How far it is when groups are fitted, and when the network was asked."""


class Fitted(NamedTuple):
    """Of one layer."""

    layer: Layer
    units: np.ndarray  # f32 (group, unit): rows with sum 1
    stable: Stability
    components: PCA


def unit_groups_stage(section: config.UnitGroups, *, seed: int) -> GroupStage:
    """Groups the units of every layer that has maps."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        images, having = known.images, len(grouping.with_maps(known.layers))
        tested, classes = int(np.count_nonzero(images.test)), len(images.class_names)
        size = 2 * numbers_of(known.layers, section, tested, classes)
        progress.foretell(f"{section.groups} groups of units of each of {having} layers with maps", size=size)
        for text in cuts(known.layers, section):
            progress.note(text)
        arrays, told = grouped(known.network, known.layers, images, section, seed=seed, progress=progress)
        arrays["sample"] = images.test_samples
        return Result(dataset_of(fields.UNIT_GROUPS, arrays, {"groups": told}), {})

    return stage_inside(section, work, seed=seed, needs=(config.Layers.stage,))


def grouped(
    network: LayeredClassifier,
    layers: Sequence[Layer],
    images: Images,
    section: config.UnitGroups,
    *,
    seed: int,
    progress: Progress,
) -> tuple[Arrays, Mapping[str, Any] | None]:
    """Of every layer with maps, layer after layer; nothing where there is none, or nobody asks."""
    having = grouping.with_maps(layers)
    if not (section.groups and having):
        return {}, None
    rng = np.random.default_rng(seed)
    training = rng.permutation(np.flatnonzero(~images.test))[:FITTED]
    fitting = progress.part(0, FITTING, 1)
    found = []
    for number, layer in enumerate(having):
        fitting.update(number, len(having), f"grouping the units of {layer.name}")
        found.append(_fitted(network, layer, images.image[training], section.groups, seed, fitting))
    test = np.flatnonzero(images.test)
    count = asked_images(network, having, len(test), section)
    rows = test[np.sort(rng.permutation(len(test))[:count])]
    asking = progress.part(FITTING, ASKING, 1)
    kept = [
        grouping.group_fidelity(
            network,
            one.layer,
            one.units,
            one.components,
            images.image[rows],
            progress=asking.part(number, number + 1, len(found)),
        )
        for number, one in enumerate(found)
    ]
    units = {one.layer.name: one.units for one in found}
    of_training = grouping.answered(network, units, images.image[training], progress=SILENT)
    answering = progress.part(ASKING, 1, 1)
    of_test = grouping.answered(network, units, images.image[test], progress=answering)
    names, label = [layer.name for layer in layers], images.labels[rows]
    classes = len(images.class_names)
    arrays = {
        **_groups(found, names, of_training, images.labels[training]),
        **_answers(found, of_test),
        **_effects(network, found, kept, label, classes),
    }
    floor = float(np.bincount(kept[0].said, minlength=classes).max() / len(rows))
    told = {
        "images": len(rows),
        "of_class": np.bincount(label, minlength=classes).tolist(),
        "training_images": len(training),
        "floor": floor,
        "columns": [_told(one, asked, network) for one, asked in zip(found, kept, strict=True)],
    }
    return arrays, told


def asked_images(
    network: LayeredClassifier, layers: Sequence[Layer], tested: int, section: config.UnitGroups
) -> int:
    """About how many of the test images the network is asked without each group."""
    work = sum((min(section.groups, layer.shape[-1]) + 2) * work_of(network, layer.name) for layer in layers)
    return max(min(FEWEST, tested), affordable(SHARE * work, min(ABLATED_ON, tested)))


def numbers_of(layers: Sequence[Layer], section: config.UnitGroups, tested: int, classes: int) -> int:
    """How many numbers of two bytes are kept, about."""
    having = grouping.with_maps(layers)
    count = sum(min(section.groups, layer.shape[-1]) for layer in having)
    widest = max((layer.shape[-1] for layer in having), default=0)
    effects = 2 * count * classes**2 if count * classes**2 <= LARGEST else 0
    return count * (3 * tested + 2 * widest + 2 * classes) + effects


def cuts(layers: Sequence[Layer], section: config.UnitGroups) -> Iterator[str]:
    """Says which units are left out."""
    without = [layer.name for layer in layers if layer.has_units and not layer.has_maps]
    if section.groups and without:
        yield f"{', '.join(without)}: units are not grouped, for they have no maps"


def _fitted(
    network: LayeredClassifier, layer: Layer, images: np.ndarray, groups: int, seed: int, progress: Progress
) -> Fitted:
    middle = max(1, len(images) // 2)
    parts = [
        grouping.places(network, layer, some, PLACES // 2, seed=seed)
        for some in (images[:middle], images[middle:])
        if len(some)
    ]
    places, count = np.concatenate(parts), min(groups, layer.shape[-1])
    halves = fit(parts[0], count, seed=seed), fit(parts[-1], count, seed=seed)
    progress.check()
    units = fit(places, count, seed=seed, start=halves[0])
    components = PCA(min(count, *places.shape), random_state=seed).fit(places)
    return Fitted(layer, units, stability(units, halves, seed=seed), components)


def _groups(
    found: Sequence[Fitted],
    names: Sequence[str],
    of_training: Mapping[str, grouping.Answered],
    label: np.ndarray,
) -> dict[str, np.ndarray]:
    widest = max(one.units.shape[1] for one in found)
    means = [of_training[one.layer.name].mean for one in found]
    units = [np.pad(one.units, ((0, 0), (0, widest - one.units.shape[1]))) for one in found]
    column = [np.full(len(one.units), names.index(one.layer.name)) for one in found]
    return {
        "group_column": np.concatenate(column).astype(np.uint8),
        "group_units": np.concatenate(units).astype(np.float32),
        "group_stability": np.concatenate([one.stable.cosine for one in found]).astype(np.float32),
        "group_spread": np.concatenate([spread(mean, label) for mean in means]).astype(np.float32),
        "group_leaf": np.concatenate([alike(mean, label) for mean in means]).astype(np.int32),
    }


def _answers(found: Sequence[Fitted], of_test: Mapping[str, grouping.Answered]) -> dict[str, np.ndarray]:
    each = [of_test[one.layer.name] for one in found]
    return {
        "group_mean": to_float16(np.concatenate([one.mean for one in each], axis=1)),
        "group_max": to_float16(np.concatenate([one.max for one in each], axis=1)),
        "group_peak": np.concatenate([one.peak for one in each], axis=1).astype(np.uint8),
    }


def _effects(
    network: LayeredClassifier,
    found: Sequence[Fitted],
    kept: Sequence[grouping.GroupFidelity],
    label: np.ndarray,
    classes: int,
) -> dict[str, np.ndarray]:
    count = sum(len(one.units) for one in found)
    adds = [
        grouping.effects(network, one.units)
        if grouping.is_linear(network, one.layer)
        else np.full((len(one.units), classes), np.nan)
        for one in found
    ]
    arrays = {"group_effect": np.concatenate(adds).astype(np.float32)}
    if count * classes**2 > LARGEST:
        return arrays
    change = np.concatenate([one.change for one in kept]).astype(np.float64)
    mean = np.full((count, classes, classes), np.nan)
    error = np.full_like(mean, np.nan)
    for one in np.unique(label):
        rows = change[:, label == one]
        mean[:, one] = rows.mean(axis=1)
        if rows.shape[1] > 1:
            error[:, one] = rows.std(axis=1, ddof=1) / np.sqrt(rows.shape[1])
    return arrays | {"group_removed": to_float16(mean), "group_removed_error": to_float16(error)}


def _told(one: Fitted, kept: grouping.GroupFidelity, network: LayeredClassifier) -> dict[str, Any]:
    asked = len(kept.groups)
    return {
        "name": one.layer.name,
        "groups": len(one.units),
        "windows": list(grouping.windows(one.layer)),
        "error": plain(kept.error),
        "kept": plain_interval(wilson(int(kept.groups.sum()), asked)),
        "kept_by_components": plain_interval(wilson(int(kept.components.sum()), asked)),
        "stability": plain(float(one.stable.cosine.mean())),
        "stability_chance": plain(one.stable.chance),
        "adds_up": grouping.is_linear(network, one.layer),
        "adds_up_within": plain(kept.closed),
    }
