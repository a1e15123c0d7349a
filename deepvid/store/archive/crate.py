"""The RO-Crate metadata of an archive: what it is, where it comes from, and what ran, for other programs.

Source: RO-Crate 1.1, https://w3id.org/ro/crate/1.1, and its terms for provenance of processes.
"""

import json
from typing import Any

from deepvid.store.format.journal import Commit
from deepvid.store.format.names import CRATE, JOURNAL, MANIFEST, TREE
from deepvid.store.format.schema import CRATE_FORM

_MAKER, _LICENSE = "#maker", "#license"


def crate(run_id: str, first: Commit, last: Commit) -> bytes:
    """The document of a run, a function of its journal alone: an old run keeps the form it had."""
    config, provenance = first.details["config"], first.details["provenance"]
    root, named = _root(run_id, config, last), []
    if first.details.get("crate", 1) >= CRATE_FORM:
        named = [_maker(), _license(config)]
        root |= {"license": {"@id": _LICENSE}, "author": {"@id": _MAKER}, "publisher": {"@id": _MAKER}}
    about = [
        _descriptor(),
        root,
        *named,
        {"@id": JOURNAL, "@type": "File", "name": "Journal", "encodingFormat": "application/jsonl"},
        {"@id": f"{TREE}/", "@type": "Dataset", "name": "Zarr v3 groups", "encodingFormat": "Zarr v3"},
        {"@id": MANIFEST, "@type": "File", "name": "SHA-256 of every file", "encodingFormat": "text/plain"},
        _action(config, provenance, first, last),
        *_software(provenance),
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": about}
    return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _descriptor() -> dict[str, Any]:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }


def _maker() -> dict[str, Any]:
    """A journal names nobody; whoever publishes an archive can say more beside it."""
    return {"@id": _MAKER, "@type": "Organization", "name": "Whoever ran this experiment with DeepVID"}


def _license(config: dict[str, Any]) -> dict[str, Any]:
    source = config.get("dataset", {}).get("source", "its data")
    return {
        "@id": _LICENSE,
        "@type": "CreativeWork",
        "name": f"The license of the data it was made from ({source})",
        "description": "An archive holds images of that data, and what was computed from them.",
    }


def _root(run_id: str, config: dict[str, Any], last: Commit) -> dict[str, Any]:
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": run_id,
        "name": str(config.get("name", run_id)),
        "description": f"A run of DeepVID, with everything that was computed: {run_id}",
        "datePublished": last.time,
        "license": "The license of the data it was made from",
        "hasPart": [{"@id": JOURNAL}, {"@id": f"{TREE}/"}, {"@id": MANIFEST}],
        "mentions": {"@id": "#run"},
    }


def _action(
    config: dict[str, Any], provenance: dict[str, Any], first: Commit, last: Commit
) -> dict[str, Any]:
    checksums = provenance.get("checksums", {})
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of {config.get('name', 'an experiment')}",
        "startTime": first.time,
        "endTime": last.time,
        "instrument": [{"@id": entity["@id"]} for entity in _software(provenance)],
        "result": {"@id": "./"},
        "description": json.dumps({"config": config, "checksums": checksums}, sort_keys=True),
    }


def _software(provenance: dict[str, Any]) -> list[dict[str, Any]]:
    versions = {"Python": str(provenance.get("python", "")).partition(" ")[0]}
    packages = provenance.get("packages", {})
    versions |= {name: packages[name] for name in ("deepvid", "jax", "numpy", "zarr") if name in packages}
    return [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for name, version in versions.items()
        if version
    ]
