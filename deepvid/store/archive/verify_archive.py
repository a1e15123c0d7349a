"""Whether an archive is what was written: its structure, its manifest, its journal, and what that commits."""

import re
from collections.abc import Mapping
from pathlib import Path

from deepvid.progress import SILENT, Progress
from deepvid.store.archive.judgment import RunVerification, is_there, judge
from deepvid.store.archive.lines import read_lines
from deepvid.store.archive.sources import Source, Sums, read, sum_all
from deepvid.store.archive.survey import CRATE, JOURNAL, MANIFEST, TREE, Survey, by_headers, survey
from deepvid.store.archive.tree import SKELETON


def verify_archive(path: Path, *, progress: Progress = SILENT) -> RunVerification:
    """Reads every byte. Where the list of members is damaged, their own headers are followed instead."""
    surveyed = survey(path)
    result = _verify(path, surveyed, progress)
    if surveyed.faults and (other := by_headers(path, surveyed.faults)):
        return min(result, _verify(path, other, progress), key=_badness)
    return result


def parse_manifest(data: bytes) -> dict[str, str]:
    """The sha256 by name, as `sha256sum` writes them; lines that are none are left out."""
    lines = data.decode(errors="replace").split("\n")
    return {m[2]: m[1] for line in lines if (m := re.fullmatch(r"([0-9a-f]{64})  (.+)", line))}


def faults_of(surveyed: Survey, sums: Mapping[str, Sums | None], manifest: Mapping[str, str]) -> set[str]:
    """The members that the zip's checksums or the manifest's say are damaged, and those it misses.

    Two witnesses tell a damaged member from a damaged manifest.
    """
    sound = {name for name, summed in sums.items() if summed and summed.crc32 == surveyed.crc32[name]}
    faulty = set(sums) - sound
    if MANIFEST in sound:
        said = {name: summed.sha256 for name, summed in sums.items() if summed and name != MANIFEST}
        faulty |= {name for name, value in manifest.items() if said.get(name) != value}
        faulty |= {MANIFEST for name in said if name not in manifest}
    return faulty


def _verify(path: Path, surveyed: Survey, progress: Progress) -> RunVerification:
    members: Mapping[str, Source] = surveyed.members
    sums = sum_all(members, progress)
    manifest = parse_manifest(read(members[MANIFEST])) if MANIFEST in members else {}
    tree = {name: source for name, source in members.items() if name.startswith(f"{TREE}/")}
    lines = read_lines(read(members[JOURNAL]) if JOURNAL in members else b"")
    result = judge(path.name, lines, tree, sums)
    wrong = {*result.damaged, *result.missing, *faults_of(surveyed, sums, manifest)}
    wrong |= {name for name in (*SKELETON, MANIFEST, JOURNAL) if name not in members}
    structure = {name for name, _ in surveyed.faults}
    strangers = {name for name in members if name not in tree} - {JOURNAL, MANIFEST, CRATE}
    strangers |= set(result.extra) - set(SKELETON)
    unlisted = f"{JOURNAL} does not list {min(strangers)}" if strangers else None
    return result._replace(
        damaged=tuple(sorted({name for name in wrong if is_there(name, members)} | structure)),
        missing=tuple(sorted(name for name in wrong if not is_there(name, members))),
        extra=tuple(sorted(strangers)),
        journal_error=result.journal_error or unlisted,
    )


def _badness(result: RunVerification) -> tuple[int, int]:
    """Of two readings of one file, the one that finds more commits is right."""
    return -len(result.good), len(result.damaged) + len(result.missing) + len(result.bad)
