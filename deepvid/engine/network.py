"""The layers of a run's teacher: units of covered images, maps of units, filters, and maximized pictures."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, get_args

import jax
import numpy as np

from deepvid.attribution.activation_maps import layers_with_places
from deepvid.attribution.filters import filter_means, watch_filters
from deepvid.attribution.windows import Windows
from deepvid.config import Layers, Units, names
from deepvid.cores import use_cores
from deepvid.engine.models import RUNS_KEPT, keys_of_layers, trained_run, training_images
from deepvid.engine.requests import (
    FilterResponses,
    Mapped,
    MapUnits,
    Maximize,
    MaximizedImages,
    Occluded,
    OccludeImage,
    WatchFilters,
)
from deepvid.errors import ConfigError, StoreError, UserError
from deepvid.models import Classifier, LayeredClassifier
from deepvid.network.activation_maximization import (
    AVERAGED,
    MaximizedPictures,
    maximized,
    maximized_latent,
    ninth,
)
from deepvid.network.layers import Layer, layers_of
from deepvid.network.occlusion import occluded
from deepvid.network.response_maps import response_maps
from deepvid.network.spaces import Latents
from deepvid.network.switches import MOST, NONE
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.store import Run

PROBED_RUNS_KEPT = 2
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


@lru_cache(maxsize=PROBED_RUNS_KEPT)
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


MAKINGS: tuple[names.Making, ...] = get_args(names.Making)


def maximize(request: Maximize, progress: Progress) -> MaximizedImages:
    """One after another. Raises ConfigError for a unit, a switch or a making that is not there."""
    use_cores()
    progress.update(0, 1 + len(request.made), "loading the teacher")
    opened = trained_run(request.run)
    _require(request, opened.network)
    found = []
    for number, name in enumerate(request.made):
        part = progress.part(1 + number, 2 + number, 1 + len(request.made))
        found.append(_made(name, request, opened, part))
    pictures, responses = (np.concatenate(each) for each in zip(*found, strict=True))
    return MaximizedImages(pictures, responses, _measure(opened.run, request.layer, request.unit))


def _made(name: names.Making, request: Maximize, opened: TrainedRun, progress: Progress) -> MaximizedPictures:
    unit, network = np.array([request.unit]), opened.network
    if name == "latent":
        return maximized_latent(network, request.layer, unit, _latents(opened), seed=0, progress=progress)
    held = request.switches if name == "held" else NONE
    return maximized(network, request.layer, unit, _mean_image(opened), held, seed=0, progress=progress)


def _require(request: Maximize, network: LayeredClassifier) -> None:
    width = {layer.name: layer.shape[-1] for layer in layers_of(network, len(network.layers))}
    layers = [name for name in width if name in network.layers]
    if request.layer not in layers:
        raise ConfigError(
            f"A maximized unit is one of a layer: {', '.join(layers)}",
            f"{request.layer!r}",
            "Name one of them",
        )
    if not 0 <= request.unit < width[request.layer]:
        raise ConfigError(
            f"Units of {request.layer} are numbered from 0 and below {width[request.layer]}",
            f"{request.unit}",
            "Name one of them",
        )
    if not request.made or not set(request.made) <= set(MAKINGS):
        raise ConfigError(
            f"A picture is made in one of {', '.join(MAKINGS)}", f"{request.made}", "Name some of them"
        )
    for name, value in request.switches._asdict().items():
        if not 0 <= value <= getattr(MOST, name):
            raise ConfigError(
                f"The switch {name} is from 0 to {getattr(MOST, name)}", f"{value}", "Move it there"
            )


def _measure(run: Run, layer: str, unit: int) -> float:
    """NaN where the unit's responses are not kept."""
    group = run.together(Layers.stage, Units.stage)
    columns = [column["name"] for column in group.attrs.get("columns", [])]
    if layer not in columns or "response_max" not in group:
        return float("nan")
    at = (group["unit_column"].to_numpy() == columns.index(layer)) & (group["unit_index"].to_numpy() == unit)
    if not at.any():
        return float("nan")
    return float(ninth(group["response_max"][:, np.flatnonzero(at)].to_numpy().astype(np.float32))[0])


def _latents(opened: TrainedRun) -> Latents:
    if "vae" not in opened.run.stages:
        raise StoreError(
            "Latents are those of the run's autoencoder",
            f"none in {opened.run.id}",
            "Ask for pixels, or continue the run",
        )
    return opened.latents


@lru_cache(maxsize=RUNS_KEPT)
def _mean_image(opened: TrainedRun) -> np.ndarray:
    """f32 (y, x, channel)."""
    return np.asarray(training_images(opened, AVERAGED).mean(axis=0), np.float32) / np.float32(255)
