"""Trains a teacher: one `Snapshot` an epoch, continued bit for bit."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, UInt8

from deepvid import config
from deepvid.metrics import classification_metrics
from deepvid.models import build, to_vector
from deepvid.progress import SILENT, Progress
from deepvid.step_columns import in_columns
from deepvid.step_numbers import JUDGED, column_ends
from deepvid.training.batches import BATCH, predict, unit
from deepvid.training.changes import ChangingTraining, after
from deepvid.training.epoch_record import EpochRecord, kernel_names, kernel_numbers, step_numbers
from deepvid.training.loop import (
    Average,
    Epoch,
    Metrics,
    Step,
    from_arrays,
    run_epochs,
    steps_per_epoch,
    to_arrays,
)
from deepvid.training.optimizers import OPTIMIZERS, SCHEDULES
from deepvid.training.probe import Probe


class Snapshot(NamedTuple):
    """The teacher after one epoch."""

    epoch: int  # 0 is the first
    parameters: Float[np.ndarray, " parameter"]  # as `models.to_vector` orders them
    test_logits: Float[np.ndarray, "sample class"]
    test_features: Float[np.ndarray, "sample feature"]
    metrics: dict[str, float]
    state: dict[str, np.ndarray]  # all that `train_teacher` needs to continue
    record: EpochRecord


class State(NamedTuple):
    """State that changes from step to step."""

    epochs: Int[Array, ""]  # finished ones
    parameters: nnx.State
    statistics: nnx.State  # running averages of batch normalization
    optimizer: optax.OptState


def train_teacher(
    settings: config.Teacher,
    images: UInt8[np.ndarray, "sample y x channel"],
    labels: Int[np.ndarray, " sample"],
    test: Bool[np.ndarray, " sample"],
    class_names: tuple[str, ...],
    *,
    seed: int,
    state: Mapping[str, np.ndarray] | None = None,
    progress: Progress = SILENT,
    live: Callable[[int, Float[np.ndarray, "step 2"]], None] | None = None,
) -> Iterator[Snapshot]:
    """Yields a snapshot after every epoch that is not yet part of `state` (that of an earlier snapshot).
    `live` is told the number of an epoch, and loss and accuracy of steps, as soon as they are computed.

    What it yields does not depend on whether the training was interrupted. `seed` draws the first
    parameters, the order of the images and the dropped features; resume with the seed of the start.
    Raises `DataError` where `state` was written with another network or optimizer.
    """
    training = np.flatnonzero(~test)
    _, height, width, channels = images.shape
    steps = steps_per_epoch(len(training), settings.batch)
    schedule = SCHEDULES[settings.schedule](settings.learning_rate, settings.epochs * steps)
    optimizer = OPTIMIZERS[settings.optimizer](schedule, settings.weight_decay)
    graph, fresh = init(settings, optimizer, (height, width, channels), class_names, key=jax.random.key(seed))
    begin = fresh if state is None else from_arrays(fresh, state)
    probe = Probe(graph, images[training], steps, seed=seed)
    judged = np.sort(np.random.default_rng((seed, JUDGED)).permutation(training)[:JUDGED])

    def run(step: Step[State], begin: State, **stretch: Any) -> Iterator[Epoch[State]]:
        return run_epochs(
            step,
            begin,
            (images[training], labels[training]),
            epochs=settings.trained_epochs,
            batch=settings.batch,
            seed=seed,
            held_out=int(test.sum()),
            progress=progress,
            watch=probe,
            live=_loss_and_accuracy(live),
            **stretch,
        )

    layers = nnx.merge(graph, fresh.parameters, fresh.statistics).layers
    changing = ChangingTraining(settings, fresh, layers, training, seed=seed)
    began = time.perf_counter()
    for epoch, rates in changing.epochs(begin, partial(step, settings, optimizer, graph), run, schedule):
        classifier = nnx.merge(graph, epoch.state.parameters, epoch.state.statistics)
        classifier.eval()
        logits, features = predict(classifier, images[test], progress=epoch.judging)
        held_out = classification_metrics(logits, labels[test])
        judged_logits, _ = predict(classifier, images[judged], batch=min(BATCH, len(logits)))
        yield Snapshot(
            epoch.number,
            to_vector(classifier),
            logits,
            features,
            {
                "train_loss": epoch.metrics["loss"],
                "train_accuracy": epoch.metrics["accuracy"],
                "test_loss": held_out["loss"],
                "test_accuracy": held_out["accuracy"],
                "calibration_error": held_out["calibration_error"],
                "learning_rate": float(rates[-1]),
                "seconds": time.perf_counter() - began,
            },
            to_arrays(after(epoch)),
            EpochRecord(
                len(rates),
                kernel_names(classifier),
                in_columns(step_numbers(epoch.steps, rates), len(column_ends(steps))),
                probe.ticks(classifier.layers),
                judged,
                judged_logits,
            ),
        )
        began = time.perf_counter()


def _loss_and_accuracy(
    live: Callable[[int, np.ndarray], None] | None,
) -> Callable[[int, Metrics], None]:
    """Picks them from what a step says."""

    def pick(epoch: int, metrics: Metrics) -> None:
        if live is not None:
            live(epoch, np.stack([np.asarray(metrics["loss"]), np.asarray(metrics["accuracy"])], axis=-1))

    return pick


def init(
    settings: config.Teacher,
    optimizer: optax.GradientTransformation,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
    *,
    key: PRNGKeyArray,
) -> tuple[nnx.GraphDef, State]:
    """A fresh network, as the structure that stays and the state that training changes."""
    network = build(
        settings.network,
        image_shape=image_shape,
        class_names=class_names,
        dropout=settings.dropout,
        key=key,
    )
    graph, parameters, statistics = nnx.split(network, nnx.Param, nnx.BatchStat)  # type: ignore[misc]
    return graph, State(jnp.int32(0), parameters, statistics, jax.jit(optimizer.init)(parameters))


def step(
    settings: config.Teacher,
    optimizer: optax.GradientTransformation,
    graph: nnx.GraphDef,
    scales: Sequence[Array] | None = None,
) -> Step[State]:
    """One step on the cross-entropy with smoothed labels; `scales` are of the update of each parameter."""

    def advance(
        state: State,
        images: UInt8[Array, "sample y x channel"],
        labels: Int[Array, " sample"],
        *,
        keys: PRNGKeyArray,
        average: Average[Any],
    ) -> tuple[State, Metrics]:
        def loss(parameters: nnx.State) -> tuple[Array, tuple[nnx.State, Array]]:
            network = nnx.merge(graph, parameters, state.statistics, copy=True)
            logits = network.head(network.features(unit(images)), keys=keys)
            targets = optax.smooth_labels(jax.nn.one_hot(labels, logits.shape[-1]), settings.label_smoothing)
            value = optax.softmax_cross_entropy(logits, targets).mean()
            accuracy = (logits.argmax(axis=-1) == labels).mean()
            return value, (nnx.state(network, nnx.BatchStat), accuracy)

        computed = jax.value_and_grad(loss, has_aux=True)(state.parameters)
        (value, (statistics, accuracy)), gradient = average(computed)
        updates, optimizer_state = optimizer.update(gradient, state.optimizer, state.parameters)
        if scales is not None:
            leaves, structure = jax.tree.flatten(updates)
            updates = jax.tree.unflatten(structure, [a * b for a, b in zip(leaves, scales, strict=True)])
        parameters = optax.apply_updates(state.parameters, updates)
        numbers = kernel_numbers(state.parameters, parameters, gradient)
        state = state._replace(parameters=parameters, statistics=statistics, optimizer=optimizer_state)
        return state, {"loss": value, "accuracy": accuracy, **numbers}

    return advance
