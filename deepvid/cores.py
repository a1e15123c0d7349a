"""The cores of a processor as JAX's devices, each of which takes its share of a batch or of a student.

XLA's own threads make a training step on two cores a quarter faster than on one, and a student no faster at
all; two devices make both almost twice as fast. In training they meet once a step, to average what each has
computed: the result is that of the whole batch, to rounding. Elsewhere than on a CPU, and where JAX has one
device, nothing is split.
"""

import importlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array
from threadpoolctl import ThreadpoolController

from deepvid.xla import WITHOUT_TRITON, add_flag, has_cuda

T = TypeVar("T")
AXIS = "row"
SMALLEST_SHARE = 16  # images: with fewer, waiting for the others costs more than they save
# XLA kills a process whose devices wait 40 s for one another, as they do in one that Ctrl-Z has stopped.
PATIENT = {"xla_cpu_collective_call_terminate_timeout_seconds": 7 * 24 * 3600}


def use_cores() -> None:
    """Makes every core this process may use a device. Without effect once JAX has been used.

    A GPU multiplies in float32, unless a person has chosen: the 10 bits of its TensorFloat-32 leave no
    explanation exact.
    """
    if has_cuda():
        add_flag(WITHOUT_TRITON)
        if jax.config.jax_default_matmul_precision is None:  # type: ignore[attr-defined]
            jax.config.update("jax_default_matmul_precision", "float32")
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        jax.config.update("jax_num_cpu_devices", cores)
    except RuntimeError:
        return  # JAX keeps the devices it has begun with


class _OneThread:
    """BLAS with one thread as long as anybody is in it, from any thread."""

    def __init__(self) -> None:
        self._inside, self._lock = 0, Lock()
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._limit = _blas().limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()


_ONE_THREAD = _OneThread()


def one_thread_each() -> AbstractContextManager[object]:
    """In this context BLAS has one thread, for it is called side by side. Its own threads would keep cores
    busy waiting for one another: a student, in which XLA's devices call it for small matrices, takes almost
    twice as long.
    """
    return _ONE_THREAD


@cache
def _blas() -> ThreadpoolController:
    importlib.import_module("scipy.linalg")  # XLA's LAPACK, which must be loaded to be found
    return ThreadpoolController()


def map_shared(function: Callable[[Array], T], rows: Array) -> T:
    """`jax.lax.map(function, rows)`, of which each core computes its share and all get the whole.

    Where rows cannot be shared evenly, the last is computed again. Compile what calls it with `PATIENT`.
    """
    devices = _devices()
    step_by_step: bool = jax.config.jax_disable_jit  # type: ignore[attr-defined]
    if len(devices) == 1 or step_by_step:  # there nothing is shared
        return jax.lax.map(function, rows)
    share = -(-len(rows) // len(devices))
    numbers = jnp.minimum(jnp.arange(share * len(devices)), len(rows) - 1)

    def one_share(numbers: Array) -> T:
        shares = jax.lax.map(lambda number: function(rows[number]), numbers)
        return jax.tree.map(lambda array: jax.lax.all_gather(array, AXIS, tiled=True), shares)

    whole = jax.shard_map(
        one_share,
        mesh=_mesh(devices),
        in_specs=PartitionSpec(AXIS),
        out_specs=PartitionSpec(),
        check_vma=False,  # it cannot see that what all have gathered is the same
    )(numbers)
    return jax.tree.map(lambda array: array[: len(rows)], whole)


class Placement:
    """Where batches of `rows` rows, and what every device needs whole, are put.

    All devices have shares of the same size, each of them whole multiples of `unit` rows.
    """

    def __init__(self, rows: int, unit: int = 1) -> None:
        devices = _devices()
        shares = max(
            n
            for n in range(1, len(devices) + 1)
            if n == 1 or (rows % (n * unit) == 0 and rows // n >= SMALLEST_SHARE)
        )
        mesh = _mesh(devices[:shares])
        self.split = NamedSharding(mesh, PartitionSpec(AXIS))
        self.whole = NamedSharding(mesh, PartitionSpec())

    def shared(self, step: Callable[..., T]) -> Callable[..., T]:
        """`step(state, rows, average)` for a whole batch, done by each device for its own rows.

        `state` and what `step` returns is the same on all devices as long as `step` sends through `average`,
        at most once, whatever it has computed from the rows.
        """
        mesh = self.split.mesh
        if mesh.size == 1:
            return lambda state, rows: step(state, rows, lambda values: values)
        return jax.shard_map(
            lambda state, rows: step(state, rows, _average),
            mesh=mesh,
            in_specs=(self.whole.spec, self.split.spec),
            out_specs=self.whole.spec,
            check_vma=False,  # else it would sum each gradient by itself: 25 messages instead of one
        )


def _devices() -> list[jax.Device]:
    """Those that share: a processor's cores, or one accelerator."""
    devices = jax.local_devices()
    return devices if devices[0].platform == "cpu" else devices[:1]


def _mesh(devices: list[jax.Device]) -> Mesh:
    return jax.make_mesh((len(devices),), (AXIS,), axis_types=(AxisType.Auto,), devices=devices)


def _average(values: Any) -> Any:
    """The mean over devices, as one message."""
    flat, restore = ravel_pytree(values)
    return restore(jax.lax.pmean(flat, AXIS))


def at_once() -> int:
    """Cases that are computed side by side: one fills a processor's core, and leaves an accelerator idle."""
    return 1 if _devices()[0].platform == "cpu" else 64


def map_cases(function: Callable[[Any], T], cases: Any, side_by_side: int) -> T:
    """`jax.lax.map(function, cases)` of a tree of arrays, so many rows of it at once."""
    return jax.lax.map(function, cases, batch_size=side_by_side if side_by_side > 1 else None)


# Within about 4 % of the fastest tried on one core, for labels and gradients, but for a ResNet-50's gradient
# with its large stem, which 50 at once give in 0.89 of the time.
CHUNK = 25


def in_chunks(function: Callable[[Array], T], rows: Array) -> T:
    """`function(rows)`, computed on at most `CHUNK` rows at once; its arrays have a row for each of them."""
    chunks = -(-len(rows) // CHUNK)
    if chunks == 1:
        return function(rows)  # there is nothing to share
    size = -(-len(rows) // chunks)
    padded = jnp.pad(rows, ((0, chunks * size - len(rows)), *[(0, 0)] * (rows.ndim - 1)))
    results = map_shared(function, padded.reshape(chunks, size, *rows.shape[1:]))
    return jax.tree.map(lambda array: array.reshape(-1, *array.shape[2:])[: len(rows)], results)
