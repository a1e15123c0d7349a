"""Reading members of a tar archive that somebody else made, without unpacking it to disk."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from deepvid.errors import DataError


def members(archive: Path, names: frozenset[str], largest: int) -> Iterator[tuple[str, bytes]]:
    """The files of `archive` with these last names, and their bytes, in the archive's order.

    Raises `DataError` for a broken archive, one with a member that could leave its folder (an absolute path,
    `..`, a link, a device), or a member of more than `largest` bytes.
    """
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _refuse_unsafe(member, archive)
                name = PurePosixPath(member.name).name
                if member.isfile() and name in names:
                    yield name, _content(tar, member, largest, archive)
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise DataError(
            "A data archive is a whole tar file, plain or compressed by gzip or xz",
            f"{archive}: {error}",
            "The download is probably broken: delete the file and get it again",
        ) from error


def _refuse_unsafe(member: tarfile.TarInfo, archive: Path) -> None:
    leaves = ".." in PureWindowsPath(member.name).parts  # splits at / and \
    absolute = member.name.startswith(("/", "\\")) or PureWindowsPath(member.name).drive
    if leaves or absolute or not (member.isfile() or member.isdir()):
        kind = "a path with '..'" if leaves else "an absolute path" if absolute else "a link or device"
        raise DataError(
            "The members of a data archive are plain files inside it",
            f"{member.name!r} in {archive}, {kind}",
            "Do not use this archive: get the original",
        )


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, largest: int, archive: Path) -> bytes:
    if member.size > largest:
        raise DataError(
            f"{member.name} has at most {largest} bytes",
            f"{member.size} in {archive}",
            "Get the original archive",
        )
    file = tar.extractfile(member)
    assert file is not None  # only links and folders have none
    return file.read()
