"""What a stage has computed of a group that is not committed yet: one that was stopped goes on from there.

A part is a convenience, and never an input: it is named after the key of its stage, which tells all that
decides the result; one that cannot be read is computed again, one that cannot be written is not kept.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Arrays = Mapping[str, np.ndarray]
ATTRS = "told"  # the name of what a file has beside its arrays


class Part(NamedTuple):
    """What is added to a group."""

    arrays: Arrays
    attrs: Any  # in numbers and words, as JSON has them; None: there is nothing to tell


class Parts:
    """The parts of one stage, files of a folder that no commit lists."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not be there."""
        self._folder = folder

    def once(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """What `make` gave when it was called first, in this process or in one that was stopped."""
        path = self._folder / f"{name}.npz"
        with suppress(OSError, ValueError, EOFError, zipfile.BadZipFile), np.load(path) as kept:
            return dict(kept)
        made = make()
        with suppress(OSError):
            self._keep(path, made)
        return made

    def part(self, name: str, make: Callable[[], Part]) -> Part:
        """The same of arrays and what is told beside them."""

        def made() -> Arrays:
            arrays, told = make()
            return {**arrays, ATTRS: np.array(json.dumps(told))}

        kept = dict(self.once(name, made))
        return Part(kept, json.loads(str(kept.pop(ATTRS))))

    def clear(self) -> None:
        """Removes them: the group is committed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):
            self._folder.parent.rmdir()  # unless another stage has some

    def _keep(self, path: Path, made: Arrays) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}")
        with unfinished.open("wb") as file:
            np.savez(file, **made)  # type: ignore[arg-type]
            os.fsync(file.fileno())
        unfinished.replace(path)
