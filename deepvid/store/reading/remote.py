"""Runs and archives behind a URL that fsspec reads, with few requests and errors that say what to do."""

from collections.abc import Callable
from threading import Lock, Thread
from time import monotonic
from typing import Any, TypeVar

import fsspec
from fsspec.caching import BlockCache

from deepvid.errors import DeepVIDError, MissingExtraError, StoreError

BLOCK = 2**20  # bytes; what arrives in about the time that a request takes
BLOCKS = 64  # kept of each archive
REFRESH = 10.0  # seconds between looks at a journal that may grow

# A dead server is noticed while a person still waits; boto would try for minutes. With more than one
# request at a time s3fs asks for the size of every file before it reads it.
_PATIENCE = {"connect_timeout": 5, "read_timeout": 20, "retries": {"max_attempts": 2}}
_S3 = {"config_kwargs": _PATIENCE, "max_concurrency": 1}
_OPTIONS: dict[str, dict[str, Any]] = {"s3": _S3, "s3a": _S3}

T = TypeVar("T")


class Remote:
    """A file or folder behind a URL. Every failure but a missing file is a StoreError."""

    def __init__(self, url: str, fs: fsspec.AbstractFileSystem, root: str) -> None:
        self.url, self.fs, self.root = url, fs, root

    @classmethod
    def at(cls, url: str) -> "Remote":
        """Raises MissingExtraError without s3fs, StoreError for a URL that nothing here can read."""
        protocol = url.partition("://")[0].rpartition("::")[2]
        try:
            fs, root = fsspec.url_to_fs(url, use_listings_cache=False, **_OPTIONS.get(protocol, {}))
        except ImportError as error:
            if protocol in _OPTIONS:
                raise MissingExtraError.of(f"Reading {protocol}:// addresses", "s3", "s3fs") from error
            raise StoreError(
                "Reading a URL needs the package for its protocol", str(error), "Install that package"
            ) from error
        except Exception as error:
            raise _failed(url, error) from error
        return cls(url.rstrip("/"), fs, root.rstrip("/"))

    def child(self, name: str) -> "Remote":
        return Remote(f"{self.url}/{name}", self.fs, f"{self.root}/{name}")

    def read(self, start: int | None = None, stop: int | None = None) -> bytes:
        return self._try(lambda: bytes(self.fs.cat_file(self.root, start=start, end=stop)))

    def size(self) -> int:
        return self._try(lambda: int(self.fs.size(self.root)))

    def mark(self) -> str:
        """Changes when the file does; one request."""
        return self._try(lambda: str(self.fs.ukey(self.root)))

    def names(self) -> list[str]:
        """Names directly inside a folder."""
        paths = self._try(lambda: self.fs.ls(self.root, detail=False))
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in paths)

    def __str__(self) -> str:
        return self.url

    def _try(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except FileNotFoundError:
            raise
        except Exception as error:  # the file systems' libraries have no exception in common
            raise _failed(self.url, error) from error


class RemoteFiles:
    """The files of a run's folder."""

    near = False

    def __init__(self, folder: Remote) -> None:
        self._folder = folder

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        return self._folder.child(path).read(start, stop)

    def size(self, path: str) -> None:
        return None

    def __str__(self) -> str:
        return str(self._folder)


class RemoteBlob:
    """One remote file: small reads come in blocks that stay in memory, a large one is one request."""

    near = False

    def __init__(self, file: Remote) -> None:
        self._file, self._lock = file, Lock()
        self.size = file.size()
        self._lead = -self.size % BLOCK  # blocks end with the file, where an archive keeps its directory
        self._cache = BlockCache(BLOCK, self._block, self.size + self._lead, BLOCKS)

    def read(self, start: int, stop: int) -> bytes:
        if stop - start > BLOCK:
            return self._file.read(start, stop)
        with self._lock:  # two that want the same block ask for it once
            return bytes(self._cache._fetch(self._lead + start, self._lead + stop))

    def _block(self, start: int, stop: int) -> bytes:
        missing = max(0, self._lead - start)
        return bytes(missing) + self._file.read(start + missing - self._lead, stop - self._lead)

    def __str__(self) -> str:
        return str(self._file)


class RemoteJournal:
    """The journal of a run that may grow far away. Looks again in a thread, so that no reader ever waits.

    A look that failed is raised by `mark` until one succeeds; what was read before stays.
    """

    def __init__(self, folder: Remote) -> None:
        self._file = folder.child("journal.jsonl")
        self._data, self._seen, self._version = self._file.read(), "", 0
        self._error: DeepVIDError | OSError | None = None
        self._next, self._lock = monotonic() + REFRESH, Lock()

    def mark(self) -> tuple[int, int, int]:
        if monotonic() >= self._next and self._lock.acquire(blocking=False):
            self._next = monotonic() + REFRESH
            Thread(target=self._look, name="deepvid-journal", daemon=True).start()
        if self._error is not None:
            raise self._error
        return 0, len(self._data), self._version

    def read(self, offset: int) -> bytes:
        return self._data[offset:]

    def __str__(self) -> str:
        return str(self._file)

    def _look(self) -> None:
        try:
            seen = self._file.mark()
            if seen != self._seen:
                self._data, self._seen = self._file.read(), seen
                self._version += 1
            self._error = None
        except (DeepVIDError, OSError) as error:
            self._error = error
        finally:
            self._lock.release()


def _failed(url: str, error: Exception) -> StoreError:
    return StoreError(
        f"{url} can be read",
        f"{type(error).__name__}: {error}",
        "Check the address, the network and the credentials; what was read before stays",
    )
