"""Named bytes that are only read, and how Zarr sees them."""

import asyncio
import mmap
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

MAPPED = 64 * 2**10  # bytes; one picture of a block of 640 kB is not worth reading all of it


class Files(Protocol):
    """The files of one run, named by their path inside it, wherever they are. Safe from any thread."""

    @property
    def near(self) -> bool:
        """Whether a read is too quick to be worth another thread."""

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes | memoryview:
        """Bytes of a file, cut as a slice of bytes is (a negative start counts from the end).

        Raises FileNotFoundError where there is none, StoreError where it cannot be reached.
        """


class FolderFiles:
    """The files of a run's folder on this machine."""

    near = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes | memoryview:
        with (self._folder / path).open("rb") as file:
            first, last, _ = slice(start, stop).indices(os.fstat(file.fileno()).st_size)
            if last - first >= MAPPED:
                with suppress(OSError):  # there are file systems that cannot
                    return _mapped(file, first, last)
            file.seek(first)
            return file.read(max(0, last - first))

    def __str__(self) -> str:
        return str(self._folder)


def _mapped(file: BinaryIO, first: int, last: int) -> memoryview:
    """Bytes of a file as they lie in memory already: what is not looked at is never touched.

    Committed files do not change; one that is deleted stays whole for as long as the view lives.
    """
    begin = first - first % mmap.ALLOCATIONGRANULARITY
    pages = mmap.mmap(file.fileno(), last - begin, access=mmap.ACCESS_READ, offset=begin)
    return memoryview(pages)[first - begin :]


class FileStore(Store):
    """`Files` as a Zarr store. Metadata is asked for once: groups never change after their commit."""

    supports_writes = supports_deletes = supports_listing = False

    def __init__(self, files: Files) -> None:
        super().__init__(read_only=True)
        self._files = files
        self._metadata: dict[str, bytes] = {}

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        try:
            if self._files.near:
                data = self._read(key, byte_range)
            else:
                data = await asyncio.to_thread(self._read, key, byte_range)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return prototype.buffer.from_bytes(data)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        return list(
            await asyncio.gather(*(self.get(key, prototype, byte_range) for key, byte_range in key_ranges))
        )

    async def exists(self, key: str) -> bool:
        try:
            await asyncio.to_thread(self._files.read, key, 0, 1)
        except FileNotFoundError:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileStore) and other._files is self._files

    def __str__(self) -> str:
        return str(self._files)

    async def set(self, key: str, value: Buffer) -> None:
        raise NotImplementedError

    async def delete(self, key: str) -> None:
        raise NotImplementedError

    def list(self) -> AsyncIterator[str]:
        raise NotImplementedError

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        raise NotImplementedError

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        raise NotImplementedError

    def _read(self, key: str, byte_range: ByteRequest | None) -> bytes | memoryview:
        if not key.endswith("zarr.json"):
            return self._files.read(key, *_limits(byte_range))
        if key not in self._metadata:
            self._metadata[key] = bytes(self._files.read(key))
        return self._metadata[key]


def _limits(byte_range: ByteRequest | None) -> tuple[Any, Any]:
    match byte_range:
        case None:
            return None, None
        case RangeByteRequest(start, stop):
            return start, stop
        case OffsetByteRequest(start):
            return start, None
        case SuffixByteRequest(length):
            return -length, None
    raise TypeError(byte_range)
