"""Lines whose sums are right and whose fields are not: nobody takes one, and no neighbor suffers from it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from forged import FORGED, journal_with

from deepvid.cli.main import main
from deepvid.errors import DamagedError, StoreError
from deepvid.store import RunWriter, list_runs, open_run, open_writer, verify
from deepvid.store.format.forms import fault_of_attributes
from deepvid.store.format.journal import decode


def test_a_forged_field_is_damage_to_every_reader(whole: Path) -> None:
    journals = [journal_with(whole, *forgery) for _, *forgery in FORGED]
    taken = []
    for (fault, number, field, value), journal in zip(FORGED, journals, strict=True):
        (whole / "journal.jsonl").write_bytes(journal)
        (run,) = verify(whole).runs
        if fault not in said_of(whole) or fault not in str(run.journal_error):
            taken.append((number, field, value))
    assert taken == []


def said_of(path: Path) -> str:
    """Of damage, by who opens it; nothing where it opens."""
    try:
        open_run(path)
    except DamagedError as error:
        return str(error)
    return ""


def test_a_group_is_committed_once(whole: Path) -> None:
    lines = [json.loads(line) for line in (whole / "journal.jsonl").read_bytes().splitlines()]
    (whole / "journal.jsonl").write_bytes(journal_with(whole, 2, "path", lines[1]["path"]))
    with pytest.raises(DamagedError, match=r"line 3 commits '.*' a second time"):
        open_run(whole)
    assert "a second time" in str(verify(whole).runs[0].journal_error)


HUGE = b'{"n":' + b"9" * 5000 + b"}"
NOT_ONE = [b"{}", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000, HUGE, b'{"n":NaN}', b""]


@pytest.mark.parametrize("line", NOT_ONE, ids=lambda line: repr(line[:9]))
def test_what_is_no_line_is_damage_whatever_its_sum(line: bytes) -> None:
    body = line[:-1] if line.endswith(b"}") else line
    summed = body + b',"sum":"' + hashlib.sha256(body).hexdigest().encode() + b'"}'
    for data in (line, summed):
        with pytest.raises(DamagedError):
            decode(data, "journal.jsonl")


def test_lists_in_lists_are_not_followed_for_ever(whole: Path) -> None:
    nested: Any = []
    for _ in range(900):  # JSON that Python still parses, and no longer prints
        nested = [nested]
    (whole / "journal.jsonl").write_bytes(journal_with(whole, 0, "details.config", {"deep": nested}))
    with pytest.raises(DamagedError, match="64 lists and objects in each other"):
        open_run(whole)


def test_an_epoch_of_a_series_that_was_not_begun_is_damage_to_readers_too(whole: Path) -> None:
    (whole / "journal.jsonl").write_bytes(journal_with(whole, 3, "key", "f" * 64))
    with pytest.raises(DamagedError, match="line 4 is an epoch of 'teacher', a series that was not begun"):
        open_run(whole)


@pytest.mark.parametrize(("fault", "number", "field", "value"), [row for row in FORGED if row[1] == -1])
def test_a_forged_neighbor_is_one_row_and_can_be_removed(
    whole: Path,
    capsys: pytest.CaptureFixture[str],
    fault: str,
    number: int,
    field: str,
    value: Any,
) -> None:
    store = whole.parent
    with open_writer(store, "own-1", config={"name": "own"}, provenance={}) as writer:
        writer.finish()
    (whole / "journal.jsonl").write_bytes(journal_with(whole, number, field, value))
    errors = {listing.id: listing.error for listing in list_runs(store)}
    assert errors["own-1"] is None
    assert fault in str(errors[whole.name])
    for command in (["list"], ["show", "own-1"], ["rm", whole.name, "--yes"], ["rm", "own-1", "--yes"]):
        with pytest.raises(SystemExit) as caught:
            main([*command, "--store", str(store)])
        assert caught.value.code == 0, capsys.readouterr()
    assert list_runs(store) == []


def test_what_no_reader_would_take_is_not_committed(opened: Any, images: Any) -> None:
    with opened() as writer:
        assert isinstance(writer, RunWriter)
        with pytest.raises(StoreError, match="metrics are numbers"):
            writer.commit_stage("dataset", "a" * 64, images, metrics={"source": "the internet"})
        assert len(writer.run.commits) == 1
        writer.commit_stage("dataset", "a" * 64, images, metrics={"images": 3})


MODE = {
    **{"name": "a", "sentence": "b", "rule": "", "action": "", "errors": 3, "central": [1]},
    **{"confirmed": True, "usual": 0.1, "shuffled": 0.1, "places": [1.5], "rate": [0.1, 0.0, 0.3]},
}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("causes", ["overlap", 3], "not a list of texts"),
        ("grid", [7], "not two whole numbers"),
        ("lacks", "nothing", "not a list of texts"),
        ("modes", [{**MODE, "name": 7}], "not a list of kinds of mistakes"),
        ("modes", [{**MODE, "rate": [0.1]}], "not a list of kinds of mistakes"),
        ("modes", [{**MODE, "places": ["x"]}], "not a list of kinds of mistakes"),
        ("modes", [MODE, {**MODE, "rate": None}], None),
    ],
)
def test_attributes_of_causes_and_modes_have_their_forms(name: str, value: Any, fault: str | None) -> None:
    found = fault_of_attributes({name: value})
    assert found is None if fault is None else fault in (found or "")
