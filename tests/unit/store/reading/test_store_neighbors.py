"""One bad neighbor is one row that says so: beside it runs are listed, shown, verified and removed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deepvid.cli.main import main
from deepvid.errors import StoreError
from deepvid.store import find_run, list_runs, open_run, open_writer, remove_run, verify, write_archive
from deepvid.store.format import owner
from deepvid.store.reading.status import read_status

SECONDS = 30  # a reader that waits at a pipe would wait for ever


@pytest.fixture(autouse=True)
def impatience() -> Iterator[None]:
    def late(*_: Any) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one sound run."""
    with open_writer(tmp_path / "store", "own-1", config={"name": "own"}, provenance={}) as writer:
        writer.finish()
    return tmp_path / "store"


def folder(journal: Path) -> None:
    journal.mkdir()


def pipe(journal: Path) -> None:
    os.mkfifo(journal)


def link_loop(journal: Path) -> None:
    journal.symlink_to(journal.name)


def device(journal: Path) -> None:
    journal.symlink_to("/dev/zero")


def rubbish(journal: Path) -> None:
    journal.write_bytes(b"no journal\n")


@pytest.mark.parametrize("bad", [folder, pipe, link_loop, device, rubbish])
def test_what_is_called_a_journal_and_is_none_is_a_row(
    store: Path, capsys: pytest.CaptureFixture[str], bad: Callable[[Path], None]
) -> None:
    (store / "bad").mkdir()
    bad(store / "bad" / "journal.jsonl")
    errors = {listing.id: listing.error for listing in list_runs(store)}
    assert errors["own-1"] is None
    assert "Found: " in str(errors["bad"])
    runs = {run.run: run for run in verify(store).runs}
    assert runs["own-1"].ok
    assert not runs["bad"].ok
    with pytest.raises(StoreError):
        open_run(store / "bad")
    for command in (["list"], ["show", "own"], ["verify", "own"], ["rm", "own", "--yes"]):
        with pytest.raises(SystemExit) as caught:
            main([*command, "--store", str(store)])
        assert caught.value.code == 0, capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(["verify", str(store)])
    assert caught.value.code == 1
    assert (store / "bad").exists()


@pytest.mark.parametrize("name", ["owner.json", "status.json"])
@pytest.mark.parametrize(
    "data", [None, b"[]", b"7", b'{"pid":"../..","after":"x","done":"x"}', b"[" * 10_000]
)
def test_a_convenience_that_is_none_disturbs_nobody(store: Path, name: str, data: bytes | None) -> None:
    with open_writer(store, "other-1", config={}, provenance={}):
        pass
    file = store / "other-1" / name
    file.unlink(missing_ok=True)
    if data is None:
        os.mkfifo(file)
    else:
        file.write_bytes(data)
    assert {run.id: (run.state, run.error) for run in list_runs(store)} == {
        "own-1": ("finished", None),
        "other-1": ("interrupted", None),
    }
    run = open_run(store / "other-1")
    assert read_status(run.path, run.commits).state == "interrupted"


def alone(expression: str, **names: Path) -> str:
    """Value of an expression, or its error, in a process of its own: a wait at a pipe ends with it."""
    script = f"""
        from pathlib import Path
        from deepvid.errors import DeepVIDError
        from deepvid.store import open_run, verify
        {"; ".join(f"{name} = Path({str(path)!r})" for name, path in names.items())}
        try:
            print({expression})
        except DeepVIDError as error:
            print(error.found)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout


def test_a_pipe_among_the_files_of_a_run_is_unread(whole: Path) -> None:
    file = next(whole.rglob("c.*"))
    file.unlink()
    os.mkfifo(file)
    unread = (f"{file.relative_to(whole)} (not a regular file)",)
    assert alone("verify(run).runs[0].unread", run=whole) == f"{unread}\n"


@pytest.mark.parametrize("name", ["zarr.json", "label/c.0"])
def test_a_pipe_in_the_place_of_a_file_is_named_and_not_waited_for(whole: Path, name: str) -> None:
    file = open_run(whole).stages["dataset"].path / name
    file.unlink()
    os.mkfifo(file)
    assert f"{name}: not a regular file" in alone("open_run(run).stages['dataset'].open().load()", run=whole)


def test_a_pipe_that_is_called_an_archive_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.zip")
    assert "not a regular file" in alone("open_run(file)", file=tmp_path / "x.zip")


def test_a_link_to_itself_among_the_files_of_a_run_is_unread_or_extra(whole: Path, tmp_path: Path) -> None:
    stray, lost = whole / "data.zarr" / "stage" / "stray", next(whole.rglob("c.*"))
    stray.symlink_to(stray.name)
    (run,) = verify(whole).runs
    assert run.ok
    assert run.extra == ("data.zarr/stage/stray",)
    assert write_archive(open_run(whole), tmp_path / "a.zip").is_file()
    lost.unlink()
    lost.symlink_to(lost.name)
    (run,) = verify(whole).runs
    assert run.unread == (f"{lost.relative_to(whole)} (Too many levels of symbolic links)",)
    with pytest.raises(StoreError, match=lost.name):
        write_archive(open_run(whole), tmp_path / "b.zip")


def test_a_store_that_is_a_run_too_hides_nobody(store: Path, whole: Path) -> None:
    """Result of unpacking an archive in the store's own folder."""
    shutil.copytree(whole, store, dirs_exist_ok=True)
    assert {listing.id for listing in list_runs(store)} == {"store", "own-1"}
    assert find_run(store, "own") == store / "own-1"
    assert [run.run for run in verify(store).runs] == ["store", "own-1"]
    with pytest.raises(StoreError, match=r"holds no other run.*own-1"):
        remove_run(store)
    assert open_run(store / "own-1").summary["state"] == "finished"


@pytest.mark.parametrize("data", [b"", bytes(4096), b'{"seq":0'])
def test_a_journal_without_a_line_is_said_to_be_one(
    whole: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    (whole / "journal.jsonl").write_bytes(data)
    (listing,) = list_runs(whole.parent)
    assert listing.id == whole.name
    assert f"Found: none in {whole / 'journal.jsonl'}." in str(listing.error)
    for run, store in ((str(whole), whole.parent / "elsewhere"), (whole.name, whole.parent)):
        for command in (["show", run], ["archive", run, "-o", "x.zip"], ["compare", run, run]):
            with pytest.raises(SystemExit) as caught:
                main([*command, "--store", str(store)])
            assert caught.value.code == 2
            said = " ".join(capsys.readouterr().err.split())
            assert f"Found: none in {whole / 'journal.jsonl'}." in said
    for command, code in ((["verify"], 1), (["rm", "--yes"], 0)):
        with pytest.raises(SystemExit) as caught:
            main([*command, whole.name, "--store", str(whole.parent)])
        assert caught.value.code == code
    assert not whole.exists()


def test_a_store_of_a_journal_without_a_line_is_not_whole(store: Path) -> None:
    (store / "lost-1").mkdir()
    (store / "lost-1" / "journal.jsonl").write_bytes(bytes(512))
    assert {run.run: run.ok for run in verify(store).runs} == {"own-1": True, "lost-1": False}


def test_a_run_that_is_being_created_is_no_row_yet(store: Path) -> None:
    (store / "new-1").mkdir()
    owner.announce(store / "new-1")
    (store / "new-1" / "journal.jsonl").touch()
    assert [run.id for run in list_runs(store)] == ["own-1"]


def test_a_torn_tail_is_extra_and_no_damage(whole: Path) -> None:
    with (whole / "journal.jsonl").open("ab") as file:
        file.write(b'{"seq":')
    (run,) = verify(whole).runs
    assert run.ok
    assert run.extra == ("journal.jsonl, 7 bytes behind its last line",)


def test_what_is_deleted_while_it_is_read_is_missing(whole: Path) -> None:
    class Deleting:
        """Takes a file away once its run is listed and before it is read."""

        def update(self, *_: Any) -> None:
            shutil.rmtree(whole / "data.zarr" / "stage", ignore_errors=True)

    from deepvid.progress import Progress

    (run,) = verify(whole, progress=Progress(lambda tick: Deleting().update(), None)).runs
    assert run.missing
    assert run.damaged == ()


@pytest.mark.parametrize("command", ["rm", "show", "archive"])
def test_an_empty_text_names_no_run(
    store: Path, capsys: pytest.CaptureFixture[str], command: str, tmp_path: Path
) -> None:
    more = {"rm": ["--yes"], "archive": ["-o", str(tmp_path / "x.zip")]}.get(command, [])
    with pytest.raises(SystemExit) as caught:
        main([command, "", *more, "--store", str(store)])
    assert caught.value.code == 2
    assert "Found: an empty text." in " ".join(capsys.readouterr().err.split())
    assert json.dumps([run.id for run in list_runs(store)]) == '["own-1"]'
