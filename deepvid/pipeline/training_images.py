"""What a run keeps so that its training images can be asked who speaks for an answer, without JAX."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from deepvid import config, models, training
from deepvid.config import experiment_from
from deepvid.network.influence import Head, restored
from deepvid.network.training_images import (
    Snapshot,
    Term,
    alone,
    asked_alone,
    by_influence,
    by_tracin,
    gradients,
)
from deepvid.pipeline.float16 import to_float16
from deepvid.pipeline.images import Images
from deepvid.pipeline.parts import Part
from deepvid.pipeline.stage import StageContext
from deepvid.progress import Progress
from deepvid.training.loop import steps_per_epoch
from deepvid.training.schedules import SCHEDULES

LARGEST = 2**26  # numbers of all snapshots, 128 MB
QUERIES = 500  # test images that are asked who is named first
PRODUCTS = 2**35  # that this may take, some seconds


def kept_snapshots(epochs: int, most: int) -> list[int]:
    """At most `most` epochs, from 1, that stand evenly for all: the last one and those before."""
    return sorted({round(epochs * (number + 1) / most) for number in range(most)} - {0}) if most else []


def mean_rates(section: config.Teacher, images: int, epochs: Sequence[int]) -> list[float]:
    """What each of these epochs stands for: its own mean learning rate and those since the one before, added.

    A rate at an epoch's end would be next to none of the last one, where the rate falls to 0.
    """
    steps = steps_per_epoch(images, section.batch)
    schedule = SCHEDULES[section.schedule](section.learning_rate, section.epochs * steps)
    rates = np.asarray(jax.vmap(schedule)(jnp.arange(section.epochs * steps)))
    each = rates.reshape(section.epochs, steps).mean(axis=1)
    return [float(each[before:epoch].sum()) for before, epoch in zip((0, *epochs[:-1]), epochs, strict=True)]


def numbers_of(section: config.Layers, epochs: int, features: int, classes: int, training_images: int) -> int:
    """How many numbers the snapshots of a training have; 0 where they are too many or none are asked for."""
    numbers = len(kept_snapshots(epochs, section.snapshots)) * training_images * (features + classes)
    return numbers if numbers <= LARGEST else 0


def told_of_training(
    context: StageContext,
    images: Images,
    rows: np.ndarray,
    head: Part,
    section: config.Layers,
    *,
    progress: Progress,
) -> Part:
    """The last layer's inputs and answers for the training images `rows` at some epochs, and how many
    different images influence and TracIn name first.
    """
    series, teacher = context.run.series("teacher"), experiment_from(context.run.config).teacher
    assert isinstance(teacher, config.Teacher)  # others are refused
    group = context.open("teacher", "features", "logits")
    features, logits = group["features"].to_numpy(), group["logits"].to_numpy()
    arrays: dict[str, np.ndarray] = {"training": rows.astype(np.int32)}
    of_training = numbers_of(section, teacher.epochs, features.shape[1], logits.shape[1], len(rows))
    if series is None or not of_training:
        return Part(arrays, {"snapshots": [], "firsts": None})
    epochs = kept_snapshots(teacher.epochs, section.snapshots)
    rates = mean_rates(teacher, int(np.count_nonzero(~images.test)), epochs)
    found = list(_snapshots(series.open("parameters")["parameters"], epochs, teacher, images, rows, progress))
    arrays["snapshot_features"] = np.stack([to_float16(one.features) for one in found])
    arrays["snapshot_logits"] = np.stack([to_float16(one.logits) for one in found])
    told = [{"epoch": epoch, "rate": rate} for epoch, rate in zip(epochs, rates, strict=True)]
    if not head.arrays:
        return Part(arrays, {"snapshots": told, "firsts": None})
    said = logits[images.test].argmax(axis=1)
    fitted = restored(
        head.arrays["head"], head.arrays["inverse_hessian"], features[rows], images.labels[rows]
    )
    tested = series.open("test_features", "test_logits")
    snapshots = [
        Snapshot(
            one["rate"],
            gradients(trained.features, trained.logits, images.labels[rows]),
            gradients(
                tested["test_features"][one["epoch"] - 1].to_numpy(),
                tested["test_logits"][one["epoch"] - 1].to_numpy(),
                said,
            ),
        )
        for one, trained in zip(told, found, strict=True)
    ]
    return Part(
        arrays, {"snapshots": told, "firsts": _firsts(fitted, snapshots, features[images.test], said)}
    )


def _snapshots(
    parameters: Any,
    epochs: Sequence[int],
    teacher: config.Teacher,
    images: Images,
    rows: np.ndarray,
    progress: Progress,
) -> Iterator[training.Predictions]:
    for number, epoch in enumerate(epochs):
        progress.update(number, len(epochs), f"training images at epoch {epoch}")
        classifier = models.restore(
            teacher.network,
            image_shape=images.shape,
            class_names=images.class_names,
            vector=parameters[epoch - 1].to_numpy(),
        )
        part = progress.part(number, number + 1, len(epochs))
        yield training.predict(classifier, images.image[rows], progress=part)


def _firsts(
    head: Head, snapshots: Sequence[Snapshot], features: np.ndarray, said: np.ndarray
) -> dict[str, int]:
    """How many different training images are named first, by queries that are each asked alone."""
    measures = {"influence": by_influence(head, features, said), "tracin": by_tracin(snapshots)}
    asked = asked_alone(measures["tracin"], QUERIES, products=PRODUCTS)
    return {"queries": len(asked)} | {name: _different(terms, asked) for name, terms in measures.items()}


def _different(terms: Sequence[Term], asked: np.ndarray) -> int:
    return len(np.unique(alone(terms, asked).argmax(axis=1)))
