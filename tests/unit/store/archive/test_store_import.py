"""Only an archive becomes a run: anything else is refused, and nothing is written."""

import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import hostile
import pytest
from archives import written

from deepvid.errors import DamagedError, StoreError
from deepvid.store import import_archive, list_runs, open_run, verify, write_archive
from deepvid.store.format.zipform import Member, directory, header, read_directory, scan


@pytest.fixture
def file(whole: Path) -> Path:
    return write_archive(open_run(whole), whole.parent / "toy.zip")


@pytest.mark.parametrize(
    ("change", "found"), hostile.ZIPS, ids=lambda value: getattr(value, "__name__", None)
)
def test_what_is_no_archive_is_refused_and_who_only_reads_it_is_of_the_same_opinion(
    file: Path, tmp_path: Path, change: Callable[[Path], None], found: str
) -> None:
    change(file)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(DamagedError) as caught:
        import_archive(file, tmp_path / "elsewhere" / "store")
    assert found in caught.value.found
    assert set(tmp_path.rglob("*")) - before <= {tmp_path / "elsewhere"}
    assert not verify(file).ok
    with pytest.raises((DamagedError, StoreError)):
        open_run(file)


def test_a_run_that_is_there_is_not_replaced(file: Path, whole: Path) -> None:
    before = (whole / "journal.jsonl").read_bytes()
    with pytest.raises(StoreError, match=f"deepvid rm {whole.name}"):
        import_archive(file, whole.parent)
    assert (whole / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("name", ["LOCK", "owner.json", "run"])
def test_a_run_may_be_called_like_a_file_of_ours(file: Path, tmp_path: Path, name: str) -> None:
    hostile.named(name)(file)
    assert verify(file).ok
    assert import_archive(file, tmp_path / "elsewhere") == tmp_path / "elsewhere" / name
    assert verify(tmp_path / "elsewhere" / name).ok


def test_no_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="An archive is a file"):
        import_archive(tmp_path / "none.zip", tmp_path)


@pytest.mark.long
def test_a_killed_import_leaves_nothing_that_counts(file: Path, tmp_path: Path) -> None:
    """Killed with every file written and nothing renamed; the next import removes what was left."""
    store = tmp_path / "elsewhere"
    code = """
        import os, signal, sys
        from pathlib import Path
        from deepvid.store import import_archive
        os.rename = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
        import_archive(Path(sys.argv[1]), Path(sys.argv[2]))
    """
    script = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", script, file, store], capture_output=True)
    assert done.returncode == -9
    assert [path.name[:8] for path in store.iterdir()] == [".import-"]
    assert list_runs(store) == []
    path = import_archive(file, store)
    assert [entry.name for entry in store.iterdir()] == [path.name]


def test_a_store_that_cannot_be_written_to_is_an_error_that_says_so(file: Path, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(StoreError, match="A store is a folder"):
        import_archive(file, tmp_path / "a file" / "store")


class Holes:
    """Large members that take no room on the disk."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, members: list[Member]) -> None:
        for member in members:
            self.file.seek(member.offset)
            self.file.write(header(member))
        self.file.seek(members[-1].end)
        self.file.write(directory(members))


def test_members_beyond_4_gb_are_read_by_other_tools_and_by_us(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    first = Member("a", 5 << 30, 0, 0)
    second = Member("b", 3, zlib.crc32(bytes(3)), first.end)
    with path.open("wb") as target:
        Holes(target).write([first, second])
    assert path.stat().st_blocks < 1000
    with zipfile.ZipFile(path) as found:
        assert [(m.filename, m.file_size, m.header_offset) for m in found.infolist()] == [
            ("a", 5 << 30, 0),
            ("b", 3, first.end),
        ]
        with found.open("b") as stream:
            assert stream.read(1) == b"\0"
    with path.open("rb") as source:
        assert [entry.member for entry in read_directory(source)[0]] == [first, second]
        assert scan(source) == [first, second]
    assert subprocess.run(["unzip", "-l", path], capture_output=True).returncode == 0


@pytest.mark.long
def test_more_than_65535_members(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    written(path, [(f"{number:05}", b"") for number in range(65_536)])
    with zipfile.ZipFile(path) as found:
        assert len(found.namelist()) == 65_536
    with path.open("rb") as source:
        assert len(read_directory(source)[0]) == 65_536
