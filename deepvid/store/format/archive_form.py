"""Form of an archive: its members, its directory and its small texts; one opinion for all who open one.

`verify` and `import` read every byte beside; whoever only reads an archive asks what stands here.
"""

import json
import re
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from deepvid.errors import DamagedError
from deepvid.store.format.journal import Commit
from deepvid.store.format.names import CRATE, DIRECTORY, JOURNAL, MANIFEST, TREE, names_run, unsafe
from deepvid.store.format.sources import Stretch
from deepvid.store.format.zipform import (
    Directory,
    Entry,
    Member,
    NotThisForm,
    directory,
    header,
    read_directory,
    scan,
)

ROOT = f"{TREE}/zarr.json"
SKELETON = (ROOT, *(f"{TREE}/{kind}/zarr.json" for kind in ("stage", "series", "state")))
"""Their documents. No line of the journal has a digest for them: all they say is that they are groups."""

PLAIN = {"zarr_format": 3, "node_type": "group", "attributes": {}}
GROUP = b'{\n  "attributes": {},\n  "zarr_format": 3,\n  "node_type": "group"\n}'
"""The bytes of such a document, whoever wrote the run: as Zarr 3.1 writes them."""

Read = Callable[[str], bytes]
"""The bytes of a file by its name."""


def consolidated_root(names: Collection[str], read: Read) -> bytes:
    """The root of an archive, with the metadata of every group and array: one read opens them all."""
    inline = {"kind": "inline", "must_understand": False, "metadata": _metadata(names, read)}
    document = {**PLAIN, "consolidated_metadata": inline}
    return json.dumps(document, separators=(",", ":")).encode()


def unsound(names: Collection[str], read: Read) -> list[str]:
    """Which documents of the skeleton are not what they must be, or not there."""
    return [name for name in SKELETON if not _sound(name, names, read)]


def _sound(name: str, names: Collection[str], read: Read) -> bool:
    try:
        document = json.loads(read(name))
        inline = document.pop("consolidated_metadata", None)
        whole = inline is None or (name == ROOT and inline["metadata"] == _metadata(names, read))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return bool(document == PLAIN and whole)


def _metadata(names: Collection[str], read: Read) -> dict[str, Any]:
    """Every document below the root, without copies of others."""
    documents: dict[str, Any] = {}
    for name in sorted(names):
        if name.startswith(f"{TREE}/") and name.endswith("/zarr.json") and name != ROOT:
            document = json.loads(read(name))
            document.pop("consolidated_metadata", None)
            documents[name.removeprefix(f"{TREE}/").removesuffix("/zarr.json")] = document
    return documents


Fault = tuple[str, str]
"""A member's name, or DIRECTORY, and what is wrong with it."""

TEXT, DOCUMENT = 2**28, 2**24  # bytes; far beyond the longest of its kind that anybody has written
LARGEST = {JOURNAL: TEXT, MANIFEST: TEXT, ROOT: TEXT, **dict.fromkeys((CRATE, *SKELETON[1:]), DOCUMENT)}
"""Members that are read whole."""


def faults_of_entries(found: Directory) -> list[Fault]:
    """Faults that no archive has, whoever made the zip, as far as the zip's directory tells."""
    faults: list[Fault] = []
    seen: set[str] = set()
    before, position = "", 0
    for entry in found.entries:
        member = entry.member
        reason = _refusal(entry, seen)
        if reason is None and member.offset != position:
            reason = "does not begin where the one before it ends: bytes stand between, or its size is wrong"
        if reason is None and member.name < before:
            reason = "is not in its place: members are sorted by name"
        if reason is not None:
            faults.append((member.name, reason))
        seen.add(member.name.casefold())
        before, position = member.name, member.end
    if not faults and position != found.begin:
        faults.append((DIRECTORY, "does not begin where the last member ends"))
    if not faults and found.data != directory(entry.member for entry in found.entries):
        faults.append((DIRECTORY, "is not as written"))
    return faults


def _refusal(entry: Entry, seen: Container[str]) -> str | None:
    """Fault of a member by itself, or beside those `seen` before it."""
    member, encrypted, stored, link = entry
    if reason := unsafe(member.name):
        return reason
    if member.name.casefold() in seen:
        return "is there twice, or differs from another in capitals only"
    if encrypted:
        return "is encrypted"
    if link:
        return "is a link"
    if not stored:
        return "is compressed, or larger than it says"
    if member.size > LARGEST.get(member.name, member.size):
        return f"has {member.size:,} bytes, more than any of its kind"
    return None


def lacking(names: Container[str]) -> list[str]:
    """Members that every archive has and this one has not."""
    return [name for name in (JOURNAL, MANIFEST, CRATE, *SKELETON) if name not in names]


def faults_of_texts(
    names: Collection[str], read: Callable[[str], bytes], commits: Sequence[Commit]
) -> list[Fault]:
    """Faults of the members that no line of the journal lists, as far as they are there."""
    faults: list[Fault] = []
    if CRATE in names and (fault := _fault_of_crate(read(CRATE), commits)):
        faults.append((CRATE, fault))
    if MANIFEST in names and {*parse_manifest(read(MANIFEST)), MANIFEST} != {*names}:
        faults.append((MANIFEST, "does not list every other member, and no more"))
    documents = [name for name in unsound(names, read) if name in names]
    return faults + [(name, "is not the document that it must be") for name in documents]


def strangers(names: Collection[str], commits: Sequence[Commit]) -> list[str]:
    """Members that lie in no group that a line commits, and are not of the archive itself."""
    states = [commit.details["state"] or {} for commit in commits if commit.kind == "epoch"]
    groups = {*(commit.path for commit in commits), *(state.get("path", "") for state in states)} - {""}
    inside = tuple(f"{group}/" for group in groups)
    known = (JOURNAL, MANIFEST, CRATE, *SKELETON)
    return [name for name in names if name not in known and not name.startswith(inside)]


def parse_manifest(data: bytes) -> dict[str, str]:
    """The sha256 by name, as `sha256sum` writes them; lines that are none are left out."""
    lines = data.decode(errors="replace").split("\n")
    return {m[2]: m[1] for line in lines if (m := re.fullmatch(r"([0-9a-f]{64})  (.+)", line))}


def identifier(document: bytes) -> str | None:
    """The id of the run that a crate describes; None where it describes none."""
    try:
        graph = json.loads(document)["@graph"]
        return next(str(entity["identifier"]) for entity in graph if entity["@id"] == "./")
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        return None


def _fault_of_crate(document: bytes, commits: Sequence[Commit]) -> str:
    said = identifier(document)
    if said is None or not names_run(said):
        return f"names no run: {said!r}"
    known = commits[0].details.get("id", said) if commits else said
    return "" if said == known else f"names {said!r}; the run is {known!r}"


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
