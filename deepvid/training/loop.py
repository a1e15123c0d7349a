"""The epoch loop every trainer shares: shuffling, stepping, progress, states to resume from.

A run stopped after any epoch and continued sees the batches and keys of an uninterrupted one: both follow
from the seed and the number of the epoch alone, and everything else is in the state.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray

from deepvid.cores import PATIENT, Placement
from deepvid.errors import DataError, DivergedError
from deepvid.models.normalization import GHOST
from deepvid.progress import Progress

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
T = TypeVar("T")
Metrics = dict[str, Array]
Average = Callable[[T], T]
Leaves = list[Array]
Advance = Callable[[Leaves, np.ndarray, int], tuple[Leaves, Metrics]]

FORWARD = 1 / 3  # of a training step: a batch that is only labeled
SCANNED_STEPS = 32  # steps in one call on an accelerator: rare enough to be free, often enough to cancel


Step = Callable[..., tuple[S, Metrics]]
"""`step(state, *batch, keys, average)`: rows of each data array give a new state and this step's metrics.

The rows may be a share of the batch: noise is drawn with the row's own of `keys`, key (row,), and what
is computed from rows goes through `average`, once. The progress message says the scalar `loss`.
"""


FlatStep = Callable[[Leaves, tuple[Array, ...], Average[Any]], tuple[Leaves, Metrics]]
"""The same of the state's leaves, `keys` being the last of the rows' arrays."""


class Epoch(NamedTuple, Generic[S]):
    """Results of one pass over the data. `state` is valid until the next epoch is asked for."""

    number: int  # 0 is the first
    state: S
    metrics: dict[str, float]  # means over the steps, of what a step has one number of
    steps: dict[str, np.ndarray]  # every step's, (step, ...)
    seconds: float
    judging: Progress  # reports how far the held-out samples are


class Watch(Protocol[S_contra]):
    """Whoever looks at a state between steps: before the first, every so many, and at the end of an epoch."""

    every: int

    def look(self, step: int, state: S_contra, placement: Placement) -> None:
        """After so many steps of an epoch. The state is donated after that."""
        ...


def steps_per_epoch(samples: int, batch: int) -> int:
    """Whole batches in `samples`; fewer samples than one batch make one smaller batch."""
    return max(1, samples // batch)


def run_epochs(
    step: Step[S],
    state: S,
    data: tuple[np.ndarray, ...],
    *,
    first: int,
    epochs: int,
    batch: int,
    seed: int,
    held_out: int,
    progress: Progress,
    watch: Watch[S] | None = None,
    live: Callable[[int, Metrics], None] = lambda epoch, metrics: None,
    last: int | None = None,
    order: Callable[[int], Int[np.ndarray, "step row"]] | None = None,
) -> Iterator[Epoch[S]]:
    """Yields the epochs `first`, ..., `epochs - 1` of `step` over the rows of `data`; with `last`, only those
    before it. `order` says the rows of an epoch's steps; without it they are `shuffled` ones. `live` is told
    the metrics (step, ...) of steps once they are computed, of all but the last of an epoch.

    `state` is not touched: its arrays are copied once, then donated from step to step. Every step (on an
    accelerator every `SCANNED_STEPS`) is a point where `progress` may cancel. `held_out` samples are judged
    after each epoch, by whoever asked for it, with the progress that came with it.
    Raises `DivergedError` as soon as a loss is not finite; the epochs before it stay.
    """
    placement = Placement(min(batch, len(data[0])), unit=GHOST)
    leaves, structure = jax.tree.flatten(state)  # once: modules are slow to take apart at every step
    leaves = _copies(leaves, placement)
    steps = steps_per_epoch(len(data[0]), batch)
    length = steps + FORWARD * held_out / batch  # of an epoch, in training steps
    advance, stride = _advance(step, structure, data, jax.random.key(seed), placement)
    if watch:
        watch.look(0, jax.tree.unflatten(structure, leaves), placement)
    for number in range(first, epochs if last is None else last):
        began = time.perf_counter()
        rows = order(number) if order else shuffled(len(data[0]), batch, seed=seed, epoch=number)
        collected: list[Metrics] = []
        for done in range(0, len(rows), stride):
            progress.update(number * length + done, epochs * length, _message(number, epochs, collected))
            leaves, metrics = advance(leaves, rows[done : done + stride], number * steps + done)
            collected.append(metrics)
            if len(collected) > 1:
                live(number, collected[-2])
            after = min(done + stride, len(rows))
            if watch and (after == len(rows) or after // watch.every > done // watch.every):
                watch.look(after, jax.tree.unflatten(structure, leaves), placement)
        every = {name: np.concatenate([metrics[name] for metrics in collected]) for name in collected[0]}
        means = {name: float(values.mean()) for name, values in every.items() if values.ndim == 1}
        _finite(means["loss"], number)
        judging = progress.part(number * length + steps, (number + 1) * length, epochs * length)
        seconds = time.perf_counter() - began
        yield Epoch(number, jax.tree.unflatten(structure, leaves), means, every, seconds, judging)


def _copies(leaves: Leaves, placement: Placement) -> Leaves:
    """Copies on all devices, made by one program: one for each shape would take a second to compile."""
    copy = jax.jit(lambda leaves: [jnp.copy(leaf) for leaf in leaves], out_shardings=placement.whole)
    copies: Leaves = copy(leaves)
    return copies


def shuffled(samples: int, batch: int, *, seed: int, epoch: int) -> Int[np.ndarray, "step row"]:
    """The rows of each step: a permutation drawn from (seed, epoch)."""
    return in_steps(np.random.default_rng((seed, epoch)).permutation(samples), batch)


def in_steps(order: Int[np.ndarray, " row"], batch: int) -> Int[np.ndarray, "step row"]:
    """Rows in batches, the incomplete last one left out."""
    steps = steps_per_epoch(len(order), batch)
    return order[: steps * min(batch, len(order))].reshape(steps, -1)


def _advance(
    step: Step[S], structure: Any, data: tuple[np.ndarray, ...], key: PRNGKeyArray, placement: Placement
) -> tuple[Advance, int]:
    """How the backend at hand runs steps, and how many in one call."""

    def flat(leaves: Leaves, rows: tuple[Array, ...], average: Average[Any]) -> tuple[Leaves, Metrics]:
        *batch, keys = rows
        state, metrics = step(jax.tree.unflatten(structure, leaves), *batch, keys=keys, average=average)
        return jax.tree.leaves(state), metrics

    if jax.default_backend() == "cpu":
        return stepwise(flat, data, key, placement), 1
    return scanned(flat, data, key), SCANNED_STEPS


def stepwise(
    step: FlatStep, data: tuple[np.ndarray, ...], key: PRNGKeyArray, placement: Placement
) -> Advance:
    """One jitted call a step; the data stays in host memory (a scan of convolutions crawls on a CPU)."""

    @partial(jax.jit, donate_argnums=0, compiler_options=PATIENT)
    def numbered(leaves: Leaves, number: Array, *batch: Array) -> tuple[Leaves, Metrics]:
        keys = jax.random.split(jax.random.fold_in(key, number), len(batch[0]))
        leaves, metrics = placement.shared(step)(leaves, (*batch, keys))
        return leaves, {name: value[None] for name, value in metrics.items()}

    def advance(leaves: Leaves, order: np.ndarray, number: int) -> tuple[Leaves, Metrics]:
        (rows,) = order
        batch = jax.device_put([array[rows] for array in data], placement.split)
        return numbered(leaves, np.int32(number), *batch)

    return advance


def scanned(step: FlatStep, data: tuple[np.ndarray, ...], key: PRNGKeyArray) -> Advance:
    """Many steps in one call, over data that lies on the accelerator."""
    resident = jax.device_put(data)

    @partial(jax.jit, donate_argnums=0)
    def advance(leaves: Leaves, order: Array, number: int, resident: Any) -> tuple[Leaves, Metrics]:
        def body(leaves: Leaves, item: tuple[Array, Array]) -> tuple[Leaves, Metrics]:
            offset, rows = item
            keys = jax.random.split(jax.random.fold_in(key, number + offset), len(rows))
            return step(leaves, (*(array[rows] for array in resident), keys), lambda values: values)

        return jax.lax.scan(body, leaves, (jnp.arange(len(order)), order))

    return lambda leaves, order, number: advance(leaves, order, number, resident)


def _message(number: int, epochs: int, collected: list[Metrics]) -> str:
    # The loss before last is ready; asking for the last one would keep the device waiting.
    loss = f" loss {_finite(np.asarray(collected[-2]['loss'])[-1], number):.2f}" if len(collected) > 1 else ""
    return f"epoch {number + 1}/{epochs}{loss}"


def _finite(loss: Array | float, epoch: int) -> float:
    if math.isfinite(value := float(loss)):
        return value
    raise DivergedError(
        "Training needs finite losses",
        f"a loss of {value} in epoch {epoch + 1}",
        "Lower the learning rate and run again",
    )


Tree = TypeVar("Tree")


def to_arrays(state: object) -> dict[str, np.ndarray]:
    """Copies of all leaves, named by their path (`optimizer/0/trace/stem/kernel`)."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(state)
    return {_name(path): np.array(leaf) for path, leaf in leaves}


def from_arrays(template: Tree, arrays: Mapping[str, np.ndarray]) -> Tree:
    """The inverse of `to_arrays`, into the structure of `template`.

    Raises `DataError` where names, shapes or types are not those of the template.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(template)
    wanted = {_name(path): (leaf.shape, np.dtype(leaf.dtype)) for path, leaf in leaves}
    given = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    if wanted != given:
        name = next(name for name in sorted(wanted | given) if wanted.get(name) != given.get(name))
        raise DataError(
            "A training state continues the settings it was written with",
            f"{name}: {given.get(name, 'nothing')} instead of {wanted.get(name, 'nothing')}",
            "Train again from the first epoch, or use the settings of the run",
        )
    return jax.tree_util.tree_unflatten(structure, [arrays[name] for name in wanted])


def _name(path: tuple[object, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")
