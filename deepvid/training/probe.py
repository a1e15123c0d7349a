"""A probe of a network in training: its units on a few fixed images, between steps, in evaluation mode."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, UInt8

from deepvid.cores import PATIENT, Placement
from deepvid.training.batches import unit

IMAGES = 64
EVERY = 20  # steps, and at the end of an epoch
MOST_TICKS = 64  # in an epoch


class Ticks(NamedTuple):
    """Probes of one epoch; nan where none was made."""

    layers: tuple[str, ...]
    units: tuple[int, ...]  # of each layer
    numbers: Float[np.ndarray, "tick measure"]  # as `deepvid.step_numbers.measure_names` orders them
    unit_active: Float[np.ndarray, "tick unit"]  # share of images and places in which a unit is above 0


class Variables(Protocol):
    """State of a network in training."""

    @property
    def parameters(self) -> nnx.State: ...
    @property
    def statistics(self) -> nnx.State: ...


class _Responses(NamedTuple):
    mean: Float[Array, "image unit"]  # over places
    active: Float[Array, " unit"]


class Probe:
    """Looks at a network every so many steps; `ticks` hands out an epoch's and begins the next."""

    def __init__(
        self, graph: nnx.GraphDef, images: UInt8[np.ndarray, "sample y x channel"], steps: int, *, seed: int
    ) -> None:
        """`steps` has an epoch. `seed` draws the images, which stay the same."""
        rows = np.random.default_rng((seed, IMAGES)).permutation(len(images))[:IMAGES]
        self.every = max(EVERY, math.ceil(steps / MOST_TICKS))
        self._images, self._count = images[np.sort(rows)], math.ceil(steps / self.every)
        self._respond = jax.jit(partial(_respond, graph), compiler_options=PATIENT)
        self._placed: Array | None = None
        self._before: list[_Responses] = []
        self._ticks: dict[int, tuple[int, list[Array], list[Array]]] = {}

    def look(self, step: int, state: Variables, placement: Placement) -> None:
        """A tick after `step` steps of an epoch; after 0 what the first of a training is compared with."""
        if self._placed is None:
            even = len(self._images) % placement.split.mesh.size == 0
            self._placed = jax.device_put(self._images, placement.split if even else placement.whole)
        now = self._respond(state.parameters, state.statistics, self._placed)
        if step:
            means = [layer.mean for layer in now]
            measured = _measured(means, [layer.mean for layer in self._before])
            self._ticks[math.ceil(step / self.every) - 1] = step, measured, [layer.active for layer in now]
        self._before = now

    def ticks(self, layers: tuple[str, ...]) -> Ticks:
        """The epoch's, of a network with these layers."""
        units = tuple(len(layer.active) for layer in self._before)
        numbers = np.full((self._count, 1 + 3 * len(units)), np.nan, np.float32)
        unit_active = np.full((self._count, sum(units)), np.nan, np.float32)
        for row, (step, (means, drifts), active) in self._ticks.items():
            shares = [np.asarray(layer) for layer in active]
            numbers[row] = [
                step,
                *np.asarray(means),
                *(share.mean() for share in shares),
                *np.asarray(drifts),
            ]
            unit_active[row] = np.concatenate(shares)
        self._ticks = {}
        return Ticks(layers, units, numbers, unit_active)


def _respond(
    graph: nnx.GraphDef, parameters: nnx.State, statistics: nnx.State, images: UInt8[Array, "..."]
) -> list[_Responses]:
    """Of the units of every layer, which the last axis of its output has."""
    network = nnx.merge(graph, parameters, statistics)
    network.eval()
    flat = [output.reshape(len(images), -1, output.shape[-1]) for _, output in network.outputs(unit(images))]
    return [_Responses(output.mean(axis=1), (output > 0).mean(axis=(0, 1))) for output in flat]


@jax.jit
def _measured(
    now: Sequence[Float[Array, "image unit"]], before: Sequence[Float[Array, "image unit"]]
) -> tuple[Float[Array, " layer"], Float[Array, " layer"]]:
    """Mean response of each layer, and its drift: 1 - r of a unit's means over the images, mean over units.

    A unit that says the same of all images, now or before, has no r.
    """
    drifts = []
    for new, old in zip(now, before, strict=True):
        a, b = new - new.mean(axis=0), old - old.mean(axis=0)
        correlation = (a * b).sum(axis=0) / jnp.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
        drifts.append(jnp.nanmean(1 - correlation))
    return jnp.stack([layer.mean() for layer in now]), jnp.stack(drifts)
