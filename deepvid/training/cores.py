"""The cores of a processor as JAX's devices, each of which takes its share of a batch.

XLA's own threads make a training step on two cores a quarter faster than on one; two devices make it almost
twice as fast. They meet once a step, to average what each has found, so that the result is that of the whole
batch, to rounding. Elsewhere than on a CPU, and where JAX has one device, nothing is split.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax.flatten_util import ravel_pytree
from jax.sharding import AxisType, NamedSharding, PartitionSpec

T = TypeVar("T")
AXIS = "row"
SMALLEST_SHARE = 16  # images: with fewer, waiting for the others costs more than they save
# XLA kills a process whose devices wait 40 s for one another, as they do in one that Ctrl-Z has stopped.
PATIENT = {"xla_cpu_collective_call_terminate_timeout_seconds": 7 * 24 * 3600}


def use_cores() -> None:
    """Makes every core this process may use a device. Without effect once JAX has been used."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        jax.config.update("jax_num_cpu_devices", cores)
    except RuntimeError:
        return  # JAX keeps the devices it has begun with


class Placement:
    """Where batches of `rows` rows, and what every device needs whole, are put.

    All devices have shares of the same size, each of them whole multiples of `unit` rows.
    """

    def __init__(self, rows: int, unit: int = 1) -> None:
        devices = jax.local_devices()
        if devices[0].platform != "cpu":
            devices = devices[:1]
        shares = max(
            n
            for n in range(1, len(devices) + 1)
            if n == 1 or (rows % (n * unit) == 0 and rows // n >= SMALLEST_SHARE)
        )
        mesh = jax.make_mesh((shares,), (AXIS,), axis_types=(AxisType.Auto,), devices=devices[:shares])
        self.split = NamedSharding(mesh, PartitionSpec(AXIS))
        self.whole = NamedSharding(mesh, PartitionSpec())

    def shared(self, step: Callable[..., T]) -> Callable[..., T]:
        """`step(state, rows, average)` for a whole batch, done by each device for its own rows.

        `state` and what `step` returns is the same on all devices as long as `step` sends through `average`,
        at most once, whatever it has computed from the rows.
        """
        mesh = self.split.mesh
        if mesh.size == 1:
            return lambda state, rows: step(state, rows, lambda found: found)
        return jax.shard_map(
            lambda state, rows: step(state, rows, _average),
            mesh=mesh,
            in_specs=(self.whole.spec, self.split.spec),
            out_specs=self.whole.spec,
            check_vma=False,  # else it would sum each gradient by itself: 25 messages instead of one
        )


def _average(found: Any) -> Any:
    """The mean over devices, as one message."""
    flat, restore = ravel_pytree(found)
    return restore(jax.lax.pmean(flat, AXIS))
