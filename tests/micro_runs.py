"""Micro runs that tests look at or go on with: each is trained once in a session; who writes copies it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from micro import Recorder, experiment, run
from once import once

RESIDUAL: dict[str, Any] = {
    "network": {"kind": "resnet", "depth": 8, "width": 2},
    "epochs": 1,
    "batch": 20,
}


class MicroRuns:
    """Each alone in its store, whose name is what it has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def teacher(self) -> Path:
        """A network of 8 hidden units, without maps; read only, as every one of them."""
        return self._only(
            "teacher", lambda store: run(store, experiment(projections=[]), Recorder(), "teacher")
        )

    def vae(self) -> Path:
        """The same, and the autoencoder."""

        def go_on(store: Path) -> None:
            shutil.copytree(self.teacher().parent, store, dirs_exist_ok=True)
            run(store, experiment(projections=[]), Recorder(), "vae")

        return self._only("vae", go_on)

    def residual(self) -> Path:
        """A convolutional network after one epoch."""
        wanted = experiment(teacher=RESIDUAL, projections=[])
        return self._only("residual", lambda store: run(store, wanted, Recorder(), "teacher"))

    def _only(self, name: str, make: Callable[[Path], object]) -> Path:
        (path,) = once(self._folder / name, make).iterdir()
        return path


def copied(path: Path, into: Path) -> Path:
    """The run in a store of its own, to be written to."""
    return Path(shutil.copytree(path.parent, into / "runs")) / path.name
