"""The members of an archive, read in place: its directory is read once, and nothing is extracted."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from deepvid.errors import DamagedError
from deepvid.store.format.archive_form import faults_of_entries, faults_of_texts, lacking, strangers
from deepvid.store.format.disk import open_regular
from deepvid.store.format.group_form import faults_of_group, groups_in
from deepvid.store.format.journal import Commit
from deepvid.store.format.names import JOURNAL
from deepvid.store.format.zipform import Member, NotThisForm, read_directory


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
        self._file = open_regular(path)
        self.size = self._file.seek(0, io.SEEK_END)

    def read(self, start: int, stop: int) -> bytes:
        with self._lock:  # Windows has no pread
            self._file.seek(start)
            return self._file.read(stop - start)

    def __str__(self) -> str:
        return self._name


class ZipFiles:
    """The members of an archive as `Files`.

    Raises FileNotFoundError for a zip without a journal, DamagedError for what else its directory shows to be
    no archive.
    """

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.near = blob.near
        try:
            found = read_directory(io.BufferedReader(_Stream(blob)))
        except (NotThisForm, struct.error, OverflowError) as error:
            raise self._damaged(f"no directory that can be read: {error}") from error
        self._members = {entry.member.name: entry.member for entry in found.entries}
        self._member(JOURNAL)  # first: a zip without one is none of ours, and nothing is wrong with it
        for name, reason in faults_of_entries(found):
            raise self._damaged(f"{name} {reason}")
        for name in lacking(self._members):
            raise self._damaged(f"{name} is missing")

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        member = self._member(path)
        first, last, _ = slice(start, stop).indices(member.size)
        data = self._blob.read(member.begin + first, member.begin + max(first, last))
        if len(data) < last - first:
            raise self._damaged(f"{path} cut short")
        return data

    def size(self, path: str) -> int:
        return self._member(path).size

    def require(self, commits: Sequence[Commit]) -> None:
        """Raises DamagedError where the members that no line lists do not fit these lines.

        What is far away is not asked for them: each would cost a request, and nothing here reads them.
        """
        faults = faults_of_texts(self._members, self.read, commits) if self.near else []
        for name, reason in faults:
            raise self._damaged(f"{name} {reason}")
        for name in strangers(self._members, commits):
            raise self._damaged(f"{name}, which no line of the journal lists")
        for group in groups_in(commits) if self.near else ():
            for name, reason in faults_of_group(group, self.read, self.size):
                raise self._damaged(f"{name} {reason}")

    def _member(self, path: str) -> Member:
        if path not in self._members:
            raise FileNotFoundError(f"no {path} in {self}")
        return self._members[path]

    def __str__(self) -> str:
        return str(self._blob)

    def _damaged(self, found: str) -> DamagedError:
        return DamagedError(
            f"{self} is an archive: a zip as deepvid archive writes it",
            found,
            "Get it again from where it came from; deepvid verify FILE names all that is damaged",
        )


class _Stream(io.RawIOBase):
    """A blob as the file that a directory is read from."""

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
