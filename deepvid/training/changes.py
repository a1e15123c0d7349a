"""Changes of a training between its epochs: which parameters move, which images come, what is drawn anew.

Masks act on the update, never on the gradient: momentum and decay move a parameter whose gradient is 0.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Bool, Float, Int

from deepvid.config import AnyChange, Change, Delete, Freeze, LeaveOut, Rate, Reorder, Reset, Teacher, Thaw
from deepvid.errors import DataError
from deepvid.training.epoch_record import dotted_name
from deepvid.training.loop import Epoch, Step, in_steps

S = TypeVar("S", bound=Any)
"""State of a training: a NamedTuple of `epochs`, `parameters`, `statistics` and `optimizer`."""


class Stretch(NamedTuple):
    """Epochs `first`, ..., `last - 1`, between which nothing changes."""

    first: int
    last: int
    made: tuple[AnyChange, ...]  # right before it
    until: tuple[AnyChange, ...]  # all changes so far, with these


def stretches(settings: Teacher) -> Iterator[Stretch]:
    """The training, apart where it changes."""
    epochs = settings.trained_epochs
    changes = [change for change in settings.changes if change.after < epochs]
    for first, last in pairwise(sorted({0, *(change.after for change in changes), epochs})):
        made = tuple(change for change in changes if change.after == first)
        yield Stretch(first, last, made, tuple(change for change in changes if change.after <= first))


class ChangingTraining(Generic[S]):
    """A training whose steps, images and parameters may change between its epochs."""

    def __init__(
        self,
        settings: Teacher,
        fresh: S,
        layers: tuple[str, ...],
        training: Int[np.ndarray, " row"],
        *,
        seed: int,
    ) -> None:
        """`fresh` is the state before the first epoch; `training` has the sample of each row.

        Raises DataError for layers, units and images that there are not.
        """
        self._fresh, self._named = fresh, NamedParameters(fresh.parameters, layers)
        self._named.require(settings.changes)
        self._stretches = [
            (stretch, RowOrder(stretch.until, training, settings.batch, seed=seed))
            for stretch in stretches(settings)
        ]

    def epochs(
        self,
        begin: S,
        step: Callable[[list[Array] | None], Step[S]],
        run: Callable[..., Iterator[Epoch[S]]],
        schedule: Callable[[Any], Any],
    ) -> Iterator[tuple[Epoch[S], Float[np.ndarray, " step"]]]:
        """The epochs after `begin`, each with the learning rates of its steps.

        `step` makes one of scales of the updates, `run` is `run_epochs` with all that does not change.
        """
        before = 0  # steps
        for stretch, order in self._stretches:
            first, steps = int(begin.epochs), len(order(0))
            if first == stretch.first:
                begin = self._named.changed(begin, stretch.made, self._fresh)
            if first < stretch.last:
                one = step(self._named.scales(stretch.until))
                for epoch in run(one, begin, first=first, last=stretch.last, order=order):
                    done = before + (epoch.number + 1 - stretch.first) * steps
                    rates = rate_factor(stretch.until) * schedule(np.arange(done - steps, done))
                    yield epoch, np.broadcast_to(rates, (steps,))
                    begin = after(epoch)
            before += (stretch.last - stretch.first) * steps


def after(epoch: Epoch[S]) -> S:
    """The state that the next epoch begins with."""
    state: S = epoch.state._replace(epochs=jnp.int32(epoch.number + 1))
    return state


def rate_factor(changes: Sequence[Change]) -> float:
    """Of the schedule's learning rate, after these changes."""
    return next((change.factor for change in reversed(changes) if isinstance(change, Rate)), 1.0)


class RowOrder:
    """Rows of the steps of an epoch, without those of images that are left out."""

    def __init__(
        self, changes: Sequence[Change], training: Int[np.ndarray, " row"], batch: int, *, seed: int
    ) -> None:
        """`training` has the sample of each row. Raises DataError for samples that are no training images,
        and where less than a batch is left.
        """
        out = [one for change in changes if isinstance(change, LeaveOut) for one in change.samples]
        if strange := sorted(set(out) - set(training.tolist())):
            raise DataError(
                "Images that a training leaves out are training images",
                f"sample {strange[0]}" + f" and {len(strange) - 1} more" * (len(strange) > 1),
                "Name training images",
            )
        self._kept: Bool[np.ndarray, " row"] = ~np.isin(training, out)
        left = int(self._kept.sum())
        if out and left < batch:
            raise DataError(
                f"A training has a batch of {batch} images left", f"{left}", "Leave fewer images out"
            )
        self._seed, self._batch = seed, batch
        self._salt = [change.seed for change in changes if isinstance(change, Reorder)][-1:]

    def __call__(self, epoch: int) -> Int[np.ndarray, "step row"]:
        rng = np.random.default_rng((self._seed, epoch, *self._salt))
        order = rng.permutation(len(self._kept))
        return in_steps(order[self._kept[order]], self._batch)


class NamedParameters:
    """Parameters of a network by the names of its layers."""

    def __init__(self, parameters: nnx.State, layers: tuple[str, ...]) -> None:
        self._layers = layers
        leaves, _ = jax.tree_util.tree_flatten_with_path(parameters)
        self._paths = [_path(path) for path, _ in leaves]
        self._names = [dotted_name(path, layers) for path in self._paths]
        self._shapes = [leaf.shape for _, leaf in leaves]

    def scales(self, changes: Sequence[Change]) -> list[Array] | None:
        """Of the update of each parameter, after these changes; None where all move as the optimizer says."""
        moving = [1.0 for _ in self._names]
        deleted = [np.ones((), np.float32) for _ in self._names]
        for change in changes:
            if isinstance(change, Freeze | Thaw):
                for index in self._of(change.layer):
                    moving[index] = float(isinstance(change, Thaw))
            elif isinstance(change, Delete):
                for index in self._of(change.layer, change.units):
                    deleted[index] = deleted[index] * self._mask(index, change.units)
        factor = rate_factor(changes)
        scales = [np.asarray(factor * a * b, np.float32) for a, b in zip(moving, deleted, strict=True)]
        return None if all((scale == 1).all() for scale in scales) else list(map(jnp.asarray, scales))

    def require(self, changes: Sequence[Change]) -> None:
        """Raises DataError where a change names a layer or units that the network does not have."""
        for change in changes:
            if isinstance(change, Freeze | Thaw | Reset | Delete):
                self._of(change.layer, getattr(change, "units", ()))

    def changed(self, state: S, changes: Sequence[Change], fresh: S) -> S:
        """The state right after these changes; `fresh` has what a layer is drawn anew from."""
        for change in changes:
            if isinstance(change, Delete):
                state = self._filled(state, change, None)
            elif isinstance(change, Reset):
                state = self._filled(state, change, fresh)
        return state

    def _filled(self, state: S, change: Delete | Reset, fresh: S | None) -> S:
        """Zeros instead of the units, or what `fresh` has; moments of the optimizer are 0 either way."""
        indices = self._of(change.layer, change.units)
        names = {self._paths[index] for index in indices}
        places = (..., np.array(change.units)) if change.units else ...

        def fill(tree: Any, source: Any, chosen: Callable[[str], bool]) -> Any:
            leaves, structure = jax.tree_util.tree_flatten_with_path(tree)
            others = (
                [jnp.zeros_like(leaf) for _, leaf in leaves] if source is None else jax.tree.leaves(source)
            )
            return jax.tree_util.tree_unflatten(
                structure,
                [
                    jnp.asarray(leaf).at[places].set(jnp.asarray(other)[places])
                    if chosen(_path(path))
                    else leaf
                    for (path, leaf), other in zip(leaves, others, strict=True)
                ],
            )

        def is_moment(path: str) -> bool:
            owners = [name for name in self._paths if path.endswith(f"/{name}")]
            return bool(owners) and max(owners, key=len) in names

        def is_statistic(path: str) -> bool:
            return dotted_name(path, self._layers).startswith(f"{change.layer}.")

        parts = {
            "parameters": fill(state.parameters, fresh and fresh.parameters, names.__contains__),
            "optimizer": fill(state.optimizer, None, is_moment),
        }
        if fresh is not None:
            parts["statistics"] = fill(state.statistics, fresh.statistics, is_statistic)
        return state._replace(**parts)

    def _of(self, layer: str, units: tuple[int, ...] = ()) -> list[int]:
        """Numbers of the parameters of a layer, which has one kernel and these units where they are named."""
        indices = [index for index, name in enumerate(self._names) if name.startswith(f"{layer}.")]
        kernels = [self._shapes[index] for index in indices if len(self._shapes[index]) > 1]
        if not kernels:
            raise DataError(
                "A change names a layer of the network", repr(layer), f"Name {self._choice(units)}"
            )
        if units and len(kernels) > 1:
            raise DataError(
                "Units are of a layer of one kernel",
                f"{layer!r} of {len(kernels)}",
                f"Name {self._choice(units)}",
            )
        if units and max(units) >= kernels[0][-1]:
            raise DataError(
                f"The units of {layer} are 0 to {kernels[0][-1] - 1}", str(max(units)), "Name some of these"
            )
        return indices

    def _choice(self, units: tuple[int, ...]) -> str:
        kernels = [
            name.rpartition(".")[0]
            for name, shape in zip(self._names, self._shapes, strict=True)
            if len(shape) > 1
        ]
        return f"one of {', '.join(kernels)}" + ("" if units else ", or what several of them begin with")

    def _mask(self, index: int, units: tuple[int, ...]) -> np.ndarray:
        mask = np.ones(self._shapes[index][-1:], np.float32)
        mask[list(units)] = 0
        return mask


def _path(path: tuple[object, ...]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator="/")
