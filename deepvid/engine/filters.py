"""The filters of a run's teacher: what is usual of each, and what one image makes of them."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from deepvid.attribution.activation_maps import layers_with_places
from deepvid.attribution.filters import filter_means, watch_filters
from deepvid.attribution.windows import Windows
from deepvid.cores import use_cores
from deepvid.engine.requests import FilterResponses, WatchFilters
from deepvid.engine.samples import image_of
from deepvid.errors import UserError
from deepvid.fitted import fitted
from deepvid.models import Classifier
from deepvid.pipeline.explanations import mean_color
from deepvid.pipeline.trained import load_network
from deepvid.progress import Progress
from deepvid.store import open_run

MOST_AVERAGED = 500  # training images that tell what is usual of a filter
TEACHERS_KEPT, LAYERS_KEPT = 4, 32


def watch(request: WatchFilters, progress: Progress) -> FilterResponses:
    """Covers one patch after another, then silences every filter alone and the strongest together."""
    use_cores()
    progress.update(0, 3, "loading the teacher")
    run = open_run(request.run)
    image = image_of(run, request.sample)
    label = run.stages["dataset"].open("label")["label"][request.sample].to_numpy()
    classifier, layers = _teacher(request.run, run.stages["teacher"].key)
    layer = request.layer if request.layer in layers else next(reversed(layers))
    progress.update(1, 3, "the mean of each filter over training images")
    dataset, teacher = (run.stages[name].key for name in ("dataset", "teacher"))
    usual, absent = _usual(request.run, layer, dataset, teacher), _color(request.run, dataset)
    progress.update(2, 3, "covering patches and silencing filters")
    seen = watch_filters(classifier, layer, image.astype(np.float32) / 255, label, usual.mean, absent)
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
    """What is usual of the training images."""

    mean: np.ndarray  # f32 (filter,)
    images: int  # that `mean` is of


@lru_cache(maxsize=LAYERS_KEPT)
def _usual(run: str | Path, layer: str, dataset: str, teacher: str) -> _Usual:
    """Of images spread evenly over all, for they may come class after class."""
    group = open_run(run).stages["dataset"].open("image", "test")
    training = np.flatnonzero(fitted(group["test"].to_numpy()))
    count = min(MOST_AVERAGED, len(training))
    chosen = training[np.linspace(0, len(training) - 1, count).astype(np.intp)]
    images = group["image"].isel(sample=chosen).to_numpy().astype(np.float32) / 255
    means = filter_means(_teacher(run, teacher).classifier, layer, images)
    return _Usual(np.asarray(means), count)


@lru_cache(maxsize=TEACHERS_KEPT)
def _color(run: str | Path, dataset: str) -> np.ndarray:
    return mean_color(open_run(run))


class _Teacher(NamedTuple):
    """A teacher with its layers that have places, and how many filters each has."""

    classifier: Classifier
    layers: dict[str, int]


@lru_cache(maxsize=TEACHERS_KEPT)
def _teacher(run: str | Path, key: str) -> _Teacher:
    classifier = load_network(open_run(run))
    return _Teacher(classifier, _layers(classifier))


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
