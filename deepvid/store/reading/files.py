"""The files of a run, and those of one group as a Zarr store that never takes a lost file for zeros."""

import asyncio
import hashlib
import mmap
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import google_crc32c
from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from deepvid.errors import DamagedError, StoreError
from deepvid.store.format.disk import open_regular
from deepvid.store.format.group_form import (
    CHECKSUM,
    METADATA,
    ArrayForm,
    Group,
    faults_of_arrays,
    forms_of,
    other_length,
)
from deepvid.store.format.layout import SHARD

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


FEW = 1000  # files; Zarr plans the reading of all of them before it reads one


class GroupStore(Store):
    """One group as Zarr reads it. Its metadata is asked for once: groups never change after their commit.

    Zarr takes a chunk that is not there for one of fill values. Every chunk of a committed group was
    written, so reading raises DamagedError for one that is missing or has another length, for an index of a
    shard that its checksum does not fit, and for metadata other than the journal says. `benchmarks/store.py`
    prints what that costs.
    """

    supports_writes = supports_deletes = supports_listing = False

    def __init__(self, files: Files, group: Group) -> None:
        super().__init__(read_only=True)
        self._files, self._group = files, group
        self._metadata: dict[str, bytes] = {}
        self._forms: Mapping[str, ArrayForm] = {}

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        if self._files.near:
            data = self._read(key, byte_range)
        else:
            data = await asyncio.to_thread(self._read, key, byte_range)
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
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GroupStore) and other._files is self._files and other._group == self._group

    def __str__(self) -> str:
        return str(self._files)

    # Zarr asks none of these of a store that `supports` none; its base class wants them said.

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
        if key.endswith(METADATA):
            return self._document(key)
        data = self._bytes(key, *_limits(byte_range))
        if fault := self._fault(key, byte_range, data):
            raise self._damaged(key, fault)
        return data

    def _document(self, key: str) -> bytes:
        if key not in self._metadata:
            data = bytes(self._bytes(key))
            name = key.removeprefix(f"{self._group.path}/")
            if self._group.files and self._group.files.get(name) != hashlib.sha256(data).hexdigest():
                raise self._damaged(key, "holds other bytes than were committed")
            if name == METADATA:
                self._forms = self._require_forms(key, data)
            self._metadata[key] = data
        return self._metadata[key]

    def _bytes(self, key: str, start: int | None = None, stop: int | None = None) -> bytes | memoryview:
        try:
            return self._files.read(key, start, stop)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._damaged(key, "is missing") from error
        except OSError as error:
            raise StoreError(
                f"The files of {self._files} can be read",
                f"{key}: {error.strerror or error}",
                "Correct that, or read a copy of the run",
            ) from error

    def _require_forms(self, key: str, data: bytes) -> Mapping[str, ArrayForm]:
        """The arrays that the group declares. Raises DamagedError for more than is there.

        Of a small array each file is judged when it is read; a large one is allocated before that.
        """
        try:
            forms = forms_of(data, self._group)
        except ValueError as error:
            raise self._damaged(key, str(error)) from error
        large = {name: form for name, form in forms.items() if form.nbytes > SHARD or form.files > FEW}
        for file, fault in faults_of_arrays(self._group, large, self._files.size):
            raise self._damaged(file, fault)
        return forms

    def _fault(self, key: str, byte_range: ByteRequest | None, data: bytes | memoryview) -> str:
        """Fault of bytes that were read of a file; empty where they can be what was written."""
        array, _, name = key.removeprefix(f"{self._group.path}/").rpartition("/")
        form = self._forms.get(array)
        if form is None:
            return ""
        match byte_range:
            case None:
                index = data[-form.index_size :] if form.sharded else b""
                return other_length(form, name, len(data)) or _other_index(index)
            case RangeByteRequest(start, stop):
                return "" if len(data) == stop - start else "was cut short"
            case SuffixByteRequest(length):
                return _other_index(data) if len(data) == length == form.index_size else "was cut short"
        return ""

    def _damaged(self, key: str, found: str) -> DamagedError:
        return DamagedError(
            f"{self._files} holds what was committed",
            f"{key} {found}",
            "See what else is lost: deepvid verify RUN. Restore the run from a copy, or remove it",
        )


def _other_index(index: bytes | memoryview) -> str:
    """An index is checked here, where it is known which file it is of."""
    if not index or google_crc32c.value(bytes(index[:-CHECKSUM])) == int.from_bytes(
        index[-CHECKSUM:], "little"
    ):
        return ""
    return "has an index that its checksum does not fit"


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
