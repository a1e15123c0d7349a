"""Pieces that tests of toy runs share."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import xarray as xr

KEYS = [letter * 64 for letter in "abcdef"]


def described(dataset: xr.Dataset) -> xr.Dataset:
    """A group as a person's own stage has it: every variable says itself what it is."""
    for name, variable in dataset.variables.items():
        variable.attrs.update(long_name=f"toy {name}", units="1")
    return dataset


def chained(records: Iterable[dict[str, Any]]) -> bytes:
    """A journal of these records, numbered and chained as anybody could: nothing of ours looks at them."""
    data, prev = b"", "0" * 64
    for seq, record in enumerate(records):
        fields = {name: value for name, value in record.items() if name not in ("seq", "prev", "sum")}
        body = json.dumps({"seq": seq, "prev": prev, **fields}, separators=(",", ":")).encode()[:-1]
        prev = hashlib.sha256(body).hexdigest()
        data += body + b',"sum":"' + prev.encode() + b'"}\n'
    return data
