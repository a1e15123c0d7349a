"""Where, when and with what a run was made; the standard library only."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from deepvid.store.format.journal import now

_ENVIRONMENT = ("XLA_", "JAX_", "OMP_", "MKL_", "OPENBLAS_", "NUMBA_", "CUDA_VISIBLE_DEVICES")


def collect_provenance(
    *, seeds: Mapping[str, int], devices: Sequence[str] = (), checksums: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Origin of a run, which its first line keeps beside its configuration.

    `devices` are the names JAX gives them, `checksums` the sha256 of the data files by name.
    """
    return {
        "time": now(),
        "argv": sys.argv,
        "seeds": dict(seeds),
        "git": _git(Path(__file__).parent),
        "python": sys.version,
        "os": platform.platform(),
        "cpu": {"model": processor(), "cores": os.cpu_count()},
        "devices": list(devices),
        "environment": {
            name: value for name, value in sorted(os.environ.items()) if name.startswith(_ENVIRONMENT)
        },
        "packages": {package.name: package.version for package in metadata.distributions()},
        "checksums": dict(checksums or {}),
    }


def _git(folder: Path) -> dict[str, Any] | None:
    """The commit of the code that runs and whether it was changed since; None outside a checkout."""
    commit = _output("git", "-C", str(folder), "rev-parse", "HEAD")
    if commit is None or _output("git", "-C", str(folder), "ls-files", "--error-unmatch", __file__) is None:
        return None
    return {"commit": commit, "dirty": bool(_output("git", "-C", str(folder), "status", "--porcelain"))}


def _output(*command: str) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


@cache
def processor() -> str:
    """The processor's name; `platform.processor` is empty on most Linux systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
