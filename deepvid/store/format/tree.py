"""The groups above those that a journal lists: empty ones, and in an archive a root that knows all."""

import json
from collections.abc import Callable, Collection
from typing import Any

from deepvid.store.format.names import TREE

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
    """What every document below the root says, without copies of what others say."""
    documents: dict[str, Any] = {}
    for name in sorted(names):
        if name.startswith(f"{TREE}/") and name.endswith("/zarr.json") and name != ROOT:
            document = json.loads(read(name))
            document.pop("consolidated_metadata", None)
            documents[name.removeprefix(f"{TREE}/").removesuffix("/zarr.json")] = document
    return documents
