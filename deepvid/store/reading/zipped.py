"""The members of a zip file, read in place: its directory is read once, and nothing is extracted."""

import io
import struct
import zipfile
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from deepvid.errors import DamagedError, StoreError

_HEADER = struct.Struct("<4s22xHH")  # of a member: its signature, the lengths of its name and its extra field
_ENCRYPTED = 0x1


class Blob(Protocol):
    """One file of known size that is read piece by piece, from any thread."""

    size: int
    near: bool

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to before `stop`, fewer only where the file ends."""


class LocalBlob:
    """A file of this machine, held open: what is read stays whole where another takes its name."""

    near = True

    def __init__(self, path: Path) -> None:
        self._name, self._lock = str(path), Lock()
        self._file = path.open("rb", buffering=0)
        self.size = self._file.seek(0, io.SEEK_END)

    def read(self, start: int, stop: int) -> bytes:
        with self._lock:  # Windows has no pread
            self._file.seek(start)
            return self._file.read(stop - start)

    def __str__(self) -> str:
        return self._name


class ZipFiles:
    """The stored members of a zip as `Files`.

    Raises DamagedError for what is no zip or lists a name twice.
    """

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.near = blob.near
        try:
            with zipfile.ZipFile(_Stream(blob)) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, ValueError, struct.error) as error:
            raise self._damaged(f"no directory that can be read ({error})") from error
        self._members = {member.filename: member for member in members}
        if len(self._members) < len(members):
            raise self._damaged("a name that is listed twice")
        self._begins: dict[str, int] = {}

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        if path not in self._members:
            raise FileNotFoundError(f"no {path} in {self}")
        begin = self._begins.get(path) or self._begin(self._members[path])
        self._begins[path] = begin
        first, last, _ = slice(start, stop).indices(self._members[path].file_size)
        data = self._blob.read(begin + first, begin + max(first, last))
        if len(data) < last - first:
            raise self._damaged(f"{path} cut short")
        return data

    def size(self, path: str) -> int:
        if path not in self._members:
            raise FileNotFoundError(f"no {path} in {self}")
        return self._members[path].file_size

    def __str__(self) -> str:
        return str(self._blob)

    def _begin(self, member: zipfile.ZipInfo) -> int:
        """Where a member's bytes begin; its local header may be longer than the directory says."""
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & _ENCRYPTED:
            raise StoreError(
                "The members of an archive are stored as they are",
                f"{member.filename} compressed or encrypted in {self}",
                "Unpack it and open the folder, or write the archive anew: deepvid archive RUN -o FILE",
            )
        header = self._blob.read(member.header_offset, member.header_offset + _HEADER.size)
        if len(header) < _HEADER.size or header[:4] != b"PK\3\4":
            raise self._damaged(f"no {member.filename} where its directory says")
        _, name, extra = _HEADER.unpack(header)
        return member.header_offset + _HEADER.size + int(name) + int(extra)

    def _damaged(self, found: str) -> DamagedError:
        return DamagedError(
            f"{self} is a whole archive", found, "Copy it again; deepvid verify says what is damaged"
        )


class _Stream(io.RawIOBase):
    """A blob as the file that `zipfile` reads its directory from."""

    def __init__(self, blob: Blob) -> None:
        self._blob, self._at = blob, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._blob.size}[whence]
        if origin + offset < 0:
            raise OSError("a position before the beginning")
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._blob.read(self._at, min(self._at + len(buffer), self._blob.size))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
