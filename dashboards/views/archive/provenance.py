"""How a run was made: what, when, with which versions, from which data, by which command."""

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from dashboards.data import sentences
from dashboards.kit.elements import Box, Icon, text
from dashboards.kit.forms import Copy
from dashboards.views.archive.tab import Sheet, Tab, run_of
from deepvid import wording
from deepvid.store import Run, RunListing

Rows = list[list[str]]  # [name, value]
COPY = Icon("M5.5 5.5h8v8h-8z M10.5 5.5v-3h-8v8h3")
_HASH = re.compile("[0-9a-f]{64}")  # too long for a column: on a line of its own


class Section(NamedTuple):
    """Some of what a run says of itself."""

    title: str
    rows: Rows
    folded: bool = False  # opened by a click


class ProvenanceTab(Tab):
    """Everything can be copied: one value, the command, or all of it as JSON."""

    def sheet(self, listing: RunListing) -> Sheet:
        run = run_of(listing)
        made = command(run)
        line = Box((text(made, tag="code"), _copy("the command", made)), look="command") if made else None
        everything = text(Copy(("Copy all as JSON",), as_json(run), look="action"), tag="p")
        return Sheet(
            provenance_title(run), children=(line, *map(_section, provenance_sections(run)), everything)
        )


def _section(section: Section) -> Box:
    cells = Box(tuple(cell for name, value in section.rows for cell in _cells(name, value)), "dl")
    if section.folded:
        return Box((text(section.title, tag="summary"), cells), "details")
    return Box((text(section.title, tag="h3"), cells), "section")


def _cells(name: str, value: str) -> tuple[Box, Box]:
    look = "hash" if _HASH.fullmatch(value) else ""
    return text(name, tag="dt", look=look), text(text(value), _copy(name, value), tag="dd", look=look)


def _copy(name: str, value: str) -> Copy:
    return Copy((COPY,), value, hint=f"Copy {name}", label=f"Copy {name}", look="plain copy")


def provenance_title(run: Run) -> str:
    """One sentence: when, by which version, from what."""
    packages = run.provenance.get("packages", {})
    version = f" by DeepVID {packages['deepvid']}" if "deepvid" in packages else ""
    created = run.summary.get("created", "")
    source = run.summary.get("source")
    return f"Made {wording.moment(created)}{version}" + (f" from {source}" if source else "")


def provenance_sections(run: Run) -> list[Section]:
    """The sections that a person reads; empty ones are left out."""
    config = _rows(run.config)
    packages = sorted([name, str(version)] for name, version in run.provenance.get("packages", {}).items())
    sections = (
        Section("Results", _results(run)),
        Section("The model that it explains", _model(run)),
        Section("Stages", _stages(run)),
        Section("Data, with the sha256 of each file", _data(run)),
        Section("Made with", _origin(run.provenance)),
        Section(f"{len(config)} settings", config, folded=True),
        Section(f"{len(packages)} packages", packages, folded=True),
    )
    return [section for section in sections if section.rows]


def command(run: Run) -> str:
    """The command as it was typed, ready to be typed again; empty where it is not known."""
    argv = [str(word) for word in run.provenance.get("argv", [])]
    if not argv:
        return ""
    program = PurePath(argv[0]).name
    return shlex.join(["deepvid" if program == "__main__.py" else program, *argv[1:]])


def as_json(run: Run) -> str:
    """All that the run says of itself, for a paper's supplement or a bug report."""
    record = {
        "run": run.id,
        "command": command(run),
        "summary": run.summary,
        "stages": {
            name: {"key": s.key, "time": s.time, "sha256": s.digest} for name, s in run.stages.items()
        },
        "data": checksums(run),
        "config": run.config,
        "provenance": run.provenance,
    }
    return json.dumps(record, indent=2, ensure_ascii=False, default=str)


def checksums(run: Run) -> dict[str, str]:
    """sha256 of the data files, by name."""
    sums = dict(run.provenance.get("checksums", {}))
    if "dataset" in run.stages:
        sums |= run.stages["dataset"].open().attrs.get("checksums", {})
    return sums


def _results(run: Run) -> Rows:
    metrics, epochs = run.summary.get("metrics", {}), run.summary.get("epochs", {})
    rows = [[name.replace("_", " "), wording.number(value)] for name, value in metrics.items()]
    return rows + [[f"epochs of {name}", str(count)] for name, count in epochs.items()]


def _model(run: Run) -> Rows:
    """Of one that somebody else has trained: what it is, and whether it sees what it would have seen."""
    attrs = run.stages["teacher"].open().attrs if "teacher" in run.stages else {}
    if "model" not in attrs:
        return []
    rows = [["name", str(attrs["model"]["name"])], ["sha256", _text(attrs["model"]["sha256"])]]
    if said := sentences.resized(attrs.get("resized")):
        rows.append(["resized", said])
    return [row for row in rows if row[1]]


def _stages(run: Run) -> Rows:
    """When each stage was committed and how long it took; the batches of one family make one row."""
    batches: dict[str, int] = {}
    notes: dict[str, str] = {}
    for name, stage in run.stages.items():
        batches[stage.family] = batches.get(stage.family, 0) + 1
        if name.startswith("projection-"):
            notes[name] = stage.open().attrs.get("note", "")
    return [
        [name, _stage(facts, batches.get(name, 1), notes.get(name, ""))]
        for name, facts in run.summary.get("stages", {}).items()
    ]


def _stage(facts: Mapping[str, Any], batches: int, note: str) -> str:
    phrases = [wording.moment(facts.get("time", ""))]
    if facts.get("seconds"):
        phrases.append(f"took {wording.duration(facts['seconds'])}")
    if batches > 1:
        phrases.append(f"{batches} batches")
    if note:
        phrases.append(note)
    return " · ".join(phrases)


def _data(run: Run) -> Rows:
    source = run.config.get("dataset", {}).get("source")
    rows = [["source", str(source)]] if source else []
    rows += [[name, value] for name, value in sorted(checksums(run).items())]
    attrs = run.stages["dataset"].open().attrs if "dataset" in run.stages else {}
    rows += [["changed", str(note)] for note in attrs.get("notes", ())]
    return rows + [["skipped", f"{name}: {why}"] for name, why in dict(attrs.get("skipped", {})).items()]


def _origin(provenance: Mapping[str, Any]) -> Rows:
    git, cpu = provenance.get("git"), provenance.get("cpu", {})
    rows = [
        ["seeds", _text(provenance.get("seeds"))],
        ["commit", f"{git['commit']}{', with changes' if git['dirty'] else ''}" if git else ""],
        ["python", str(provenance.get("python", "")).split(" (")[0]],
        ["system", str(provenance.get("os", ""))],
        ["processor", f"{cpu.get('model', '')}, {cpu.get('cores', '?')} cores" if cpu else ""],
        ["devices", ", ".join(provenance.get("devices", []))],
        *([name, str(value)] for name, value in provenance.get("environment", {}).items()),
    ]
    return [row for row in rows if row[1]]


def _rows(table: Mapping[str, Any]) -> Rows:
    return [[path, _text(value)] for path, value in _flat(table)]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for index, item in enumerate(value):
                yield from _flat(item, f"{prefix}{name}.{index}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
