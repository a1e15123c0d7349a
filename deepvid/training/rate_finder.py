"""The learning rate of a training before it begins: a short one whose rate grows from step to step.

Source: Smith (2017), arXiv 1506.01186, section 3.3. The rate is a tenth of that with the least smoothed loss;
`benchmarks/rate_finder.py` measures what it costs against the best of a grid, and other choices with it.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt8

from deepvid import config
from deepvid.progress import SILENT, Progress
from deepvid.training.loop import Step, run_epochs, shuffled
from deepvid.training.optimizers import OPTIMIZERS
from deepvid.training.teacher import State, init, step

LOWEST, HIGHEST, STEPS = 1e-5, 1.0, 100
SMOOTHING = 0.9  # of the smoothed loss, from step to step
BELOW = 10.0
HUGE = 1e9  # nats: a loss that is not finite, which ends no search


class RateSearch(NamedTuple):
    """One step at each rate, from the least on."""

    rates: Float[np.ndarray, " step"]
    losses: Float[np.ndarray, " step"]  # of the batch before the step, nats
    smoothed: Float[np.ndarray, " step"]  # exponential mean without its first bias

    @property
    def rate(self) -> float:
        """The rate to train with."""
        return float(self.rates[self.smoothed.argmin()] / BELOW)

    @property
    def fell(self) -> bool:
        """Whether the loss fell at all: by a twentieth of what it was."""
        return bool(self.smoothed.min() < 0.95 * self.smoothed[0])


def find_rate(
    settings: config.Teacher,
    images: UInt8[np.ndarray, "image y x channel"],
    labels: Int[np.ndarray, " image"],
    class_names: tuple[str, ...],
    *,
    seed: int,
    progress: Progress = SILENT,
) -> RateSearch:
    """Trains a fresh network on training images for `STEPS` steps, and keeps nothing of it.

    The rate of `settings`, its schedule and its epochs play no part. Raises Cancelled.
    """
    growth = (HIGHEST / LOWEST) ** (1 / (STEPS - 1))
    optimizer = OPTIMIZERS[settings.optimizer](lambda count: LOWEST * growth**count, settings.weight_decay)
    _, height, width, channels = images.shape
    graph, fresh = init(settings, optimizer, (height, width, channels), class_names, key=jax.random.key(seed))
    (searched,) = run_epochs(
        _undiverged(step(settings, optimizer, graph)),
        fresh,
        (images, labels),
        first=0,
        epochs=1,
        batch=settings.batch,
        seed=seed,
        held_out=0,
        progress=progress,
        order=lambda epoch: _rows(len(images), settings.batch, seed),
    )
    losses = searched.steps["loss"].astype(np.float64)
    return RateSearch(LOWEST * growth ** np.arange(STEPS), losses, smooth(losses))


def smooth(losses: Float[np.ndarray, " step"]) -> Float[np.ndarray, " step"]:
    """An exponential mean, divided by the weight that it has so far."""
    weights = SMOOTHING ** np.subtract.outer(np.arange(len(losses)), np.arange(len(losses)))
    lower = np.tril(weights)
    return np.asarray(lower @ losses / lower.sum(axis=1))


def _rows(samples: int, batch: int, seed: int) -> np.ndarray:
    """Of `STEPS` steps, as the epochs of a training shuffle them."""
    rows, epoch = shuffled(samples, batch, seed=seed, epoch=0), 0
    while len(rows) < STEPS:
        epoch += 1
        rows = np.concatenate([rows, shuffled(samples, batch, seed=seed, epoch=epoch)])
    return rows[:STEPS]


def _undiverged(inner: Step[State]) -> Step[State]:
    """The same step, whose losses are finite: it is meant to diverge."""

    def advance(state: State, *batch: Array, **given: Any) -> tuple[State, dict[str, Array]]:
        state, metrics = inner(state, *batch, **given)
        loss = jnp.nan_to_num(metrics["loss"], nan=HUGE, posinf=HUGE)
        return state, {"loss": jnp.minimum(loss, HUGE)}

    return advance
