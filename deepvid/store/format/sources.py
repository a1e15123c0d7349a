"""Bytes of a run wherever they lie: a file, a stretch of an archive, or memory; and their checksums."""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from deepvid.progress import Progress
from deepvid.store.format.disk import open_regular

BLOCK = 1 << 20  # bytes; large enough that hashing, which frees the interpreter, is all the work


class Stretch(NamedTuple):
    """`size` bytes of a file from `begin` on."""

    path: Path
    begin: int
    size: int

    @classmethod
    def whole(cls, path: Path) -> "Stretch":
        """A file as it is now. Raises FileNotFoundError."""
        return cls(path, 0, path.stat().st_size)


Source = Stretch | bytes


def files_below(run: Path, folder: str) -> dict[str, Source]:
    """All files in a folder of a run by their names, as far as they stay while somebody writes to it.

    One that cannot be looked at, as a link to itself, is there with no bytes.
    """
    files: dict[str, Source] = {}
    for where, _, names in os.walk(run / folder):  # rglob raises where a folder goes away meanwhile
        for name in names:
            path = Path(where, name)
            with suppress(FileNotFoundError):
                files[path.relative_to(run).as_posix()] = _as_it_is(path)
    return files


def _as_it_is(path: Path) -> Source:
    try:
        return Stretch.whole(path)
    except FileNotFoundError:
        raise
    except OSError:
        return Stretch(path, 0, 0)


class Sums(NamedTuple):
    """Of the bytes of a source. `size` is less than promised where the file ended early."""

    sha256: str
    crc32: int
    size: int


def size_of(source: Source) -> int:
    return len(source) if isinstance(source, bytes) else source.size


def blocks(source: Source) -> Iterator[bytes]:
    """The bytes in order; fewer than promised where the file is shorter. Raises OSError."""
    if isinstance(source, bytes):
        yield source
        return
    left = source.size
    with open_regular(source.path) as file:
        file.seek(source.begin)
        while left and (block := file.read(min(left, BLOCK))):
            left -= len(block)
            yield block


def read(source: Source) -> bytes:
    """All bytes of a small source."""
    return b"".join(blocks(source))


def reading(sources: Mapping[str, Source]) -> Callable[[str], bytes]:
    """Reader of each of these small sources by its name. Raises FileNotFoundError for another name."""
    return lambda name: read(_named(name, sources))


def sizing(sources: Mapping[str, Source]) -> Callable[[str], int]:
    """Counter of the bytes of each of these sources by its name; raises as `reading` does."""
    return lambda name: size_of(_named(name, sources))


def _named(name: str, sources: Mapping[str, Source]) -> Source:
    if name not in sources:
        raise FileNotFoundError(name)
    return sources[name]


class Summing:
    """Checksums of what passes by, in one pass."""

    def __init__(self) -> None:
        self._sha256, self._crc32, self._size = hashlib.sha256(), 0, 0

    def through(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._sha256.update(piece)
            self._crc32 = zlib.crc32(piece, self._crc32)
            self._size += len(piece)
            yield piece

    @property
    def sums(self) -> Sums:
        return Sums(self._sha256.hexdigest(), self._crc32, self._size)


def sums_of(source: Source) -> Sums:
    summing = Summing()
    for _ in summing.through(blocks(source)):
        pass
    return summing.sums


def sum_all(sources: Mapping[str, Source], progress: Progress) -> dict[str, Sums | None]:
    """Checksums of all sources, None of what cannot be read; on all cores."""
    total, done = sum(map(size_of, sources.values())), 0
    all_sums: dict[str, Sums | None] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for name, sums in zip(sources, pool.map(_try, sources.values()), strict=True):
                all_sums[name] = sums
                done += size_of(sources[name])
                progress.update(done, total, name)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return all_sums


def _try(source: Source) -> Sums | None:
    try:
        return sums_of(source)
    except OSError:
        return None
