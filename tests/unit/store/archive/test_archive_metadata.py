"""The metadata of an archive, written anew from what docs/store_format.md says of it, byte for byte."""

import json
import zipfile
from pathlib import Path
from typing import Any

from deepvid.store import open_run, open_writer, write_archive

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def text_of(value: str) -> str:
    return '"' + "".join(ESCAPES.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in value) + '"'


def lines_of(value: Any, indent: int = 0) -> str:
    """JSON of texts, lists and objects, as the page lays it out."""
    if isinstance(value, str):
        return text_of(value)
    inside, end = "\n" + " " * (indent + 1), "\n" + " " * indent
    if isinstance(value, dict):
        members = [f"{text_of(name)}: {lines_of(value[name], indent + 1)}" for name in sorted(value)]
        brackets = "{}"
    else:
        members, brackets = [lines_of(member, indent + 1) for member in value], "[]"
    written = inside + f",{inside}".join(members) + end if members else ""
    return brackets[0] + written + brackets[1]


def to(name: str) -> dict[str, str]:
    return {"@id": name}


def entity(at: str, kind: str, /, **fields: Any) -> dict[str, Any]:
    return {"@id": at, "@type": kind, **fields}


def metadata(journal: bytes) -> bytes:
    first, *_, last = map(json.loads, journal.splitlines())
    details = first["details"]
    config, provenance, run = details["config"], details["provenance"], details["id"]
    packages = provenance.get("packages", {})
    versions = {"Python": provenance.get("python", "").partition(" ")[0]}
    versions |= {name: packages.get(name, "") for name in ("deepvid", "jax", "numpy", "zarr")}
    software = [
        entity(f"#{name}", "SoftwareApplication", name=name, softwareVersion=version)
        for name, version in versions.items()
        if version
    ]
    new = details.get("crate") == 2
    rights: dict[str, Any] = {"license": "The license of the data it was made from"}
    if new:
        rights = {"license": to("#license"), "author": to("#maker"), "publisher": to("#maker")}
    source = config.get("dataset", {}).get("source", "its data")
    maker = [
        entity("#maker", "Organization", name="Whoever ran this experiment with DeepVID"),
        entity(
            "#license",
            "CreativeWork",
            name=f"The license of the data it was made from ({source})",
            description="An archive holds images of that data, and what was computed from them.",
        ),
    ]
    graph = [
        entity(
            "ro-crate-metadata.json",
            "CreativeWork",
            conformsTo=to("https://w3id.org/ro/crate/1.1"),
            about=to("./"),
        ),
        entity(
            "./",
            "Dataset",
            identifier=run,
            name=config.get("name", run),
            description=f"A run of DeepVID, with everything that was computed: {run}",
            datePublished=last["time"],
            hasPart=[to("journal.jsonl"), to("data.zarr/"), to("manifest-sha256.txt")],
            mentions=to("#run"),
            **rights,
        ),
        *(maker if new else []),
        entity("journal.jsonl", "File", name="Journal", encodingFormat="application/jsonl"),
        entity("data.zarr/", "Dataset", name="Zarr v3 groups", encodingFormat="Zarr v3"),
        entity("manifest-sha256.txt", "File", name="SHA-256 of every file", encodingFormat="text/plain"),
        entity(
            "#run",
            "CreateAction",
            name=f"Run of {config.get('name', 'an experiment')}",
            startTime=first["time"],
            endTime=last["time"],
            instrument=[to(one["@id"]) for one in software],
            result=to("./"),
            description=json.dumps(  # `, ` and `: `, all but ASCII escaped: the page describes Python's form
                {"config": config, "checksums": provenance.get("checksums", {})}, sort_keys=True
            ),
        ),
        *software,
    ]
    return (lines_of({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}) + "\n").encode()


def stored(file: Path) -> tuple[bytes, bytes]:
    with zipfile.ZipFile(file) as archive:
        return archive.read("journal.jsonl"), archive.read("ro-crate-metadata.json")


def test_the_page_tells_all_of_the_first_form() -> None:
    journal, found = stored(GOLDEN)
    assert b'"crate"' not in journal
    assert metadata(journal) == found


def test_the_page_tells_all_of_the_second_form(tmp_path: Path) -> None:
    config = {"name": 'Käfer "á"\t\u2028', "seed": 3, "dataset": {"source": "Tür\x7f", "size": []}}
    provenance = {"python": "3.11.7 (main)", "packages": {"zarr": "3.1", "deepvid": "0.1", "other": "1"}}
    for run_id, said in (("all-1", (config, provenance)), ("nothing-1", ({}, {}))):
        with open_writer(tmp_path, run_id, config=said[0], provenance=said[1]) as writer:
            writer.finish()
        file = write_archive(open_run(tmp_path / run_id), tmp_path / f"{run_id}.zip")
        journal, found = stored(file)
        assert b'"crate":2' in journal
        assert metadata(journal) == found
