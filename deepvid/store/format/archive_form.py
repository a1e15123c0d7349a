"""What an archive is, as far as its directory and its small texts tell: one opinion for all who open one.

`verify` and `import` read every byte beside; whoever only reads an archive asks what stands here.
"""

import json
import re
from collections.abc import Callable, Collection, Container, Sequence

from deepvid.store.format.chain import Commit
from deepvid.store.format.names import CRATE, DIRECTORY, JOURNAL, MANIFEST, names_run, unsafe
from deepvid.store.format.tree import ROOT, SKELETON, unsound
from deepvid.store.format.zipform import Directory, Entry, directory

Fault = tuple[str, str]
"""A member's name, or DIRECTORY, and what is wrong with it."""

TEXT, DOCUMENT = 2**28, 2**24  # bytes; far beyond the longest of its kind that anybody has written
LARGEST = {JOURNAL: TEXT, MANIFEST: TEXT, ROOT: TEXT, **dict.fromkeys((CRATE, *SKELETON[1:]), DOCUMENT)}
"""Members that are read whole."""


def faults_of_entries(found: Directory) -> list[Fault]:
    """What no archive has, whoever made the zip, as far as the zip's directory tells."""
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
    """What is wrong with a member by itself, or beside those `seen` before it."""
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
    """What does not fit among the members that no line of the journal lists, as far as they are there."""
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
