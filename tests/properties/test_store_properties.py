"""Truths about the store that hold for any state and any damage."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from deepvid.errors import DamagedError
from deepvid.store.format.forms import LARGEST
from deepvid.store.format.journal import START, Journal, decode, encode
from deepvid.store.format.state import pack, unpack

ARRAYS = stn.arrays(
    st.one_of(stn.floating_dtypes(endianness="<"), stn.integer_dtypes(), stn.boolean_dtypes()),
    stn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)


@given(st.dictionaries(st.text(max_size=8), ARRAYS, max_size=4))
def test_a_state_comes_back_bit_for_bit(state: dict[str, Any]) -> None:
    found = unpack(pack(state))
    assert list(found) == list(state)
    for name, array in state.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


def _fields(name: str, metrics: dict[str, float]) -> dict[str, Any]:
    """Fields of a stage's line beside its place in the chain."""
    summary = {"state": "running", "bytes": 0, "stages": {}, "epochs": {}, "metrics": {}}
    kind = "stage" if name != "stage-0" else "created"
    texts = {"kind": kind, "name": name, "time": "2026-01-01T00:00:00+00:00", "key": "", "path": ""}
    return {
        **texts,
        "digest": "",
        "metrics": metrics,
        "details": {"version": 1, "config": {}, "provenance": {}},
        "summary": summary,
    }


def _journal(lines: int) -> bytes:
    data, prev = b"", START
    for seq in range(lines):
        line = encode(seq, prev, _fields(f"stage-{seq}", {}))
        data, prev = data + line, decode(line[:-1], Path("journal")).sum
    return data


WHOLE = _journal(4)


def _read(data: bytes) -> Journal:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        journal.path.write_bytes(data)
        journal.poll()
        return journal


@given(st.integers(0, len(WHOLE)))
def test_a_journal_cut_anywhere_reads_as_its_complete_lines(length: int) -> None:
    journal = _read(WHOLE[:length])
    assert len(journal.commits) == WHOLE[:length].count(b"\n")
    assert WHOLE[: journal.size].endswith(b"\n") or journal.size == 0


@given(st.integers(0, len(WHOLE) - 2), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(position: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[position] ^= change
    with pytest.raises(DamagedError):
        _read(bytes(data))


@given(st.dictionaries(st.text(max_size=5), st.floats() | st.integers(-LARGEST + 1, LARGEST - 1), max_size=3))
def test_any_metrics_survive_their_line(metrics: dict[str, float]) -> None:
    line = encode(0, START, _fields("", metrics))
    found = decode(line[:-1], Path("journal")).metrics
    assert list(found) == list(metrics)
    for name, value in metrics.items():
        finite = not isinstance(value, float) or np.isfinite(value)
        assert found[name] == value if finite else np.isnan(found[name])
