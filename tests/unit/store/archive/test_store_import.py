"""Only an archive becomes a run: anything else is refused, and nothing is written."""

import json
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from archives import members_of, sealed, written
from toy import chained

from deepvid.errors import DamagedError, StoreError
from deepvid.store import import_archive, list_runs, open_run, verify, write_archive
from deepvid.store.format.names import CRATE, JOURNAL, MANIFEST
from deepvid.store.format.tree import GROUP, ROOT
from deepvid.store.format.zipform import Member, directory, header, read_directory, scan


@pytest.fixture
def file(whole: Path) -> Path:
    return write_archive(open_run(whole), whole.parent / "toy.zip")


def with_member(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        written(file, [*members_of(file).items(), (name, b"x")])

    return change


def as_other_tools(**settings: int) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        members = members_of(file)
        with zipfile.ZipFile(file, "w") as target:
            for name, data in members.items():
                target.writestr(name, data, **settings)

    return change


def as_link(file: Path) -> None:
    members = members_of(file)
    with zipfile.ZipFile(file, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
        info = zipfile.ZipInfo("data.zarr/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(info, "/etc/passwd")


def encrypted(file: Path) -> None:
    members = members_of(file)
    folder = file.parent / "plain"
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    file.unlink()
    subprocess.run(["zip", "-q", "-r", "-0", "-P", "secret", file, "."], cwd=folder, check=True)


def oversized(file: Path) -> None:
    """The journal says it is 4 GB large."""
    with file.open("rb") as source:
        entries, begin, _ = read_directory(source)
    members = [entry.member for entry in entries]
    data = bytearray(file.read_bytes()[:begin])
    (journal,) = (member for member in members if member.name == "journal.jsonl")
    huge = journal._replace(size=4_000_000_000)
    data[journal.offset : journal.begin] = header(huge)
    listed = directory(members).replace(
        struct.pack("<2I", journal.size, journal.size), struct.pack("<2I", huge.size, huge.size)
    )
    file.write_bytes(bytes(data) + listed)


def bytes_before(file: Path) -> None:
    file.write_bytes(b"#!/bin/sh\n" + file.read_bytes())


def bytes_after(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[data.index(b"test_accuracy")] ^= 1
    file.write_bytes(data)


def missing_member(file: Path) -> None:
    written(
        file, [(name, data) for name, data in members_of(file).items() if not name.endswith("logits/c.0.0")]
    )


def twice(file: Path) -> None:
    members = list(members_of(file).items())
    written(file, [*members, members[0]])


def leading_out_by_journal(file: Path) -> None:
    """A journal whose sums are right and whose stage lies elsewhere."""
    members = members_of(file)
    lines = [json.loads(line) for line in members["journal.jsonl"].splitlines()]
    lines[-1] |= {"path": "../../elsewhere"}
    sealed(file, members | {"journal.jsonl": chained(lines)})


def stranger(file: Path) -> None:
    sealed(file, members_of(file) | {"data.zarr/stage/mine/c.0": b"mine"})


def without(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        members = members_of(file)
        del members[name]
        written(file, members.items()) if name == MANIFEST else sealed(file, members)

    return change


def with_text(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda file: sealed(file, members_of(file) | {name: data}) and None


def forged(number: int, **fields: Any) -> Callable[[Path], None]:
    """One line of the journal with other fields, those of its details with `details_` before their names."""

    def change(file: Path) -> None:
        members = members_of(file)
        lines = [json.loads(line) for line in members[JOURNAL].splitlines()]
        for name, value in fields.items():
            target = lines[number]["details"] if name.startswith("details_") else lines[number]
            target[name.removeprefix("details_")] = value
        sealed(file, members | {JOURNAL: chained(lines)})

    return change


def other_root(file: Path) -> None:
    """What one read of the root says of an array is not what the array's own document says."""
    members = members_of(file)
    assert b'"float32"' in members[ROOT]
    sealed(file, members | {ROOT: members[ROOT].replace(b'"float32"', b'"float64"', 1)})


def unsorted(file: Path) -> None:
    written(file, reversed(members_of(file).items()))


HOSTILE = pytest.mark.parametrize(
    ("change", "found"),
    [
        (with_member("../outside"), "leads out of its folder"),
        (with_member("data.zarr/../../outside"), "leads out of its folder"),
        (with_member("/etc/outside"), "absolute"),
        (with_member("C:outside"), "absolute or not possible everywhere"),
        (with_member("..\\outside"), "absolute or not possible everywhere"),
        (with_member("data.zarr/AUX.txt"), "Windows"),
        (with_member("JOURNAL.jsonl"), "capitals only"),
        (twice, "is there twice"),
        (as_other_tools(), "the directory of the zip is not as written"),
        (as_other_tools(compress_type=zipfile.ZIP_DEFLATED), "is compressed"),
        (as_link, "is a link"),
        (encrypted, "is encrypted"),
        (oversized, "more than any of its kind"),
        (bytes_before, "bytes stand before"),
        (bytes_after, "bytes follow it"),
        (cut, "cut short"),
        (emptied, "cut short"),
        (damaged, "journal.jsonl is damaged"),
        (missing_member, "logits/c.0.0 is missing"),
        (with_member("data.zarr/extra"), "is not in its place"),
        (stranger, "does not list data.zarr/stage/mine/c.0"),
        (leading_out_by_journal, "path is '../../elsewhere', not empty or a group"),
        (without(MANIFEST), f"{MANIFEST} is missing"),
        (without(CRATE), f"{CRATE} names no run"),
        (without("data.zarr/state/zarr.json"), "data.zarr/state/zarr.json is missing"),
        (with_text(CRATE, b"no JSON"), f"{CRATE} names no run"),
        (with_text(CRATE, b"[" * 10**5), f"{CRATE} names no run"),
        (with_text(CRATE, b" " * (2**24 + 1)), "more than any of its kind"),
        (with_text(CRATE, b'{"@graph": [{"@id": "./", "identifier": "another"}]}'), f"{CRATE} is damaged"),
        (with_text("data.zarr/stage/zarr.json", b"rubbish" * 10**6), "stage/zarr.json is damaged"),
        (with_text("data.zarr/stage/zarr.json", b"rubbish" * 10**7), "more than any of its kind"),
        (with_text("data.zarr/stage/zarr.json", GROUP.replace(b'"group"', b'"array"')), "is damaged"),
        (other_root, "data.zarr/zarr.json is damaged"),
        (unsorted, "is not in its place"),
        (forged(1, digest="zz"), "a digest that is not that of its files"),
        (forged(0, details_version=True), "version True"),
        (forged(0, details_version=-1), "version -1"),
        (forged(3, details_epoch=10**18), "is epoch 1000000000000000000"),
        (forged(4, details_epoch=0), "is epoch 0 of 'teacher' after 1"),
    ],
    ids=lambda value: getattr(value, "__name__", None) if callable(value) else None,
)


@HOSTILE
def test_what_is_no_archive_is_refused(
    file: Path, tmp_path: Path, change: Callable[[Path], None], found: str
) -> None:
    change(file)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(DamagedError) as caught:
        import_archive(file, tmp_path / "elsewhere" / "store")
    assert found in caught.value.found
    assert set(tmp_path.rglob("*")) - before <= {tmp_path / "elsewhere"}
    assert not verify(file).ok


@HOSTILE
def test_who_only_reads_an_archive_is_of_the_same_opinion(
    file: Path, change: Callable[[Path], None], found: str
) -> None:
    change(file)
    with pytest.raises((DamagedError, StoreError)):
        open_run(file)


def test_a_run_that_is_there_is_not_replaced(file: Path, whole: Path) -> None:
    before = (whole / "journal.jsonl").read_bytes()
    with pytest.raises(StoreError, match=f"deepvid rm {whole.name}"):
        import_archive(file, whole.parent)
    assert (whole / "journal.jsonl").read_bytes() == before


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
