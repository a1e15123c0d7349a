"""No changed byte goes unnoticed, and what is whole is still said to be whole."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from deepvid.errors import StoreError
from deepvid.store import RunVerification, import_archive, open_run, verify, write_archive
from deepvid.store.archive.contents import read_lines
from deepvid.store.archive.verify import verify_run
from deepvid.store.format.archive_form import survey
from deepvid.store.format.journal import START, decode, encode
from deepvid.store.format.names import CRATE, DIRECTORY, MANIFEST

STEP = 50  # bytes between flips where what is flipped is read as text
STRUCTURE_STEP = 7  # the same where a zip says what is where; odd: it meets all bytes of its numbers
LARGEST = 200_000  # bytes of the run that is flipped through


def only(target: Path) -> RunVerification:
    (run,) = verify(target).runs
    return run


@contextmanager
def flipped(path: Path, position: int, bit: int) -> Iterator[None]:
    """One bit of a file is another one, for a while."""
    with path.open("r+b") as file:
        file.seek(position)
        (byte,) = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ (1 << bit)]))
        file.flush()
        try:
            yield
        finally:
            file.seek(position)
            file.write(bytes([byte]))


def ends_and_middle(size: int) -> list[int]:
    """Places in a file that is known by its sum alone."""
    return sorted({0, size // 2, size - 1} if size else set())


def test_a_whole_run_is_whole(whole: Path) -> None:
    found = only(whole)
    assert found.ok
    assert (found.damaged, found.missing, found.extra, found.bad, found.journal_error) == (
        (),
        (),
        (),
        (),
        None,
    )
    assert found.good == (
        "created toy",
        "dataset",
        "series teacher",
        "teacher epoch 0",
        "teacher epoch 1",
        "teacher",
        "students/0123abcd-0",
        "finished",
    )
    files = [path for path in whole.rglob("*") if path.is_file() and path.name not in ("LOCK", "owner.json")]
    assert found.files == len(files)
    assert found.bytes == sum(path.stat().st_size for path in files)


def test_a_file_that_is_damaged_missing_or_extra_has_its_name(whole: Path) -> None:
    teacher = open_run(whole).stages["teacher"].path
    inside = teacher.relative_to(whole).as_posix()
    (teacher / "logits" / "c.0.0").write_bytes(bytes(24))
    (teacher / "parameters" / "zarr.json").unlink()
    (teacher / "notes.txt").write_text("mine")
    found = only(whole)
    assert found.damaged == (f"{inside}/logits/c.0.0",)
    assert found.missing == (f"{inside}/parameters/zarr.json",)
    assert found.extra == (f"{inside}/notes.txt",)
    assert found.bad == ("teacher",)
    assert "students/0123abcd-0" in found.good


def test_what_an_interrupted_writer_left_is_extra_and_no_damage(whole: Path) -> None:
    shutil.copytree(
        open_run(whole).stages["dataset"].path, whole / "data.zarr" / "stage" / "left-0123abcd4567"
    )
    found = only(whole)
    assert found.ok
    assert found.extra
    assert all(name.startswith("data.zarr/stage/left-0123abcd4567/") for name in found.extra)


def test_lines_before_a_damaged_one_count(whole: Path) -> None:
    journal = whole / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")
    lines[5] = lines[5].replace(b'"test_accuracy":0.0', b'"test_accuracy":0.9')
    journal.write_bytes(b"\n".join(lines))
    found = only(whole)
    why = "is damaged (a line whose checksum does not match)"
    assert found.journal_error == f"line 6 of journal.jsonl {why}; the 5 before it are whole"
    assert found.good == ("created toy", "dataset", "series teacher", "teacher epoch 0", "teacher epoch 1")
    assert found.bad == ("students/0123abcd-0", "finished")
    assert not found.damaged


def test_a_missing_line_and_a_torn_one_are_named(whole: Path) -> None:
    journal = whole / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert "line 3 of journal.jsonl does not follow" in (only(whole).journal_error or "")
    journal.write_bytes(b"".join(lines)[:-1])
    assert only(whole).extra[-1].startswith("journal.jsonl, ")  # the torn line; its place is that of the last
    journal.unlink()
    assert "line 1 of journal.jsonl is missing" in (only(whole).journal_error or "")


def test_a_store_is_all_its_runs(whole: Path) -> None:
    other = Path(shutil.copytree(whole, whole.with_name("other-0123abcd")))
    found = verify(whole.parent)
    assert found.ok
    assert [run.run for run in found.runs] == [other.name, whole.name]
    assert found.bytes == 2 * found.runs[0].bytes
    (other / "data.zarr" / "zarr.json").write_text("{}")
    assert [run.ok for run in verify(whole.parent).runs] == [False, True]


def test_what_is_none_of_these_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="none of these"):
        verify(tmp_path)


@pytest.mark.long
def test_no_flipped_bit_of_a_run_goes_unnoticed(whole: Path) -> None:
    files = [path for path in sorted(whole.rglob("*")) if path.is_file() and path.parent != whole]
    assert 10_000 < sum(path.stat().st_size for path in files) < LARGEST
    flips = 0
    for path in files:
        name = path.relative_to(whole).as_posix()
        for position in ends_and_middle(path.stat().st_size):
            with flipped(path, position, flips % 8):
                found = only(whole)
            assert found.damaged == (name,), f"{name} at {position}"
            assert len(found.bad) == (0 if name.count("/") < 3 else 1)
            flips += 1
    assert only(whole).ok


@pytest.mark.long
def test_no_flipped_bit_of_a_journal_goes_unnoticed(whole: Path) -> None:
    """Every byte through the reader of lines, one more line behind it; every fiftieth through `verify`."""
    journal = whole / "journal.jsonl"
    data = journal.read_bytes()
    before = [data[:position].count(b"\n") for position in range(len(data))]
    ends = list(accumulate(map(len, data.splitlines(keepends=True))))
    for position in range(len(data)):
        changed = bytearray(data[: ends[min(before[position] + 1, len(ends) - 1)]])
        changed[position] ^= 1 << position % 8
        lines = read_lines(bytes(changed))
        assert f"line {before[position] + 1} of" in (lines.error or ""), position
        assert len(lines.commits) == before[position]
    for position in range(0, len(data), STEP):
        with flipped(journal, position, position % 8):
            found = only(whole)
        assert not found.ok
        assert len(found.good) == before[position]


@pytest.mark.long
def test_no_flipped_bit_of_an_archive_goes_unnoticed(whole: Path, tmp_path: Path) -> None:
    file = write_archive(open_run(whole), tmp_path / "toy.zip")
    intact = only(file)
    assert intact.ok
    members = {name: (s.begin, s.begin + s.size) for name, s in _members(file).items()}
    for position in range(file.stat().st_size):
        inside = [name for name, (begin, end) in members.items() if begin <= position < end]
        if not inside:
            chosen = position % STRUCTURE_STEP == 0
        elif inside[0] in (MANIFEST, CRATE):
            chosen = position % STEP == 0
        else:
            begin, end = members[inside[0]]
            chosen = position - begin in ends_and_middle(end - begin)
        if not chosen:
            continue
        with flipped(file, position, position // STRUCTURE_STEP % 8):
            found = only(file)
        assert not found.ok, position
        if inside:
            assert found.damaged == (*inside,), position
            committed = "/" in inside[0] and inside[0].count("/") > 2
            assert len(found.bad) == committed or found.journal_error, position
        else:
            assert found.damaged
            assert found.good == intact.good, position  # structure is lost, not what is in it
    assert only(file).ok


def test_where_the_directory_misleads_to_the_journal_all_commits_are_still_found(
    whole: Path, tmp_path: Path
) -> None:
    file = write_archive(open_run(whole), tmp_path / "toy.zip")
    intact = only(file)
    entry = file.read_bytes().rfind(b"journal.jsonl") - 46
    for place in (24, 25, 43, 44):  # of its size, of where it begins
        for bit in range(8):
            with flipped(file, entry + place, bit):
                found = only(file)
            assert found.damaged
            assert found.good == intact.good, (place, bit)


def test_an_archive_whose_directory_is_lost_is_still_read(whole: Path, tmp_path: Path) -> None:
    file = write_archive(open_run(whole), tmp_path / "toy.zip")
    intact = only(file)
    file.write_bytes(file.read_bytes()[:-22])
    found = only(file)
    assert found.damaged == (DIRECTORY,)
    assert found.good == intact.good


def test_a_changed_archive_with_right_checksums_is_found_by_its_journal(whole: Path, tmp_path: Path) -> None:
    """Somebody who changes a run and archives it with other tools has to change its journal as well."""
    path = import_archive(write_archive(open_run(whole), tmp_path / "toy.zip"), tmp_path / "elsewhere")
    victim = open_run(path).stages["teacher"].path / "logits" / "c.0.0"
    victim.write_bytes(bytes(24))
    assert only(path).bad == ("teacher",)


def test_an_early_run_without_names_of_files_is_verified_group_by_group(whole: Path, tmp_path: Path) -> None:
    journal = whole / "journal.jsonl"
    data, prev = b"", START
    for seq, line in enumerate(journal.read_bytes().splitlines()):
        record = json.loads(line)
        record["details"].pop("files", None)
        record["details"].pop("id", None)
        if record["details"].get("state"):
            del record["details"]["state"]["files"]
        fields = {name: value for name, value in record.items() if name not in ("seq", "prev", "sum")}
        data += encode(seq, prev, fields)
        prev = decode(data.splitlines()[-1], journal).sum
    journal.write_bytes(data)
    assert only(whole).ok
    assert not only(whole).extra
    file = write_archive(open_run(whole), tmp_path / "toy.zip")
    assert only(file).ok
    assert open_run(import_archive(file, tmp_path / "elsewhere")).id == whole.name
    series = open_run(whole).series("teacher")
    assert series is not None
    with flipped(series.path / "parameters" / "c.1.0", 3, 0):
        found = only(whole)
    assert found.damaged == (series.path.relative_to(whole).as_posix(),)
    assert found.bad == ("teacher epoch 1",)


def _members(file: Path) -> dict[str, object]:
    return dict(survey(file).members)


def test_what_goes_while_it_is_read_is_not_called_damaged(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(path: Path, **options: Any) -> RunVerification:
        path.rename(whole.with_name("moved"))
        return verify_run(path, **options)

    monkeypatch.setattr("deepvid.store.archive.verify.verify_run", late)
    found = only(whole)
    assert not found.ok
    assert (found.damaged, found.missing, found.journal_error) == ((), (), None)
    assert "removed or moved while it was read" in found.unread[0]
