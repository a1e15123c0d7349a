"""A smaller run: lines left out, series cropped, the journal chained anew, and one last line that says so."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from deepvid.errors import DamagedError
from deepvid.fields import TRAINING
from deepvid.store.archive.contents import Listed, contents
from deepvid.store.format.disk import digest_of
from deepvid.store.format.journal import START, Commit, decode, encode
from deepvid.store.format.sources import Source, Stretch, read, size_of, sums_of
from deepvid.store.reading.groups import Series, series_of
from deepvid.store.reading.reader import Run

IMAGES, OF_STAGE, VARIABLE = "images", "dataset", "image"
"""`--without images` takes this variable of this stage away; labels and the split stay."""


class File(NamedTuple):
    """A file of a run and the sha256 that its journal has for it."""

    source: Source
    sha256: str

    def document(self, name: str) -> bytes:
        """All bytes of a small file. Raises DamagedError where they are not those that were committed."""
        data = read(self.source)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise damaged(name)
        return data


def damaged(name: str) -> DamagedError:
    return DamagedError(
        "Only an undamaged run is archived",
        f"{name} holds other bytes than the journal says",
        "See what else is damaged: deepvid verify RUN. Leave that stage out: --without STAGE",
    )


class ReducedRun(NamedTuple):
    """Rest of a run: its journal and the files that it lists, by name."""

    journal: bytes
    files: dict[str, File]


class Plan(NamedTuple):
    """Plan of what becomes smaller: `cropped` are series with room for epochs that are not committed."""

    left_out: Collection[str]
    cropped: dict[tuple[str, str], Series]

    def keeps(self, commit: Commit) -> bool:
        return family(commit) not in self.left_out

    def lost(self, commit: Commit) -> dict[str, Any] | None:
        """Losses of the group of a line; None where it stays whole."""
        if commit.kind == "stage":
            without = commit.name == OF_STAGE and IMAGES in self.left_out
            return {"without": [VARIABLE]} if without else None
        series = self.cropped.get((commit.name, commit.key))
        return None if series is None else {"epochs": series.epochs, "planned": series.planned}


def family(commit: Commit) -> str:
    """The stage that a line belongs to, without the number of its batch."""
    return _family(commit.name) if commit.kind in ("stage", "series", "epoch") else ""


def _family(name: str) -> str:
    return "teacher" if name == TRAINING else name.partition("/")[0]


def reduce_run(run: Run, left_out: Collection[str], present: Collection[str]) -> ReducedRun:
    """The run without some stages or IMAGES; its journal stays as it is where nothing is lost.

    `present` are the names of all its files. Raises FileNotFoundError for one that is not there.
    """
    lines = (run.path / "journal.jsonl").read_bytes().split(b"\n")[: len(run.commits)]
    series = series_of(run.location, run.commits)
    cropped = {key: begun for key, begun in series.items() if begun.epochs < begun.planned}
    plan = Plan(left_out, cropped)
    listed = contents(run.commits, present)
    if all(plan.keeps(commit) and plan.lost(commit) is None for commit in run.commits):
        files = {name: file for group in listed for name, file in files_of(run.path, group).items()}
        return ReducedRun(b"".join(line + b"\n" for line in lines), files)
    return _reduced(run, lines, listed, plan)


def _reduced(run: Run, lines: list[bytes], listed: list[Listed], plan: Plan) -> ReducedRun:
    kept_files: dict[str, File] = {}
    chained, prev = [], START
    records = [json.loads(line) for line in lines]
    wanted = [(c, record) for c, record in zip(run.commits, records, strict=True) if plan.keeps(c)]
    records_by_line = {commit.seq: record for commit, record in wanted}
    for group in listed:
        if record := records_by_line.get(group.commit.seq):
            kept_files.update(_move(group.commit, record, group, files_of(run.path, group), plan))
    last = _archived(records[-1], run.commits[-1], plan, kept_files)
    for seq, record in enumerate([*(record for _, record in wanted), last]):
        fields = {name: value for name, value in record.items() if name not in ("seq", "prev", "sum")}
        chained.append(encode(seq, prev, fields))
        prev = decode(chained[-1][:-1], run.path).sum
    return ReducedRun(b"".join(chained), kept_files)


def _move(
    commit: Commit, record: dict[str, Any], group: Listed, files: dict[str, File], plan: Plan
) -> dict[str, File]:
    """One group as it will be, with its line changed to fit.

    A group that lost something gets a key and a path of its own, so that no run takes it for the whole one.
    """
    inner = {name[len(group.root) + 1 :]: file for name, file in files.items()}
    lost = plan.lost(commit)
    # `sealed` is what holds the digest: the line, or in it what it says of its training state
    sealed, details, root = record, record["details"], group.root
    if group.root != commit.path:
        sealed = details = record["details"]["state"]
    elif lost is not None:
        inner = _smaller(commit, inner, lost)
        record["key"] = _key_without(commit.key, lost)
        record["path"] = root = f"{root.rpartition('-')[0]}-{record['key']}"
        if commit.kind != "epoch":
            details["whole"] = {"key": commit.key, "digest": commit.digest, **lost}
        if commit.kind == "series":
            details["epochs"] = lost["epochs"]
    details["files"] = {name: file.sha256 for name, file in inner.items()}
    sealed["digest"] = digest_of(details["files"])
    return {f"{root}/{name}": file for name, file in inner.items()}


def _key_without(key: str, lost: dict[str, Any]) -> str:
    text = json.dumps([key, lost], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _smaller(commit: Commit, files: dict[str, File], lost: dict[str, Any]) -> dict[str, File]:
    if commit.kind == "stage":
        kept = {name: file for name, file in files.items() if not name.startswith(f"{VARIABLE}/")}
        return _edited(commit, kept, "zarr.json", lambda group: _metadata(group).pop(VARIABLE))
    if commit.kind == "series":
        for array in commit.details["arrays"]:
            name = f"{array}/zarr.json"
            files = _edited(commit, files, name, lambda document: _crop(document, lost["epochs"]))

        def crop(group: dict[str, Any]) -> None:
            for array in commit.details["arrays"]:
                _crop(_metadata(group)[array], lost["epochs"])

        return _edited(commit, files, "zarr.json", crop)
    return files


def _edited(
    commit: Commit, files: dict[str, File], name: str, edit: Callable[[dict[str, Any]], object]
) -> dict[str, File]:
    """The `files` of a commit's group with one metadata document changed."""
    document = json.loads(files[name].document(f"{commit.path}/{name}"))
    edit(document)
    data = json.dumps(document, indent=2).encode()
    return {**files, name: File(data, hashlib.sha256(data).hexdigest())}


def _metadata(group: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = group["consolidated_metadata"]["metadata"]
    return metadata


def _crop(array: dict[str, Any], epochs: int) -> None:
    array["shape"][0] = epochs


def _archived(record: dict[str, Any], last: Commit, plan: Plan, files: Mapping[str, File]) -> dict[str, Any]:
    """The line that says what is not there any more; all of it follows from the run, its time too."""
    summary = {**record["summary"], "bytes": sum(size_of(file.source) for file in files.values())}
    for table in ("stages", "epochs"):
        names = summary.get(table, {})
        summary[table] = {name: value for name, value in names.items() if name not in plan.left_out}
    details = {
        "without": sorted(plan.left_out),
        "cropped": {
            name: [series.epochs, series.planned]
            for (name, _), series in plan.cropped.items()
            if _family(name) not in plan.left_out
        },
        "original": last.sum,
    }
    fields = {"kind": "archived", "name": "", "key": "", "path": "", "digest": "", "metrics": {}}
    return {"time": last.time, **fields, "details": details, "summary": summary}


def files_of(folder: Path, group: Listed) -> dict[str, File]:
    """The files of one group of a run; what an early run did not write down is computed.

    Raises FileNotFoundError, and DamagedError where an early run's group has other files than were committed.
    """
    sources = {name: Stretch.whole(folder / name) for name in group.names}
    if group.sums is not None:
        return {name: File(source, group.sums[name]) for name, source in sources.items()}
    sums = {name: sums_of(source).sha256 for name, source in sources.items()}
    if digest_of({name[len(group.root) + 1 :]: value for name, value in sums.items()}) != group.digest:
        raise damaged(group.root)
    return {name: File(source, sums[name]) for name, source in sources.items()}
