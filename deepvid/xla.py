"""Settings of XLA in its environment, which it reads once: when JAX first looks for devices.

Measured: `docs/decisions/gpu.md`.
"""

import os
from importlib.util import find_spec

SINGLE_THREAD = "--xla_cpu_multi_thread_eigen=false"
# XLA of jaxlib 0.11 aborts the process over Triton's tiles of some of our products; cuBLAS takes them all.
WITHOUT_TRITON = "--xla_gpu_enable_triton_gemm=false"
CUDA = ("jax_cuda12_plugin", "jax_cuda13_plugin")


def add_flag(flag: str) -> None:
    """Adds to `XLA_FLAGS`; a flag that a person has set there already, to whatever value, is left alone."""
    flags = os.environ.get("XLA_FLAGS", "").split()
    if not any(known.partition("=")[0] == flag.partition("=")[0] for known in flags):
        os.environ["XLA_FLAGS"] = " ".join([*flags, flag])


def has_cuda() -> bool:
    """Whether JAX can reach a GPU. Elsewhere nothing is set: a flag that an XLA does not know ends it."""
    return any(find_spec(plugin) for plugin in CUDA)
