"""The layers of a run's teacher: units of covered images, maps of units, and filters."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import jax
import numpy as np

from deepvid.attribution.activation_maps import layers_with_places
from deepvid.attribution.filters import filter_means, watch_filters
from deepvid.attribution.windows import Windows
from deepvid.config import Layers, Units
from deepvid.cores import use_cores
from deepvid.engine.models import keys_of_layers, trained_run, training_images
from deepvid.engine.requests import FilterResponses, Mapped, MapUnits, Occluded, OccludeImage, WatchFilters
from deepvid.errors import ConfigError, UserError
from deepvid.models import Classifier, LayeredClassifier
from deepvid.network.layers import Layer, layers_of
from deepvid.network.occlusion import occluded
from deepvid.network.response_maps import response_maps
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress

RUNS_KEPT = 2
FLAT = 1e-6  # the spread of a unit that answers every image alike


def occlude(request: OccludeImage, progress: Progress) -> Occluded:
    """All units and logits in one pass."""
    use_cores()
    progress.update(0, 2, "loading the teacher")
    opened = trained_run(request.run)
    image = opened.image(request.sample).astype(np.float32) / 255
    known = _known(opened, *keys_of_layers(opened, Units.stage))
    progress.update(1, 2, "covering patches")
    windows = Windows.over(image.shape)
    found = occluded(known.classifier, [(layer.name, unit) for layer, unit in known.kept], image)
    return Occluded(
        request.sample,
        windows.side,
        windows.top,
        windows.left,
        tuple((layer.name, number) for layer, unit in known.kept for number in unit.tolist()),
        _in_deviations(np.asarray(found.unit), known.unit_deviation),
        _in_deviations(np.asarray(found.logit), known.logit_deviation),
        known.logit_deviation,
    )


def map_units(request: MapUnits, progress: Progress) -> Mapped:
    """Raises ConfigError for a layer without maps."""
    use_cores()
    progress.update(0, 2, "loading the teacher")
    opened = trained_run(request.run)
    known = _known(opened, *keys_of_layers(opened, Units.stage))
    asked = [(layer, unit) for layer, unit in known.kept if layer.name == request.layer and layer.has_maps]
    if not asked:
        having = [layer.name for layer, _ in known.kept if layer.has_maps]
        raise ConfigError(
            f"Maps need a layer whose responses are maps: {', '.join(having) or 'it has none'}",
            request.layer or "no layer",
            "Choose such a layer",
        )
    samples = (request.sample, *request.others)
    progress.update(1, 2, "asking the units")
    images = np.stack([opened.image(sample) for sample in samples])
    return Mapped(samples, response_maps(known.classifier, asked, images).astype(np.float32))


class _Known(NamedTuple):
    """A teacher that was looked into."""

    classifier: LayeredClassifier
    kept: Sequence[tuple[Layer, np.ndarray]]  # layers with units, and which are kept
    unit_deviation: np.ndarray  # f32 (unit,): of mean responses to the test images
    logit_deviation: np.ndarray  # f32 (class,)


@lru_cache(maxsize=RUNS_KEPT)
def _known(opened: TrainedRun, *keys: str) -> _Known:
    run, classifier = opened.run, opened.network
    group = run.together(Layers.stage, Units.stage)
    layers = {layer.name: layer for layer in layers_of(classifier, len(classifier.layers))}
    column, index = (group[name].to_numpy() for name in ("unit_column", "unit_index"))
    told = [layers[one["name"]] for one in group.attrs["columns"]]
    kept = [(layer, index[column == number]) for number, layer in enumerate(told) if (column == number).any()]
    logits = run.stages["teacher"].open("logits")["logits"][group["sample"].to_numpy()].to_numpy()
    responses = group["response_mean"].to_numpy()
    return _Known(
        classifier,
        kept,
        responses.std(axis=0, dtype=np.float64).astype(np.float32),
        logits.std(axis=0, dtype=np.float64).astype(np.float32),
    )


def _in_deviations(drop: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """f32 (one, v, u); 0 of what never changes."""
    flat = (deviation <= FLAT)[:, None, None]
    spread = np.where(flat, 1, deviation[:, None, None])
    return np.asarray(np.where(flat, 0, drop / spread), np.float32)


MOST_AVERAGED = 500  # training images that tell what is usual of a filter
LAYERS_KEPT = 32


def watch(request: WatchFilters, progress: Progress) -> FilterResponses:
    """Covers one patch after another, then silences every filter alone and the strongest together."""
    use_cores()
    progress.update(0, 3, "loading the teacher")
    opened = trained_run(request.run)
    image = opened.image(request.sample)
    label = opened.run.stages["dataset"].open("label")["label"][request.sample].to_numpy()
    network, layers = opened.network, _layers(opened.network)
    layer = request.layer if request.layer in layers else next(reversed(layers))
    progress.update(1, 3, "the mean of each filter over training images")
    usual, absent = _usual(opened, layer), opened.mean_color
    progress.update(2, 3, "covering patches and silencing filters")
    seen = watch_filters(network, layer, image.astype(np.float32) / 255, label, usual.mean, absent)
    seen = jax.tree.map(np.asarray, seen)
    first, second = seen.classes.tolist()
    return FilterResponses(
        layers=tuple(layers.items()),
        layer=layer,
        images=usual.images,
        patch=Windows.over(image.shape).side,
        mean=usual.mean,
        **seen._replace(classes=(first, second))._asdict(),
    )


class _Usual(NamedTuple):
    """Usual activations, those of training images."""

    mean: np.ndarray  # f32 (filter,)
    images: int  # that `mean` is of


@lru_cache(maxsize=LAYERS_KEPT)
def _usual(opened: TrainedRun, layer: str) -> _Usual:
    images = training_images(opened, MOST_AVERAGED).astype(np.float32) / 255
    return _Usual(np.asarray(filter_means(opened.network, layer, images)), len(images))


def _layers(classifier: Classifier) -> dict[str, int]:
    """Filters of each layer with places, from the image on."""
    found = dict(reversed([*layers_with_places(classifier, classifier.image_shape)]))
    if not found or len(classifier.class_names) < 2:
        has = "a network without such a layer" if not found else "a teacher of one class"
        raise UserError(
            "Filters need a layer whose activations are maps, and two classes to compare",
            has,
            "Train a convolutional network, such as a ResNet, on two classes or more",
        )
    return found
