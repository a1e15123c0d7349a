"""Steps of the epoch under way: a file beside the journal that pages draw, and that is never the truth.

A row says how a training did in the steps since the row before. Rows of committed epochs do not count.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from deepvid.store.format.disk import open_regular

if TYPE_CHECKING:
    from jaxtyping import Float

LIVE = "live.bin"
ROW = np.dtype([("epoch", "<i4"), ("step", "<i4"), ("loss", "<f4"), ("accuracy", "<f4")])
"""Epoch from 0; its steps until then; means over the steps since the row before, nan where they have none."""

PERIOD = 0.25  # seconds between two rows
LARGEST = 2**25  # bytes: 24 days of an epoch


class LiveSteps:
    """Writes what the steps say, four times a second. It never raises: a training needs none of it."""

    def __init__(self, run: Path) -> None:
        self._path = run / LIVE
        self._file: BinaryIO | None = None
        self._epoch = -1
        self._waiting: list[Float[np.ndarray, "step 2"]] = []
        self.steps, self._next = 0, 0.0

    def add(self, epoch: int, numbers: Float[np.ndarray, "step 2"]) -> None:
        """Loss and accuracy of the next steps of an epoch; nan: not known."""
        if epoch != self._epoch:
            self.close()
            self._epoch, self.steps, self._waiting = epoch, 0, []
        self._waiting.append(numbers)
        self.steps += len(numbers)
        if (now := time.monotonic()) >= self._next:
            self._next = now + PERIOD
            self._write(np.concatenate(self._waiting))
            self._waiting = []

    def close(self) -> None:
        """Removes the file."""
        with contextlib.suppress(OSError):
            if self._file is not None:
                self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def _write(self, numbers: np.ndarray) -> None:
        known = ~np.isnan(numbers)
        count = known.sum(axis=0)
        total = np.where(known, numbers, 0.0).sum(axis=0)
        loss, accuracy = np.divide(total, count, out=np.full(2, np.nan), where=count > 0)
        with contextlib.suppress(OSError):
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                self._file = os.fdopen(os.open(self._path, flags, 0o666), "wb", buffering=0)
            self._file.write(np.array([(self._epoch, self.steps, loss, accuracy)], ROW).tobytes())


def read_live(run: Path, epoch: int) -> np.ndarray:
    """The rows (`ROW`) of the epoch after `epoch` committed ones; none where there is no such file."""
    try:
        if (run / LIVE).is_symlink():
            return np.zeros(0, ROW)
        with open_regular(run / LIVE) as file:
            data = file.read(LARGEST)
    except OSError:
        return np.zeros(0, ROW)
    rows = np.frombuffer(data[: len(data) // ROW.itemsize * ROW.itemsize], ROW)  # the last one may be torn
    return rows[rows["epoch"] == epoch]
