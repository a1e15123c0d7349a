"""Whether a file is an archive in form: which members it has, and what of its structure is not as written."""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.format.archive_form import Fault, faults_of_entries
from deepvid.store.format.names import DIRECTORY
from deepvid.store.format.sources import Stretch
from deepvid.store.format.zipform import Entry, Member, NotThisForm, header, read_directory, scan


class Survey(NamedTuple):
    """Where the members of a file are, and what of its structure is not as written."""

    members: dict[str, Stretch]
    crc32: dict[str, int]
    faults: tuple[Fault, ...]


def survey(path: Path) -> Survey:
    """Looks at structure alone: reads headers, not members. Raises OSError."""
    with path.open("rb") as file:
        try:
            found = read_directory(file)
        except NotThisForm as reason:
            return _without_directory(path, file, str(reason))
        faults = faults_of_entries(found) or _headers(file, found.entries)
    return _surveyed(path, [entry.member for entry in found.entries], faults)


def require_form(path: Path) -> Survey:
    """As `survey`; raises DamagedError, with the first reason, for what is no archive."""
    surveyed = survey(path)
    if surveyed.faults:
        name, reason = surveyed.faults[0]
        raise DamagedError(
            f"{path.name} is an archive: a zip as deepvid archive writes it",
            f"{name!r} {reason}" if name != DIRECTORY else f"{name[1:-1]} {reason}",
            "Get the file again from where it came from; nothing was written",
        )
    return surveyed


def _headers(file: BinaryIO, entries: list[Entry]) -> list[Fault]:
    """Members whose own headers are not what their names, sizes and checksums make them."""
    faults: list[Fault] = []
    for member, *_ in entries:
        expected = header(member)
        file.seek(member.offset)
        if file.read(len(expected)) != expected:
            faults.append((member.name, "has a header other than the directory says"))
    return faults


def _without_directory(path: Path, file: BinaryIO, reason: str) -> Survey:
    followed = _by_headers(path, file, ((DIRECTORY, f"cannot be read: {reason}"),))
    return followed or Survey({}, {}, ((DIRECTORY, f"cannot be read: {reason}"),))


def by_headers(path: Path, faults: tuple[Fault, ...]) -> Survey | None:
    """The members as their own headers name them; None where these cannot be followed either."""
    with path.open("rb") as file:
        return _by_headers(path, file, faults)


def _by_headers(path: Path, file: BinaryIO, faults: tuple[Fault, ...]) -> Survey | None:
    try:
        return _surveyed(path, scan(file), faults)
    except NotThisForm:
        return None


def _surveyed(path: Path, members: list[Member], faults: Iterable[Fault]) -> Survey:
    stretches = {member.name: Stretch(path, member.begin, member.size) for member in members}
    return Survey(stretches, {member.name: member.crc32 for member in members}, tuple(faults))
