"""Where an archive is written, and what is never replaced or removed for one."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deepvid.cli.main import main
from deepvid.errors import StoreError
from deepvid.progress import Progress
from deepvid.store import import_archive, list_runs, open_run, remove_run, verify, write_archive


def existing(path: Path) -> None:
    path.write_bytes(b"a letter")


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link(path: Path) -> None:
    (path.parent / "letter").write_bytes(b"a letter")
    path.symlink_to("letter")


def nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "prepare", "force", "found"),
    [
        ("a.zip", existing, False, "a file at"),
        ("a.zip", folder, True, "a folder at"),
        ("a.zip", pipe, True, "a device or pipe at"),
        ("a.zip", link, True, "a link at"),
        ("", nothing, True, "a folder at"),
        ("toy/journal.jsonl", nothing, True, "lies in the run toy"),
        ("toy/data.zarr/zarr.json", nothing, True, "lies in the run toy"),
        ("toy/wip/a.zip", nothing, False, "lies in the run toy"),
        ("toy/../toy/a.zip", nothing, False, "lies in the run toy"),
        ("nowhere/a.zip", nothing, False, "No such file or directory"),
        ("a" * 300 + ".zip", nothing, False, "File name too long"),
        ("a\0.zip", nothing, False, "null byte"),
    ],
)
def test_an_archive_takes_no_other_place(
    whole: Path, name: str, prepare: Callable[[Path], None], force: bool, found: str
) -> None:
    whole = whole.rename(whole.with_name("toy"))
    target = whole.parent / name
    prepare(target)
    before = {path: path.read_bytes() for path in whole.parent.rglob("*") if path.is_file()}
    with pytest.raises(StoreError) as caught:
        write_archive(open_run(whole), target, force=force)
    assert found in caught.value.found
    assert {path: path.read_bytes() for path in whole.parent.rglob("*") if path.is_file()} == before


def test_a_file_is_replaced_where_that_is_asked_for(whole: Path) -> None:
    existing(whole.parent / "a.zip")
    file = write_archive(open_run(whole), whole.parent / "a.zip", force=True)
    assert open_run(file).commits == open_run(whole).commits


def test_a_name_may_be_as_long_as_the_file_system_has_them(whole: Path) -> None:
    file = write_archive(open_run(whole), whole.parent / ("a" * 251 + ".zip"))
    assert open_run(file).commits == open_run(whole).commits


@pytest.mark.parametrize("output", ["", "a.zip", "run/journal.jsonl"])
def test_the_command_says_so_and_exits_with_2(
    whole: Path, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole.rename(whole.with_name("run"))
    monkeypatch.chdir(whole.parent)
    existing(Path("a.zip"))
    command = ["archive", "run", "--store", ".", "-o", output]
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    assert "Found: " in capsys.readouterr().err
    if output == "a.zip":
        with pytest.raises(SystemExit) as caught:
            main([*command, "--force"])
        assert caught.value.code == 0


def test_only_what_a_killed_process_left_is_collected(
    whole: Path, python: Callable[[str], Any], tmp_path: Path
) -> None:
    """One process writes an archive and one is killed while it does: the next takes the latter's away."""
    script = f"""
        from pathlib import Path
        from deepvid.progress import Progress
        from deepvid.store import open_run, write_archive

        def wait(tick):
            say("under way")
            sys.stdin.readline()

        target = Path({str(tmp_path)!r}) / sys.stdin.readline().strip()
        write_archive(open_run({str(whole)!r}), target, progress=Progress(wait))
    """
    killed, living = python(script), python(script)
    for process, name in ((killed, "killed.zip"), (living, "living.zip")):
        process.stdin.write(f"{name}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "under way\n"
    mine = [tmp_path / name for name in (".archive-photos", ".archive-1.zip", ".archive-" + "g" * 32)]
    for path in mine:
        path.write_bytes(b"mine")
    (tmp_path / (".archive-" + "0" * 32)).symlink_to(mine[0])
    hidden = set(tmp_path.glob(".archive-*"))
    assert len(hidden) == len(mine) + 3
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    write_archive(open_run(whole), tmp_path / "next.zip")
    assert len(hidden - set(tmp_path.glob(".archive-*"))) == 1
    living.communicate("\n" * 10_000)
    assert open_run(tmp_path / "living.zip").commits == open_run(whole).commits
    assert not (tmp_path / "killed.zip").exists()


@pytest.mark.parametrize("beginning", [".import-", ".removed-"])
def test_folders_of_others_are_not_collected(whole: Path, tmp_path: Path, beginning: str) -> None:
    store, elsewhere = tmp_path / "store", tmp_path / "elsewhere"
    for kept in (store / f"{beginning}photos", store / (beginning + "g" * 32), elsewhere):
        kept.mkdir(parents=True)
        (kept / "mine").touch()
    (store / f"{beginning}list.txt").touch()
    (store / (beginning + "1" * 32)).touch()
    (store / (beginning + "2" * 32)).symlink_to(elsewhere)
    before = {*store.rglob("*"), *elsewhere.rglob("*")}
    left = store / (beginning + "3" * 32)
    left.mkdir()
    file = write_archive(open_run(whole), tmp_path / "a.zip")
    remove_run(import_archive(file, store))
    assert {*store.rglob("*"), *elsewhere.rglob("*")} == before


def test_what_of_an_import_cannot_be_collected_stands_in_nobodys_way(whole: Path, tmp_path: Path) -> None:
    """As that of another user in a shared store."""
    lock = tmp_path / "store" / (".import-" + "1" * 32) / "LOCK"
    lock.mkdir(parents=True)
    assert import_archive(write_archive(open_run(whole), tmp_path / "a.zip"), tmp_path / "store").is_dir()
    assert lock.is_dir()


def test_what_the_system_refuses_is_said_by_name(whole: Path, tmp_path: Path) -> None:
    file, long = write_archive(open_run(whole), tmp_path / "a.zip"), tmp_path / ("x" * 300)
    for refused in (
        lambda: import_archive(file, long),
        lambda: remove_run(long),
        lambda: verify(long),
        lambda: open_run(long.with_suffix(".zip")),
    ):
        with pytest.raises(StoreError, match=r"File name too long: '.*xxx"):
            refused()
    assert [path.name for path in tmp_path.glob("*x")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has such a file")
def test_an_archive_that_cannot_be_read_is_an_error_that_says_so() -> None:
    with pytest.raises(StoreError, match="/proc/self/mem"):
        verify(Path("/proc/self/mem"))


def test_of_a_link_to_a_run_only_the_link_is_removed(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    linked = tmp_path / "store" / whole.name
    linked.symlink_to(whole)
    remove_run(linked)
    assert list((tmp_path / "store").iterdir()) == []
    assert open_run(whole).commits


def test_the_second_of_two_imports_says_that_the_run_is_there(whole: Path, tmp_path: Path) -> None:
    file, store = write_archive(open_run(whole), tmp_path / "a.zip"), tmp_path / "store"

    def quicker(tick: Any) -> None:
        if not list_runs(store):
            import_archive(file, store)

    with pytest.raises(StoreError, match="does not have it"):
        import_archive(file, store, progress=Progress(quicker))
    assert [path.name for path in store.iterdir()] == [whole.name]
    assert open_run(store / whole.name).commits == open_run(whole).commits


def test_an_archive_that_goes_away_is_what_is_said(whole: Path, tmp_path: Path) -> None:
    file = write_archive(open_run(whole), tmp_path / "a.zip")
    with pytest.raises(StoreError, match="An archive can be read until it is imported"):
        import_archive(file, tmp_path / "store", progress=Progress(lambda tick: file.unlink(missing_ok=True)))
    assert not (tmp_path / "store").exists()
