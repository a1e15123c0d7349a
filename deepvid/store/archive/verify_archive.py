"""Whether an archive is what was written: its structure, its manifest, its journal, and what that commits."""

from collections.abc import Mapping
from pathlib import Path

from deepvid.progress import SILENT, Progress
from deepvid.store.archive.judgment import RunVerification, is_there, judge
from deepvid.store.archive.lines import read_lines
from deepvid.store.archive.survey import Survey, by_headers, survey
from deepvid.store.format.archive_form import (
    DOCUMENT,
    LARGEST,
    faults_of_texts,
    lacking,
    parse_manifest,
    strangers,
)
from deepvid.store.format.names import JOURNAL, MANIFEST, TREE
from deepvid.store.format.sources import Source, Sums, read, size_of, sum_all
from deepvid.store.format.tree import SKELETON


def verify_archive(path: Path, *, progress: Progress = SILENT) -> RunVerification:
    """Reads every byte. Where the list of members is damaged, their own headers are followed instead."""
    surveyed = survey(path)
    result = examine(path, surveyed, sum_all(surveyed.members, progress))
    if surveyed.faults and (other := by_headers(path, surveyed.faults)):
        return min(result, examine(path, other, sum_all(other.members, progress)), key=_badness)
    return result


def _faults_of(surveyed: Survey, sums: Mapping[str, Sums | None], manifest: Mapping[str, str]) -> set[str]:
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


def examine(path: Path, surveyed: Survey, sums: Mapping[str, Sums | None]) -> RunVerification:
    """What is wrong with an archive whose members have these checksums: the one opinion on it."""
    members: Mapping[str, Source] = surveyed.members

    def text(name: str) -> bytes:
        source = members.get(name, b"")
        return read(source) if size_of(source) <= LARGEST.get(name, DOCUMENT) else b""

    tree = {name: source for name, source in members.items() if name.startswith(f"{TREE}/")}
    lines = read_lines(text(JOURNAL))
    result = judge(path.name, lines, tree, sums)
    wrong = {*result.damaged, *result.missing, *_faults_of(surveyed, sums, parse_manifest(text(MANIFEST)))}
    wrong |= set(lacking(members))
    if not wrong and lines.error is None:  # only of what is whole more can be asked
        wrong = {name for name, _ in faults_of_texts(members, text, lines.commits)}
    structure = {name for name, _ in surveyed.faults}
    extra = {*strangers(members, (*lines.commits, *lines.doubtful)), *result.extra} - {*SKELETON}
    unlisted = f"{JOURNAL} does not list {min(extra)}" if extra else None
    return result._replace(
        damaged=tuple(sorted({name for name in wrong if is_there(name, members)} | structure)),
        missing=tuple(sorted(name for name in wrong if not is_there(name, members))),
        extra=tuple(sorted(extra)),
        journal_error=result.journal_error or unlisted,
    )


def _badness(result: RunVerification) -> tuple[int, int]:
    """Of two readings of one file, the one that finds more commits is right."""
    return -len(result.good), len(result.damaged) + len(result.missing) + len(result.bad)
