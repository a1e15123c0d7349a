"""sha256 of models: of a file, or of arrays by name."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(arrays: Iterable[tuple[str, np.ndarray]]) -> str:
    """In hex, of names, types, shapes and contents; their order does not matter."""
    total = hashlib.sha256()
    for name, array in sorted(arrays, key=lambda named: named[0]):
        total.update(f"{name} {array.dtype} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
