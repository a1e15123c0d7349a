"""Listing, finding and removing runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deepvid.errors import LockedError, StoreError
from deepvid.store import (
    RunListing,
    RunWriter,
    StoreListing,
    find_run,
    list_runs,
    open_run,
    open_writer,
    remove_run,
)
from deepvid.store.reading import listing


def _make(store: Path, run_id: str, provenance: dict[str, str] | None = None) -> None:
    config = {"name": run_id.split("-")[0]}
    with open_writer(store, run_id, config=config, provenance=provenance or {}) as writer:
        writer.finish()


def test_runs_are_listed_newest_first_and_nothing_else_is(tmp_path: Path) -> None:
    for run_id in ("first-1", "second-2"):
        _make(tmp_path, run_id)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a-folder").mkdir()
    found = list_runs(tmp_path)
    assert [(run.id, run.state, run.summary["name"]) for run in found] == [
        ("second-2", "finished", "second"),
        ("first-1", "finished", "first"),
    ]
    assert list_runs(tmp_path / "absent") == []


def test_another_look_reads_only_runs_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run_id in ("first-1", "second-2", "third-3"):
        _make(tmp_path, run_id)
    store = StoreListing(tmp_path)
    assert store.look() == list_runs(tmp_path)
    read: list[str] = []
    entry = listing._of_entry

    def counted(path: Path) -> RunListing | None:
        read.append(path.name)
        return entry(path)

    monkeypatch.setattr(listing, "_of_entry", counted)
    assert [run.id for run in store.look()] == ["third-3", "second-2", "first-1"]
    assert read == []
    with open_writer(tmp_path, "first-1", config={"name": "first"}, provenance={}) as writer:
        store.look()
        assert store.look()[-1].state == "finished"  # nothing is reported yet
        writer.note("mark", "1", {})
        assert store.look()[0].state == "running"
        assert set(read) == {"first-1"}
    assert store.look()[0].state == "interrupted"
    remove_run(tmp_path / "second-2")
    _make(tmp_path, "fourth-4")
    read.clear()
    assert [run.id for run in store.look_at("third-3")] == ["first-1", "third-3", "second-2"]
    assert [run.id for run in store.look()] == ["fourth-4", "first-1", "third-3"]
    assert read == ["fourth-4"]
    assert store.look() == list_runs(tmp_path)


def test_a_listing_reads_the_tail_only(tmp_path: Path) -> None:
    _make(tmp_path, "long-1")
    journal = tmp_path / "long-1" / "journal.jsonl"
    tail = journal.read_bytes()
    with journal.open("wb") as file:  # mostly a hole: a quarter of a terabyte that nobody could read
        file.seek(2**38)
        file.write(b"\n" + tail)
    assert list_runs(tmp_path)[0].state == "finished"


def test_a_last_line_longer_than_the_tail_is_read_whole(tmp_path: Path) -> None:
    open_writer(tmp_path, "long-1", config={}, provenance={"argv": ["x" * 100_000]}).close()
    assert list_runs(tmp_path)[0].state == "interrupted"


def test_a_torn_tail_does_not_hide_a_run(tmp_path: Path) -> None:
    _make(tmp_path, "torn-1")
    with (tmp_path / "torn-1" / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq":')
    assert list_runs(tmp_path)[0].state == "finished"


def test_a_damaged_run_is_listed_with_its_error(tmp_path: Path) -> None:
    _make(tmp_path, "good-1")
    _make(tmp_path, "bad-1")
    (tmp_path / "bad-1" / "journal.jsonl").write_bytes(b"no journal\n")
    found = {run.id: run.error for run in list_runs(tmp_path)}
    assert found["good-1"] is None
    assert "does not match" in str(found["bad-1"])


def test_a_run_is_found_by_any_prefix_that_is_its_own(tmp_path: Path) -> None:
    for run_id in ("toy-1234", "toy-1299", "toy"):
        _make(tmp_path, run_id)
    assert find_run(tmp_path, "toy-123").name == "toy-1234"
    assert find_run(tmp_path, "toy").name == "toy"
    with pytest.raises(StoreError, match="toy-1234, toy-1299"):
        find_run(tmp_path, "toy-12")
    with pytest.raises(StoreError, match="none; there are toy"):
        find_run(tmp_path, "cifar")


def test_a_run_is_found_by_its_folder_unless_the_store_has_one_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for path in (here / "toy", here / "cifar", there / "toy"):
        _make(path.parent, path.name)
    assert find_run(there, str(here / "toy")) == here / "toy"
    monkeypatch.chdir(here / "cifar")
    assert find_run(there, ".") == here / "cifar"
    monkeypatch.chdir(here)
    assert find_run(there, "cifar") == here / "cifar"
    assert find_run(there, "toy") == there / "toy"
    with pytest.raises(StoreError, match="none; there are toy"):
        find_run(there, str(here))


def test_a_run_is_removed_unless_somebody_writes_to_it(
    opened: Callable[[], RunWriter], run_path: Path
) -> None:
    with opened(), pytest.raises(LockedError):
        remove_run(run_path)
    left = run_path.with_name(".removed-" + "0" * 32)
    left.mkdir()
    remove_run(run_path)
    assert list(run_path.parent.iterdir()) == []


def test_only_a_run_is_removed_or_opened(tmp_path: Path) -> None:
    (tmp_path / "holiday-pictures").mkdir()
    with pytest.raises(StoreError, match="Only a run is removed"):
        remove_run(tmp_path / "holiday-pictures")
    with pytest.raises(StoreError, match=r"directory with a journal\.jsonl"):
        open_run(tmp_path / "holiday-pictures")
