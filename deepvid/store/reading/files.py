"""Named bytes of a run that are only read."""

import mmap
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from deepvid.store.format.disk import open_regular

MAPPED = 64 * 2**10  # bytes; one picture of a block of 640 kB is not worth reading all of it


class Files(Protocol):
    """The files of one run, named by their path inside it, wherever they are. Safe from any thread."""

    @property
    def near(self) -> bool:
        """Whether a read is too quick to be worth another thread."""

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes | memoryview:
        """Bytes of a file, cut as a slice of bytes is (a negative start counts from the end).

        Raises FileNotFoundError where there is none, OSError for what is no file, StoreError where it cannot
        be reached.
        """

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where that costs a request. Raises FileNotFoundError."""


class FolderFiles:
    """The files of a run's folder on this machine."""

    near = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes | memoryview:
        with open_regular(self._folder / path) as file:
            first, last, _ = slice(start, stop).indices(os.fstat(file.fileno()).st_size)
            if last - first >= MAPPED:
                with suppress(OSError):  # there are file systems that cannot
                    return _mapped(file, first, last)
            file.seek(first)
            return file.read(max(0, last - first))

    def size(self, path: str) -> int:
        return (self._folder / path).stat().st_size

    def __str__(self) -> str:
        return str(self._folder)


def _mapped(file: BinaryIO, first: int, last: int) -> memoryview:
    """Bytes of a file as they lie in memory already: what is not looked at is never touched.

    Committed files do not change; one that is deleted stays whole for as long as the view lives.
    """
    begin = first - first % mmap.ALLOCATIONGRANULARITY
    pages = mmap.mmap(file.fileno(), last - begin, access=mmap.ACCESS_READ, offset=begin)
    return memoryview(pages)[first - begin :]
