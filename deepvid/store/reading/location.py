"""Where a run lies: its folder, one archive file, or either of them behind a URL. All are read alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from zarr.storage import StorePath

from deepvid.errors import StoreError
from deepvid.store.format.disk import is_folder, is_regular
from deepvid.store.format.group_form import Group
from deepvid.store.format.journal import Commit, JournalFile, LocalJournal
from deepvid.store.format.names import JOURNAL
from deepvid.store.reading.files import Files, FolderFiles, GroupStore
from deepvid.store.reading.remote import Remote, RemoteBlob, RemoteFiles, RemoteJournal
from deepvid.store.reading.zipped import LocalBlob, ZipFiles

Address = str | Path
"""Name of a run or a store for people: a path, or a URL that fsspec reads."""

ARCHIVE = ".zip"


class Location(Protocol):
    """A run as a reader needs it, wherever it lies."""

    @property
    def name(self) -> str:
        """The run's id in a listing: what its folder or archive is called."""

    @property
    def address(self) -> Address:
        """Opens it again."""

    @property
    def folder(self) -> Path | None:
        """Where it can be written to; None for what this machine only reads."""

    def journal(self) -> JournalFile:
        """Raises FileNotFoundError where there is none."""

    def group(self, group: Group) -> StorePath:
        """A committed group, as xarray and zarr open it."""

    def require(self, commits: Sequence[Commit]) -> None:
        """Raises DamagedError where what lies beside the journal cannot be its run."""


@dataclass(frozen=True)
class Folder:
    """A run's folder on this machine, which may be growing."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def address(self) -> Path:
        return self.folder

    def journal(self) -> LocalJournal:
        return LocalJournal(self.folder / JOURNAL)

    def group(self, group: Group) -> StorePath:
        return StorePath(GroupStore(FolderFiles(self.folder), group), group.path)

    def require(self, commits: Sequence[Commit]) -> None:
        """Whatever else lies in a folder is nobody's concern."""


class _Elsewhere:
    """A run that this machine only reads."""

    folder: Path | None = None

    def __init__(self, address: Address, name: str, files: Files) -> None:
        self.address, self.name = address, name
        self._files = files
        self._stores: dict[str, GroupStore] = {}  # what is far away is asked for its metadata once

    def group(self, group: Group) -> StorePath:
        store = self._stores.setdefault(group.path, GroupStore(self._files, group))
        return StorePath(store, group.path)

    def require(self, commits: Sequence[Commit]) -> None:
        """Whatever else lies in a folder is nobody's concern."""


class Archive(_Elsewhere):
    """A run in one zip file, near or far; it never changes."""

    def __init__(self, address: Address, name: str, files: ZipFiles) -> None:
        super().__init__(address, name, files)
        self._zip = files

    def require(self, commits: Sequence[Commit]) -> None:
        self._zip.require(commits)

    def journal(self) -> JournalFile:
        return _Complete(str(self._files), bytes(self._files.read(JOURNAL)))


class RemoteFolder(_Elsewhere):
    """A run's folder behind a URL, which may be growing."""

    def __init__(self, folder: Remote) -> None:
        super().__init__(folder.url, folder.url.rpartition("/")[2], RemoteFiles(folder))
        self._folder = folder

    def journal(self) -> RemoteJournal:
        return RemoteJournal(self._folder)


class _Complete:
    """A journal to which nothing is added."""

    def __init__(self, name: str, data: bytes) -> None:
        self._name, self._data = name, data

    def mark(self) -> tuple[int, int, int]:
        return 0, len(self._data), 0

    def read(self, offset: int) -> bytes:
        return self._data[offset:]

    def __str__(self) -> str:
        return f"{self._name}/{JOURNAL}"


def locate(address: Address) -> Location:
    """The run at an address; only an archive is looked into.

    Raises FileNotFoundError, StoreError for what cannot be read, MissingExtraError for s3:// without s3fs.
    """
    if not is_url(address):
        path = Path(address)
        return open_archive(path) if is_archive(path) else Folder(path)
    remote = Remote.at(str(address).removeprefix("zip::"))
    return remote_archive(remote) if is_archive(address) else RemoteFolder(remote)


def open_archive(path: Path) -> Archive:
    return Archive(path, path.name, ZipFiles(LocalBlob(path)))


def remote_archive(file: Remote) -> Archive:
    return Archive(f"zip::{file.url}", file.url.rpartition("/")[2], ZipFiles(RemoteBlob(file)))


def require_folder(location: Location, what: str) -> Path:
    """The folder of a run. Raises StoreError where the run is one that this machine only reads."""
    if location.folder is None:
        raise StoreError(
            f"{what} needs a run's own folder on this machine",
            str(location.address),
            "Import it into a store first: deepvid import FILE",
        )
    return location.folder


def is_url(address: Address) -> bool:
    """Whether an address is read through fsspec."""
    return isinstance(address, str) and "://" in address


def is_archive(address: Address) -> bool:
    """Whether an address names one file: by its ending or its `zip::`, on this machine by what it is."""
    if is_url(address):
        text = str(address)
        return text.startswith("zip::") or urlsplit(text).path.endswith(ARCHIVE)
    path = Path(address)
    return is_regular(path) or (path.suffix == ARCHIVE and not is_folder(path))


def absolute(address: Address) -> Address:
    """An address that means the same from any working directory. Raises StoreError for an empty one."""
    if not str(address):
        raise StoreError("A store or a run has an address", "an empty text", "Name a folder, a file or a URL")
    return address if is_url(address) else Path(address).expanduser().resolve()
