"""Code that the cases share: images, a network trained by a loop of their own, a logged run and its maps."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr
from flax import nnx
from jaxtyping import Array

import deepvid
from deepvid import config, models
from deepvid.datasets import ImageData, load
from deepvid.logger import LoggedRun
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.pipeline.time_travel import time_travel_stage
from deepvid.statistics import Interval, wilson
from deepvid.store import open_run
from deepvid.timetravel.contract import Head, linear
from deepvid.timetravel.landscape import Box, cells
from deepvid.training import Predictions, predict

BATCH, RATE = 50, 2e-3
NETWORK = config.ResNet(depth=8, width=8)


def arguments(description: str | None, **defaults: int) -> argparse.Namespace:
    """The options of every case, `defaults` and others."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path("runs"), help="where the run is written")
    parser.add_argument("--source", default="fashion_mnist_small", help="data set, as in an experiment")
    parser.add_argument("--data", type=Path, help="folder with data sets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1500, help="of each map's fit")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{value}")
    return parser.parse_args()


def images_of(options: argparse.Namespace) -> ImageData:
    """`options.train` and `options.test` images, drawn class by class."""
    section = config.Dataset(source=options.source, train=options.train, test=options.test)
    return load(section, data=options.data, seed=options.seed)


class Learner:
    """A small ResNet and Adam."""

    def __init__(self, images: ImageData, *, seed: int) -> None:
        self.shape, self.class_names = images.images.shape[1:], images.class_names
        network = models.build(
            NETWORK, image_shape=self.shape, class_names=self.class_names, key=jax.random.key(seed)
        )
        self.graph, parameters, statistics = nnx.split(network, nnx.Param, nnx.BatchStat)  # type: ignore[misc]
        self.optimizer = optax.adam(RATE)
        self.state = parameters, statistics, self.optimizer.init(parameters)
        self._rng = np.random.default_rng(seed)
        self._step = jax.jit(partial(_step, self.graph, self.optimizer))

    def epoch(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        change: Callable[[nnx.Module, Array, Array], Array] | None = None,
    ) -> None:
        """One pass over uint8 images in a new order; `change` alters a batch (0 to 1) before it is used."""
        order = self._rng.permutation(len(labels))
        size = min(BATCH, len(labels))
        for begin in range(0, len(order) - size + 1, size):
            rows = order[begin : begin + size]
            batch, names = jnp.asarray(images[rows], jnp.float32) / 255, jnp.asarray(labels[rows])
            if change is not None:
                batch = change(self.network(), batch, names)
            self.state = self._step(self.state, batch, names)

    def network(self) -> Any:
        """As it is now, in evaluation mode."""
        network = nnx.merge(self.graph, *self.state[:2])
        network.eval()
        return network

    def answers(self, images: np.ndarray) -> Predictions:
        """Logits and features of uint8 images."""
        return predict(self.network(), images)

    @property
    def head(self) -> Head:
        network = self.network()
        width = network.dense.kernel[...].shape[0]
        return linear(lambda features: network.head(jnp.asarray(features)), width)


def _step(
    graph: nnx.GraphDef, optimizer: optax.GradientTransformation, state: Any, images: Array, labels: Array
) -> Any:
    parameters, statistics, moments = state

    def loss(parameters: nnx.State) -> tuple[Array, nnx.State]:
        network = nnx.merge(graph, parameters, statistics, copy=True)
        logits = network.head(network.features(images))
        value = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
        return value, nnx.state(network, nnx.BatchStat)

    slope, statistics = jax.grad(loss, has_aux=True)(parameters)
    update, moments = optimizer.update(slope, moments, parameters)
    return optax.apply_updates(parameters, update), statistics, moments


class Population(NamedTuple):
    """Samples that a run is logged of: training images, then test images."""

    images: np.ndarray
    labels: np.ndarray
    training: int

    @classmethod
    def of(cls, *parts: tuple[np.ndarray, np.ndarray]) -> "Population":
        """Images with their labels; those of the first part are training images."""
        images, labels = zip(*parts, strict=True)
        return cls(np.concatenate(images), np.concatenate(labels), len(labels[0]))

    @property
    def held_out(self) -> np.ndarray:
        """The samples that are test images."""
        return np.arange(self.training, len(self.labels))

    def logged(
        self, name: str, epochs: int, given: ImageData, store: Path, original: np.ndarray | None = None
    ) -> LoggedRun:
        """`original` are the labels before some were changed."""
        return deepvid.log_run(
            name,
            self.images,
            self.labels,
            test=self.held_out,
            epochs=epochs,
            class_names=given.class_names,
            original=original,
            store=store,
        )


def log_epoch(
    run: LoggedRun,
    learner: Learner,
    population: Population,
    labeled: np.ndarray | None = None,
    **metrics: float,
) -> Predictions:
    """Answers of the learner now, which the run keeps; it was trained with the `labeled` ones."""
    answers = learner.answers(population.images)
    known = None if labeled is None else np.append(labeled, np.zeros(len(population.held_out), bool))
    run.epoch(
        logits=answers.logits,
        features=answers.features,
        head=learner.head,
        labeled=known,
        metrics=metrics,
    )
    return answers


class Maps(NamedTuple):
    """The maps of a run, by sample of the run."""

    data: xr.Dataset
    metrics: list[dict[str, Any]]

    def rows(self, samples: np.ndarray) -> np.ndarray:
        """Where these samples stand."""
        return np.searchsorted(self.data["sample"].to_numpy(), samples)

    def colors(self, epoch: int) -> np.ndarray:
        """The class of the cell that each sample of the maps lies on, int (sample,)."""
        at = self.data.isel(epoch=epoch)
        position, box = at["position"].to_numpy().astype(np.float32), Box(*at["box"].to_numpy())
        classes = at["cell_class"].to_numpy()
        return np.asarray(classes[tuple(cells(np.nan_to_num(position), box, len(classes)).T)])


class Quiet:
    """Prints the name of what begins."""

    def began(self, stage: str, number: int, total: int) -> None:
        print(f"{stage} ...", flush=True)

    def ticked(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...


def travelled(run: Path, options: argparse.Namespace) -> Maps:
    """The parametric maps of a run, of all its images, computed unless they are there."""
    section = config.TimeTravel(training=options.train, test=2 * options.test, steps=options.steps)
    stage = time_travel_stage(section, seed=0)
    extend_run(run, stage, RunOptions(Quiet(), Event()))
    series = open_run(run).series(stage.name)
    assert series is not None
    return Maps(series.open().load(), series.metrics)


def share(hits: np.ndarray) -> Interval:
    """Of true ones, with its 95 % interval."""
    return wilson(int(np.count_nonzero(hits)), len(hits))


def percent(interval: Interval) -> str:
    value, low, high = (100 * part for part in interval)
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """As Markdown."""
    for line in (columns, ["---"] * len(columns), *rows):
        print(f"| {' | '.join(map(str, line))} |")
