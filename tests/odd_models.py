"""Models that people bring and that do not answer: functions of images (n, y, x, channel) in [0, 1].

They are well-behaved with dark images, and with bright ones each in its own way.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np

BRIGHT = 0.9


def _odd(fault: Callable[[], Any]) -> Callable[[np.ndarray], np.ndarray]:
    def model(images: np.ndarray) -> np.ndarray:
        if images.max() > BRIGHT:
            fault()
        rows = images.reshape(len(images), -1)
        return np.stack([rows.mean(axis=1), 1 - rows.mean(axis=1)], axis=1)

    return model


def _swell() -> None:
    held = []
    while True:
        held.append(np.ones(10**7))  # 80 MB
        time.sleep(0.01)


def _spin() -> None:
    sum(1 for _ in iter(int, 1))


class OddError(Exception):
    """Of a package that whoever asks does not have."""


def _raise() -> None:
    raise OddError("it is too bright")


sleeps = _odd(lambda: time.sleep(600))
spins = _odd(_spin)
swells = _odd(_swell)
leaves = _odd(lambda: os._exit(3))
exits = _odd(lambda: (_ for _ in ()).throw(SystemExit(4)))
crashes = _odd(lambda: os.kill(os.getpid(), signal.SIGSEGV))
stops = _odd(lambda: os.kill(os.getpid(), signal.SIGSTOP))
raises = _odd(_raise)
