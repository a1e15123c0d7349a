"""Checks of a classifier before anything is stored, and numbers for classes that nobody named."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepvid import config, datasets
from deepvid.adapters.catalogue import open_model
from deepvid.adapters.checking import Checked, check, check_table
from deepvid.adapters.contract import Answers
from deepvid.adapters.input_checks import classes_of, size_agreement
from deepvid.adapters.preparing import Prepared
from deepvid.adapters.table import open_table, width_of
from deepvid.config import Experiment
from deepvid.config.sections.dataset import LARGEST
from deepvid.data_check.checking import check_data, sentences
from deepvid.datasets import ImageData
from deepvid.datasets.originals import Stored, originals, some
from deepvid.datasets.validation import FEWEST_CLASSES
from deepvid.errors import ConfigError
from deepvid.pipeline.user_model import UserModel, named_in
from deepvid.tier import Tier

USUAL = 64  # pixels: students of a side of 128 take four times as long

OFFERS = {
    Tier.PREDICTIONS: "a map, confusions, images and a hierarchy, and no student, which would have to ask it",
    Tier.PREDICT: "a map, confusions, images, a hierarchy, and students with occlusion beside them",
    Tier.ACTIVATIONS: "a map, confusions, images, a hierarchy, and students with occlusion beside them",
    Tier.GRADIENTS: "a map, confusions, images, a hierarchy, and students that are anchored at its gradients",
}


def checked(experiment: Experiment, *, data: Path | None = None) -> Iterator[str]:
    """Sentences, without their stops. Raises DataError for what keeps the model from being explained."""
    named = named_in(experiment)
    if named is None:
        raise ConfigError(
            "A model to check was trained elsewhere",
            "none in the description",
            "Name one",
        )
    images = datasets.load(experiment.dataset, data=data, seed=experiment.seed)
    notes = list[str]()
    if isinstance(named.section, config.Table):
        result = _of_table(named.section, images)
    else:
        result, notes = _of_model(named, images, experiment.dataset, data)
    right = "" if result.accuracy is None else f", and {result.accuracy:.1%} of its answers are the labels"
    yield f"{named.name} was asked about {result.images:,} images{right}"
    yield from (note.rstrip(".") for note in (*result.notes, *notes))
    yield from _of_images(images, experiment)
    yield f"What it gives: {OFFERS[result.tier]}"


def _of_images(images: ImageData, experiment: Experiment) -> list[str]:
    """Faults of the images in sentences, where they are asked for."""
    section = experiment.data_check
    if section is None:
        return []
    findings = check_data(
        images.images,
        images.labels,
        images.test,
        sizes=images.sizes,
        lookups=section.lookups,
        seed=experiment.seed,
    )
    return sentences(findings)


def _of_table(section: config.Table, images: ImageData) -> Checked:
    rows = images.rows
    count = len(images.images) if rows is None else rows.total
    table = open_table(section, class_names=images.class_names, images=count)
    if rows is not None:
        table = table._replace(answers=Answers(table.answers.logits[rows.of], None))
    return check_table(table, images.labels, images.class_names)


def _of_model(
    named: UserModel, images: ImageData, dataset: config.Dataset, data: Path | None
) -> tuple[Checked, list[str]]:
    """Result of its check, and what storing the images smaller changes."""
    y, x, channels = images.images.shape[1:]
    model = named.open((y, x, channels), images.class_names)
    result = check(model, images.images, images.labels, images.class_names)
    if not isinstance(model, Prepared):
        return result, []
    rows = np.arange(len(images.images)) if images.rows is None else images.rows.of
    stored = Stored((y, x, channels), rows, images.files, images.white)
    own, again = [], []
    for part in originals(dataset, stored, model.size, chosen=some(len(rows)), data=data):
        own.append(classes_of(model, part.image))
        again.append(classes_of(model, images.images[part.sample]))
    if not own:
        return result, []
    return result, [size_agreement(model, np.concatenate(own), np.concatenate(again)).sentence(LARGEST)]


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


def with_stored_size(experiment: Experiment, *, data: Path | None = None) -> Experiment:
    """The same where the images can be stored as they are, or a size is named; otherwise with `USUAL`."""
    dataset = experiment.dataset
    if dataset.size is not None or not dataset.own:
        return experiment
    found = datasets.first_size(dataset, data=data)
    if found is None or max(found) <= LARGEST:
        return experiment
    return experiment.replaced(dataset=dataset.replaced(size=(USUAL, USUAL)))


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
