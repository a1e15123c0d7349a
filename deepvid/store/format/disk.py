"""Files on disk: fsync in the right order, digests, renames that last, and remedies where one is refused."""

import errno
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

_SPACE = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)
_PLACE = (errno.ENOENT, errno.ENOTDIR)


def remedy(error: OSError, otherwise: str) -> str:
    """Advice to a person; `otherwise` is what is always left, a clause such as "choose another file"."""
    if error.errno in _SPACE:
        return f"Free space, or {otherwise}"
    if error.errno in _RIGHTS:
        return f"Ask its owner, change the permissions, or {otherwise}"
    if error.errno in _PLACE:
        return f"Create that folder, or {otherwise}"
    if error.errno == errno.ENAMETOOLONG:
        return f"Give a shorter name, or {otherwise}"
    return f"Correct that, or {otherwise}"


def os_error_text(error: OSError, what: object) -> str:
    """The system's words, with the name of a file; `what` where they have none."""
    return str(error) if error.filename is not None else f"{error}: {str(what)!r}"


UNFINISHED = ".part"
"""How the name ends of a small file that is not whole yet; it begins with a dot."""


class Sealed(NamedTuple):
    """Files that are durable. `files` has the sha256 of each by its name below the group."""

    digest: str
    bytes: int
    files: Mapping[str, str]


def open_regular(path: Path) -> BinaryIO:
    """Opens a file to read it, unbuffered. Raises OSError, at once, for a pipe, a device and a folder."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)  # without O_NONBLOCK a pipe nobody writes to is waited for
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return os.fdopen(descriptor, "rb", buffering=0)
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path) -> bytes:
    """All bytes of a file; raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()


def is_regular(path: Path) -> bool:
    """Whether a file that can be opened is there; False for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is there; False for a name that none can have."""
    try:
        return path.is_dir()
    except OSError:
        return False


def digest_of(files: Mapping[str, str]) -> str:
    """The sha256 of the sorted lines that `sha256sum` would print; `files` maps names to sha256."""
    lines = sorted(f"{value}  {name}\n" for name, value in files.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def seal(root: Path) -> Sealed:
    """Makes everything below `root` durable: files first, then directories from the bottom up."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    sealed = seal_files(root, files)
    for directory in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        sync_directory(directory)
    sync_directory(root)
    return sealed


def seal_files(root: Path, files: Iterable[Path]) -> Sealed:
    """Makes `files`, named relative to `root` in the digest, durable; their directories are the caller's."""
    files = list(files)
    with ThreadPoolExecutor(8) as pool:  # the kernel joins concurrent fsyncs into one flush
        hashes = list(pool.map(_sync_and_hash, files))
    names = [path.relative_to(root).as_posix() for path in files]
    sums = dict(sorted(zip(names, hashes, strict=True)))
    return Sealed(digest_of(sums), sum(path.stat().st_size for path in files), sums)


def publish(source: Path, target: Path) -> None:
    """Moves what is sealed to its final name, durably."""
    source.rename(target)
    try:
        sync_directory(target.parent)
    except BaseException:
        remove(target)  # ours since the rename; what is reported as failed is not there
        raise


def sync_file(file: BinaryIO) -> None:
    """Makes what was written to an open file durable."""
    file.flush()
    os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Makes the names in a directory durable; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces a small file whole, not durably: for what is only a convenience."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def remove(path: Path) -> None:
    """Removes a file or a tree, and says nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_and_hash(path: Path) -> str:
    with path.open("r+b") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return value
