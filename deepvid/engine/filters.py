"""The filters of a run's teacher: what is usual of each, and what one image makes of them."""

from functools import lru_cache
from typing import NamedTuple

import jax
import numpy as np

from deepvid.attribution.activation_maps import layers_with_places
from deepvid.attribution.filters import filter_means, watch_filters
from deepvid.attribution.windows import Windows
from deepvid.cores import use_cores
from deepvid.engine.models import trained_run
from deepvid.engine.requests import FilterResponses, WatchFilters
from deepvid.errors import UserError
from deepvid.fitted import fitted
from deepvid.models import Classifier
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress

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
    """What is usual of the training images."""

    mean: np.ndarray  # f32 (filter,)
    images: int  # that `mean` is of


@lru_cache(maxsize=LAYERS_KEPT)
def _usual(opened: TrainedRun, layer: str) -> _Usual:
    """Of images spread evenly over all, for they may come class after class."""
    group = opened.run.stages["dataset"].open("image", "test")
    training = np.flatnonzero(fitted(group["test"].to_numpy()))
    count = min(MOST_AVERAGED, len(training))
    chosen = training[np.linspace(0, len(training) - 1, count).astype(np.intp)]
    images = group["image"].isel(sample=chosen).to_numpy().astype(np.float32) / 255
    means = filter_means(opened.network, layer, images)
    return _Usual(np.asarray(means), count)


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
