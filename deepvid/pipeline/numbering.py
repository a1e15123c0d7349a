"""The classes of a model that nobody named: "0", "1", ..., one an output."""

from pathlib import Path

import numpy as np

from deepvid import config, datasets
from deepvid.adapters.catalogue import open_model
from deepvid.adapters.table import width_of
from deepvid.config import Experiment
from deepvid.datasets.validation import FEWEST_CLASSES
from deepvid.pipeline.user_model import UserModel, named_in

UNNAMED = tuple(map(str, range(FEWEST_CLASSES)))


def numbered_classes(named: UserModel, images: np.ndarray) -> tuple[str, ...]:
    """`images` uint8 (sample, y, x, channel) or f32 in [0, 1]; the first is asked about.

    Raises DataError where the model does not answer it. One output is of two classes.
    """
    if isinstance(named.section, config.Table):
        width = width_of(named.section)
    else:
        y, x, channels = images.shape[1:]
        asked = images[:1].astype(np.float32) / (255 if images.dtype == np.uint8 else 1)
        model = open_model(
            _unordered(named.section), image_shape=(y, x, channels), class_names=UNNAMED, given=named.instance
        )
        width = model.width(asked)
    return tuple(map(str, range(max(width, FEWEST_CLASSES))))


def with_classes(experiment: Experiment, *, data: Path | None = None) -> Experiment:
    """The same where images have labels or their classes are named; otherwise with the classes numbered.

    `data` is looked in for the images before all other places.
    """
    dataset = experiment.dataset
    named = named_in(experiment)
    if named is None or dataset.classes is not None or datasets.labeled(dataset, data=data):
        return experiment
    images = datasets.load(dataset.replaced(classes=UNNAMED), data=data, seed=experiment.seed).images
    return experiment.replaced(dataset=dataset.replaced(classes=numbered_classes(named, images)))


def _unordered(section: config.ExternalModel) -> config.ExternalModel:
    """Without an order of classes that have no names yet."""
    return section.replaced(output=section.output.replaced(classes=None))
