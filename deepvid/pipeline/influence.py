"""The stage that fits the last layer again, and keeps what training images are asked by, without JAX."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from deepvid import config, fields, models, training
from deepvid.config import experiment_from
from deepvid.network.influence import LARGEST, Head, leave_one_out, predicted, refit, restored
from deepvid.network.training_images import (
    Snapshot,
    Term,
    alone,
    asked_alone,
    by_influence,
    by_tracin,
    gradients,
)
from deepvid.pipeline.looked_into import Inside, inside, stage_inside, to_float16
from deepvid.pipeline.stage import GroupStage, Images, Result, StageContext
from deepvid.progress import Progress
from deepvid.store import dataset_of
from deepvid.training.changes import rate_factor, stretches
from deepvid.training.loop import steps_per_epoch
from deepvid.training.optimizers import SCHEDULES

QUERIES = 8  # test images on which influence is measured
MOST_NUMBERS = 2**26  # of all snapshots, 128 MB
FIRST_QUERIES = 500  # test images that are asked who is named first
PRODUCTS = 2**35  # that this may take, some seconds
FITTED = 0.45  # how far it is when the last layer is fitted again

NO_SNAPSHOTS: Mapping[str, Any] = {"snapshots": [], "firsts": None}
"""Of a training that another program did or that left images out, or of one whose snapshots have too many
numbers.
"""

Arrays = dict[str, np.ndarray]


def influence_stage(section: config.Influence, *, seed: int) -> GroupStage:
    """Of a teacher that was trained elsewhere, and shows what its last layer reads, that alone."""

    def work(context: StageContext) -> Result:
        known, progress = inside(context), context.progress
        features, classes = known.layers[-2].shape[-1], len(known.images.class_names)
        numbers = head_numbers(features, classes) if known.reader.depth else 0
        kept = len(known.rows) * (features + classes) * section.snapshots
        ours = known.reader.network is not None
        size = 4 * numbers**2 + 2 * min(MOST_NUMBERS, kept) * ours
        progress.foretell(f"{len(known.rows):,} training images", size=size)
        if known.reader.depth and not numbers:
            progress.note(f"the last layer has more than {LARGEST:,} numbers: influence on it is left out")
        arrays, told = Arrays(), None
        if numbers:
            fitting = progress.part(0, FITTED, 1)
            arrays, told = fitted_head(context, known, section, seed=seed, progress=fitting)
        attributes: dict[str, Any] = dict(NO_SNAPSHOTS)
        if ours:
            asking = progress.part(FITTED, 1, 1)
            of_epochs, attributes = told_of_training(context, known, arrays, section, progress=asking)
            arrays |= of_epochs
        return Result(dataset_of(fields.INFLUENCE, arrays, {"influence": told, **attributes}), {})

    return stage_inside(section, work, seed=seed, needs=(config.Layers.stage,))


def head_numbers(features: int, classes: int) -> int:
    """How many numbers the last layer has; 0 where they are too many for a Hessian."""
    numbers = classes * (features + 1)
    return numbers if numbers <= LARGEST else 0


def fitted_head(
    context: StageContext, known: Inside, section: config.Influence, *, seed: int, progress: Progress
) -> tuple[Arrays, Mapping[str, Any]]:
    """The head for the images that are neighbors, and how well influence predicts what leaving one out does.

    Measured on some errors, or on other test images where there are none.
    """
    images, rows, teacher = known.images, known.rows, context.open("teacher", "features", "logits")
    features, logits = teacher["features"].to_numpy(), teacher["logits"].to_numpy()
    classes = len(images.class_names)
    training, tested, said = features[rows], features[images.test], logits[images.test].argmax(axis=1)
    head = refit(training, images.labels[rows], classes, progress=progress.part(0, 0.5, 1))
    rng = np.random.default_rng(seed)
    errors = np.flatnonzero(said != images.labels[images.test])
    among = errors if len(errors) else np.arange(len(said))
    queries = rng.permutation(among)[:QUERIES]
    samples = rng.permutation(len(rows))[: section.left_out]
    correlation = leave_one_out(
        head, tested[queries], said[queries], samples, progress=progress.part(0.5, 1, 1)
    )
    return (
        {"head": head.weight.astype(np.float32), "inverse_hessian": head.inverse.astype(np.float32)},
        {
            "l2": head.l2,
            "gradient": head.gradient,
            "agreement": float((predicted(head, tested) == said).mean()),
            "leave_one_out": None if np.isnan(correlation) else correlation,
            "left_out": len(samples),
            "queries": len(queries),
        },
    )


def kept_snapshots(epochs: int, most: int) -> list[int]:
    """At most `most` epochs, from 1, that stand evenly for all: the last one and those before."""
    return sorted({round(epochs * (number + 1) / most) for number in range(most)} - {0}) if most else []


def mean_rates(section: config.Teacher, images: int, epochs: Sequence[int]) -> list[float]:
    """Rates that each of these epochs stands for: its own mean one and those since the one before, added.

    A rate at an epoch's end would be next to none of the last one, where the rate falls to 0.
    """
    steps = steps_per_epoch(images, section.batch)
    schedule = SCHEDULES[section.schedule](section.learning_rate, section.epochs * steps)
    rates = np.asarray(jax.vmap(schedule)(jnp.arange(section.epochs * steps)))
    each = rates.reshape(section.epochs, steps).mean(axis=1)
    for stretch in stretches(section):
        each[stretch.first : stretch.last] *= rate_factor(stretch.until)
    return [float(each[before:epoch].sum()) for before, epoch in zip((0, *epochs[:-1]), epochs, strict=True)]


def snapshot_numbers(
    section: config.Influence, epochs: int, features: int, classes: int, training_images: int
) -> int:
    """How many numbers the snapshots of a training have; 0 where they are too many or none are asked for."""
    numbers = len(kept_snapshots(epochs, section.snapshots)) * training_images * (features + classes)
    return numbers if numbers <= MOST_NUMBERS else 0


def told_of_training(
    context: StageContext,
    known: Inside,
    head: Mapping[str, np.ndarray],
    section: config.Influence,
    *,
    progress: Progress,
) -> tuple[Arrays, dict[str, Any]]:
    """The last layer's inputs and answers for the training images that are neighbors, at some epochs, and how
    many different images influence and TracIn name first.
    """
    images, rows = known.images, known.rows
    series, teacher = context.run.series("teacher"), experiment_from(context.run.config).teacher
    assert isinstance(teacher, config.Teacher)  # others are refused
    group = context.open("teacher", "features", "logits")
    features, logits = group["features"].to_numpy(), group["logits"].to_numpy()
    of_training = snapshot_numbers(section, teacher.epochs, features.shape[1], logits.shape[1], len(rows))
    met_all = not any(isinstance(change, config.LeaveOut) for change in teacher.changes)
    if series is None or not of_training or not met_all:
        return {}, dict(NO_SNAPSHOTS)
    epochs = kept_snapshots(teacher.epochs, section.snapshots)
    rates = mean_rates(teacher, int(np.count_nonzero(~images.test)), epochs)
    found = list(_snapshots(series.open("parameters")["parameters"], epochs, teacher, images, rows, progress))
    arrays = {
        "snapshot_features": np.stack([to_float16(one.features) for one in found]),
        "snapshot_logits": np.stack([to_float16(one.logits) for one in found]),
    }
    told = [{"epoch": epoch, "rate": rate} for epoch, rate in zip(epochs, rates, strict=True)]
    if not head:
        return arrays, {"snapshots": told, "firsts": None}
    said = logits[images.test].argmax(axis=1)
    fitted = restored(head["head"], head["inverse_hessian"], features[rows], images.labels[rows])
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
    firsts = _firsts(fitted, snapshots, features[images.test], said)
    return arrays, {"snapshots": told, "firsts": firsts}


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
    asked = asked_alone(measures["tracin"], FIRST_QUERIES, products=PRODUCTS)
    return {"queries": len(asked)} | {name: _different(terms, asked) for name, terms in measures.items()}


def _different(terms: Sequence[Term], asked: np.ndarray) -> int:
    return len(np.unique(alone(terms, asked).argmax(axis=1)))
