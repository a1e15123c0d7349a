"""The groups above those that a journal lists: empty ones, and in an archive a root that knows all."""

import json
from collections.abc import Mapping
from typing import Any

from deepvid.store.archive.sources import Source, read
from deepvid.store.archive.survey import TREE

ROOT = f"{TREE}/zarr.json"
SKELETON = (ROOT, *(f"{TREE}/{kind}/zarr.json" for kind in ("stage", "series", "state")))
"""Their documents. No line of the journal has a digest for them: all they say is that they are groups."""

PLAIN = {"zarr_format": 3, "node_type": "group", "attributes": {}}


def plain_root() -> bytes:
    """The root of a run that may still grow."""
    return _document(PLAIN)


def consolidated_root(sources: Mapping[str, Source]) -> bytes:
    """The root of an archive, with the metadata of every group and array: one read opens them all."""
    inline = {"kind": "inline", "must_understand": False, "metadata": _metadata(sources)}
    return _document({**PLAIN, "consolidated_metadata": inline})


def unsound(sources: Mapping[str, Source]) -> list[str]:
    """Which documents of the skeleton are not what they must be, or not there."""
    return [name for name in SKELETON if not _sound(name, sources)]


def _sound(name: str, sources: Mapping[str, Source]) -> bool:
    try:
        document = json.loads(read(sources[name]))
        inline = document.pop("consolidated_metadata", None)
        whole = inline is None or inline["metadata"] == _metadata(sources)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(document == PLAIN and whole)


def _metadata(sources: Mapping[str, Source]) -> dict[str, Any]:
    """What every document below the root says, without copies of what others say."""
    documents: dict[str, Any] = {}
    for name in sorted(sources):
        if name.startswith(f"{TREE}/") and name.endswith("/zarr.json") and name != ROOT:
            document = json.loads(read(sources[name]))
            document.pop("consolidated_metadata", None)
            documents[name.removeprefix(f"{TREE}/").removesuffix("/zarr.json")] = document
    return documents


def _document(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
