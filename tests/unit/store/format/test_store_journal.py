"""The journal: lines, chain, torn tails, damage, and reading only what was appended."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

from deepvid.errors import DamagedError, NewerFormatError
from deepvid.store.format.journal import START, Journal, JournalWriter, LocalJournal, decode, encode

FIELDS: dict[str, Any] = {
    "kind": "stage",
    "time": "2026-01-01T00:00:00.000+00:00",
    "name": "dataset",
    "key": "a" * 64,
    "path": "",
    "digest": "",
    "metrics": {},
    "details": {},
    "summary": {"state": "running", "bytes": 0, "stages": {}, "epochs": {}, "metrics": {}},
}
CREATED: dict[str, Any] = {
    **FIELDS,
    "kind": "created",
    "details": {"version": 1, "config": {}, "provenance": {}},
}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def test_a_line_is_json_whose_sum_anybody_can_check() -> None:
    line = encode(0, START, FIELDS)
    body = line.split(b',"sum":')[0]
    assert json.loads(line)["sum"] == hashlib.sha256(body).hexdigest()
    assert json.loads(line)["prev"] == "0" * 64
    assert line.endswith(b'"}\n')
    assert line.count(b"\n") == 1


def test_lines_are_chained_by_their_sums(journal: Journal) -> None:
    writer = JournalWriter(journal)
    first, second = writer.append(CREATED), writer.append(FIELDS)
    assert (first.seq, second.seq) == (0, 1)
    assert second.prev == first.sum
    assert Journal(journal.path).poll()


def test_a_diverged_metric_survives_as_nan() -> None:
    commit = decode(encode(0, START, {**FIELDS, "metrics": {"loss": math.nan}})[:-1], Path("journal"))
    assert math.isnan(commit.metrics["loss"])


def test_an_idle_poll_reads_nothing_and_a_busy_one_only_the_new_lines(
    journal: Journal,
) -> None:
    asked: list[int] = []

    class Watched(LocalJournal):
        def read(self, offset: int) -> bytes:
            asked.append(offset)
            return super().read(offset)

    writer, reader = JournalWriter(journal), Journal(Watched(journal.path))
    writer.append(CREATED)
    assert reader.poll()
    first_line = journal.path.stat().st_size
    assert not reader.poll()
    assert asked == [0]
    writer.append(FIELDS)
    assert reader.poll()
    assert asked == [0, first_line]
    assert len(reader.commits) == 2


def test_a_tail_without_its_newline_is_not_there_yet(journal: Journal) -> None:
    line = encode(0, START, CREATED)
    journal.path.write_bytes(line[:-1])
    assert not journal.poll()
    journal.path.write_bytes(line)
    assert journal.poll()


def test_damage_is_reported_and_the_last_good_state_kept(journal: Journal) -> None:
    writer, reader = JournalWriter(journal), Journal(journal.path)
    writer.append(CREATED)
    reader.poll()
    with journal.path.open("ab") as file:
        file.write(encode(1, reader.commits[0].sum, FIELDS).replace(b"dataset", b"datasex"))
    with pytest.raises(DamagedError, match="checksum does not match"):
        reader.poll()
    assert len(reader.commits) == 1


def test_a_line_of_another_chain_is_damage(journal: Journal) -> None:
    journal.path.write_bytes(encode(0, START, CREATED) + encode(1, START, FIELDS))
    with pytest.raises(DamagedError, match="line 2 does not follow"):
        journal.poll()


def test_a_reader_follows_when_a_line_was_taken_back_and_another_written(journal: Journal) -> None:
    writer, reader = JournalWriter(journal), Journal(journal.path)
    first = writer.append(CREATED)
    with journal.path.open("ab") as file:
        file.write(encode(1, first.sum, {**FIELDS, "name": "lost"}))
    assert reader.poll()
    assert [commit.name for commit in reader.commits] == ["dataset", "lost"]
    with journal.path.open("r+b") as file:
        file.truncate(journal.size)
    writer.append({**FIELDS, "name": "kept-instead"})
    assert reader.poll()
    assert [commit.name for commit in reader.commits] == ["dataset", "kept-instead"]


def test_a_journal_of_a_later_version_says_so(journal: Journal) -> None:
    journal.path.write_bytes(encode(0, START, {**FIELDS, "kind": "created", "details": {"version": 99}}))
    with pytest.raises(NewerFormatError, match="version 99"):
        journal.poll()
