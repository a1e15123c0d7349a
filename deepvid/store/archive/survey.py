"""Whether a file is an archive in form: which members it has, and what of its structure is not as written."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.archive.sources import Stretch
from deepvid.store.archive.zipform import Entry, Member, NotThisForm, directory, header, read_directory, scan

JOURNAL, MANIFEST, CRATE, TREE = "journal.jsonl", "manifest-sha256.txt", "ro-crate-metadata.json", "data.zarr"
DIRECTORY = "(the directory of the zip)"
"""Stands for a file's name where not a member is at fault but the list of members."""

# Windows: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


class Survey(NamedTuple):
    """`faults` are pairs of a member's name, or DIRECTORY, and what is wrong with it."""

    members: dict[str, Stretch]
    crc32: dict[str, int]
    faults: tuple[tuple[str, str], ...]


def survey(path: Path) -> Survey:
    """Looks at structure alone: reads headers, not members. Raises OSError."""
    with path.open("rb") as file:
        try:
            entries, begin = read_directory(file)
        except NotThisForm as reason:
            return _without_directory(path, file, str(reason))
        members = [entry.member for entry in entries]
        faults = _refusals(entries) or _misplaced(file, members, begin)
    return _surveyed(path, members, faults)


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


def unsafe(name: str) -> str | None:
    """Why a name cannot be a file's on every system; None where it can."""
    steps = name.split("/")
    if name.startswith("/") or _FORBIDDEN.search(name):
        return "has a name that is absolute or not possible everywhere"
    if any(step in ("", ".", "..") for step in steps):
        return "has a name that leads out of its folder"
    if any(step[-1] in ". " or _RESERVED.fullmatch(step) for step in steps):
        return "has a name that Windows cannot have"
    return None


def _refusals(entries: list[Entry]) -> list[tuple[str, str]]:
    """What no archive has, whoever made the zip."""
    faults: list[tuple[str, str]] = []
    seen: set[str] = set()
    for member, encrypted, stored, link in entries:
        reason = unsafe(member.name)
        if reason is None and member.name.casefold() in seen:
            reason = "is there twice, or differs from another in capitals only"
        if reason is None and encrypted:
            reason = "is encrypted"
        if reason is None and link:
            reason = "is a link"
        if reason is None and not stored:
            reason = "is compressed, or larger than it says"
        if reason is not None:
            faults.append((member.name, reason))
        seen.add(member.name.casefold())
    return faults


def _misplaced(file: BinaryIO, members: list[Member], begin: int) -> list[tuple[str, str]]:
    """Where bytes outside the members are not what their names, sizes and checksums make them."""
    faults: list[tuple[str, str]] = []
    position = 0
    for member in members:
        if member.offset != position:
            reason = "does not begin where the one before it ends: bytes stand between, or its size is wrong"
            return [*faults, (member.name, reason)]
        expected = header(member)
        file.seek(member.offset)
        if file.read(len(expected)) != expected:
            faults.append((member.name, "has a header other than the directory says"))
        position = member.end
    if position != begin:
        faults.append((DIRECTORY, "does not begin where the last member ends"))
        return faults
    file.seek(begin)
    if file.read() != directory(members):
        faults.append((DIRECTORY, "is not as written"))
    return faults


def _without_directory(path: Path, file: BinaryIO, reason: str) -> Survey:
    followed = _by_headers(path, file, ((DIRECTORY, f"cannot be read: {reason}"),))
    return followed or Survey({}, {}, ((DIRECTORY, f"cannot be read: {reason}"),))


def by_headers(path: Path, faults: tuple[tuple[str, str], ...]) -> Survey | None:
    """The members as their own headers name them; None where these cannot be followed either."""
    with path.open("rb") as file:
        return _by_headers(path, file, faults)


def _by_headers(path: Path, file: BinaryIO, faults: tuple[tuple[str, str], ...]) -> Survey | None:
    try:
        return _surveyed(path, scan(file), faults)
    except NotThisForm:
        return None


def _surveyed(path: Path, members: list[Member], faults: Iterable[tuple[str, str]]) -> Survey:
    stretches = {member.name: Stretch(path, member.begin, member.size) for member in members}
    return Survey(stretches, {member.name: member.crc32 for member in members}, tuple(faults))
