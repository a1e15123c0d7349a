"""The cores of a processor as JAX's devices, each of which takes its share of a batch.

XLA's own threads make a training step on two cores a quarter faster than on one; two devices make it almost
twice as fast. XLA sums gradients and batch statistics over the devices, so that the result is that of the
whole batch, to rounding. Elsewhere than on a CPU, and where JAX has one device, nothing is split.
"""

import os

import jax
from jax.sharding import AxisType, NamedSharding, PartitionSpec

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
    """Where batches of `rows` rows, and what every device needs whole, are put."""

    def __init__(self, rows: int) -> None:
        devices = jax.local_devices()
        if devices[0].platform != "cpu":
            devices = devices[:1]
        shares = max(
            n for n in range(1, len(devices) + 1) if n == 1 or (rows % n == 0 and rows // n >= SMALLEST_SHARE)
        )
        mesh = jax.make_mesh((shares,), ("row",), axis_types=(AxisType.Auto,), devices=devices[:shares])
        self.split = NamedSharding(mesh, PartitionSpec("row"))
        self.whole = NamedSharding(mesh, PartitionSpec())
