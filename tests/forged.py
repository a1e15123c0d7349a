"""Runs whose sums are right and whose contents are not: what whoever may write to one can make."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from toy import chained

from deepvid.store.format.disk import digest_of
from deepvid.store.format.journal import START, decode, encode

OUT = "data.zarr/../../elsewhere"
FORGED: list[tuple[str, int, str, Any]] = [
    # what the fault names, the line, the field, what it is made
    ("summary", -1, "summary", None),
    ("summary", -1, "summary", []),
    ("summary.bytes is missing", -1, "summary", {}),
    ("summary.state", -1, "summary.state", "asleep"),
    ("summary.state", -1, "summary.state", ["finished"]),
    ("summary.bytes", -1, "summary.bytes", "many"),
    ("summary.bytes", -1, "summary.bytes", 10**400),
    ("summary.bytes", -1, "summary.bytes", -1),
    ("summary.stages", -1, "summary.stages", ["teacher"]),
    ("summary.stages", -1, "summary.stages", {"teacher": {"seconds": "long"}}),
    ("summary.epochs", -1, "summary.epochs", {"teacher": "two"}),
    ("summary.metrics", -1, "summary.metrics", {"test_accuracy": "good"}),
    ("summary.source", -1, "summary.source", {"name": "toy"}),
    ("time", -1, "time", "yesterday"),
    ("time", -1, "time", 1),
    ("time", -1, "time", None),
    ("time", -1, "time", "2026-01-01T00:00:00"),
    ("time", -1, "time", "9999-12-31T23:59:59+00:00"),
    ("path", 1, "path", 7),
    ("path", 1, "path", OUT),
    ("path", 1, "path", "/etc"),
    ("path", 1, "path", "wip/x"),
    ("metrics", 5, "metrics", {"test_accuracy": [1]}),
    ("metrics", 5, "metrics", []),
    ("details", 0, "details", "none"),
    ("details.config", 0, "details.config", []),
    ("details.config.dataset", 0, "details.config", {"dataset": ["toy"]}),
    ("details.config.seed", 0, "details.config.seed", "three"),
    ("details.provenance", 0, "details.provenance", None),
    ("details.provenance.packages", 0, "details.provenance", {"packages": ["jax"]}),
    ("details.provenance.checksums", 0, "details.provenance", {"checksums": [1]}),
    ("details.provenance.argv", 0, "details.provenance", {"argv": 5}),
    ("details.provenance.git", 0, "details.provenance", {"git": "0123"}),
    ("details.files", 1, "details.files", {"../../etc/passwd": "0" * 64}),
    ("details.files", 1, "details.files", {"label/c.0": "zz"}),
    ("details.arrays", 2, "details.arrays", ["../.."]),
    ("details.epochs", 2, "details.epochs", "2"),
    ("details.state", 3, "details.state", "on"),
    ("details.state", 3, "details.state", {"path": OUT, "digest": "0" * 64}),
    ("details.epoch", 3, "details.epoch", -1),
    ("version 0 in", 0, "details.version", 0),
    ("version -1 in", 0, "details.version", -1),
    ("version True in", 0, "details.version", True),
    ("version None in", 0, "details.version", None),
    ("is of kind 'stage'", 0, "kind", "stage"),
    ("a digest that is not that of its files", 1, "digest", "zz"),
    ("is epoch 0 of 'teacher' after 1", 4, "details.epoch", 0),
    ("is epoch 1 of 'teacher' after 0", 3, "details.epoch", 1),
    ("is epoch 1000000000000000000 of 'teacher'", 3, "details.epoch", 10**18),
    ("room for 1", 2, "details.epochs", 1),
    ("kind", -1, "kind", None),
    ("details.error", -1, "kind", "failed"),
]


def journal_with(run: Path, number: int, field: str, value: Any) -> bytes:
    """The journal of a run with one field forged, chained anew."""
    records = [json.loads(line) for line in (run / "journal.jsonl").read_bytes().splitlines()]
    *outer, last = field.split(".")
    target = records[number]
    for name in outer:
        target = target[name]
    target[last] = value
    return chained(records)


def rewrite_stage(
    run: Path,
    stage: str,
    change: Callable[[dict[str, Any]], None] = lambda array: None,
    *,
    group: Callable[[Path, dict[str, Any]], object] = lambda path, document: None,
    names_files: bool = True,
    version: int | None = None,
) -> None:
    """`change` gets the document of each array, `group` the folder and the document of the group itself; a
    journal without `names_files` is an early DeepVID's, and a `version` is that of a later one."""
    journal, lines, prev = run / "journal.jsonl", b"", START
    for seq, line in enumerate(journal.read_bytes().splitlines()):
        record = json.loads(line)
        if record["kind"] == "stage" and record["name"] == stage:
            _rewrite_group(run / record["path"], record, change, group, version)
        if not names_files:
            record["details"].pop("files", None)
            (record["details"].get("state") or {}).pop("files", None)
        fields = {name: value for name, value in record.items() if name not in ("seq", "prev", "sum")}
        lines += encode(seq, prev, fields)
        prev = decode(lines.splitlines()[-1], journal).sum
    journal.write_bytes(lines)


def without(name: str) -> Callable[[Path, dict[str, Any]], object]:
    """A group that lacks a variable or an attribute."""

    def remove(path: Path, document: dict[str, Any]) -> None:
        if document["attributes"].pop(name, None) is None:
            del document["consolidated_metadata"]["metadata"][name]
            shutil.rmtree(path / name)

    return remove


Edit = Callable[[Path, dict[str, Any]], object]
"""Gets the folder of a group and its document."""


def with_attribute(name: str, value: Any) -> Edit:
    """A group that says something else."""
    return lambda path, document: document["attributes"].update({name: value})


def with_numbers(variable: str, value: float) -> Edit:
    """A group whose variable is this number everywhere."""

    def fill(path: Path, document: dict[str, Any]) -> None:
        dtype = np.dtype(document["consolidated_metadata"]["metadata"][variable]["data_type"])
        for file in (path / variable).glob("c*"):
            file.write_bytes(np.full(file.stat().st_size // dtype.itemsize, value, dtype).tobytes())

    return fill


def with_layer(**fields: Any) -> Edit:
    """Layers of which the first one is described otherwise."""
    return lambda path, document: document["attributes"]["columns"][0].update(fields)


STAGES: list[tuple[str, Edit, str]] = [
    ("dataset", with_numbers("label", 2**31 - 1), "has no other one. Found: class 2147483647"),
    ("dataset", with_numbers("label", -1), "has no other one. Found: class -1"),
    ("dataset", with_attribute("class_names", ["all"]), "1 classes has no other one"),
    ("dataset", with_attribute("table_columns", [7]), "not a list of columns"),
    ("data-check", with_attribute("found", 7), "found is 7, not an object of whole numbers"),
    ("data-check", with_attribute("found", {"copied": "many"}), "not an object of whole numbers"),
    ("data-check", with_attribute("sentences", [[]]), "not a list of texts"),
    ("data-check", with_attribute("unknown", "x"), "not a list of texts"),
    ("data-check", with_attribute("near_copies", []), "near_copies is [], not an object"),
    (
        "data-check",
        with_attribute("near_copies", {"compared": 1, "nearer_share": 0.5, "z": "high"}),
        "z is 'high', not a number",
    ),
    ("network", with_numbers("probe", 255), "has no other one. Found: class 255"),
    ("network", with_attribute("columns", []), "described. Found: 0 of 3"),
    ("network", with_attribute("columns", {"x": 7}), "not a list of layers"),
    ("network", with_layer(name=7), "not a list of layers"),
    ("network", with_layer(shape=[-1]), "not a list of layers"),
    ("network", with_layer(receptive_field={}), "not a list of layers"),
    ("network", with_layer(accuracy=[0.5]), "not a list of layers"),
    ("network", with_layer(neighbors_kept=7), "not a list of layers"),
    ("network", with_layer(units=None), "not a list of layers"),
    ("network", with_attribute("neighbors", -1), "neighbors is -1, not a whole number from 0"),
    ("network", with_attribute("never", None), "never is None, not a value and its interval"),
    ("network", with_attribute("bases", 7), "bases is 7, not a list of texts"),
]
"""(stage, what is forged in it, what the refusal says)"""


def _rewrite_group(
    group: Path,
    record: dict[str, Any],
    change: Callable[[dict[str, Any]], None],
    edit: Callable[[Path, dict[str, Any]], object],
    version: int | None,
) -> None:
    document = json.loads((group / "zarr.json").read_text())
    edit(group, document)
    if version is not None:
        document["attributes"]["encoding-version"] = version
    for name, array in document["consolidated_metadata"]["metadata"].items():
        change(array)
        (group / name / "zarr.json").write_text(json.dumps(array))
    (group / "zarr.json").write_text(json.dumps(document))
    files = {path.relative_to(group).as_posix(): path for path in group.rglob("*") if path.is_file()}
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}
    record["details"]["files"], record["digest"] = sums, digest_of(sums)
