"""Downloads, from a real server on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import numpy as np
import platformdirs
import pytest
import requests

from deepvid.config import Dataset
from deepvid.datasets import load
from deepvid.datasets.catalogue import SOURCES
from deepvid.datasets.finding import Original, download
from deepvid.datasets.idx import FILES, Idx, encode, pack
from deepvid.errors import Cancelled, DataError
from deepvid.progress import Progress, Tick

CONTENT = np.random.default_rng(0).bytes(300_000)
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Site(ThreadingHTTPServer):
    """Serves `files`; sends only the first `cuts.pop(0)` bytes of an answer; keeps the ranges asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {"/file.bin": CONTENT}
        self.cuts: list[int] = []
        self.ranges: list[str | None] = []
        self.headers: dict[str, str] = {}
        self.honors_ranges = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        content = self.server.files.get(self.path)
        if content is None:
            return self.send_error(404)
        begin = int(asked[6:].rstrip("-")) if asked and self.server.honors_ranges else 0
        if begin >= len(content):
            return self.send_error(416)
        rest = content[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(rest)))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest[: self.server.cuts.pop(0) if self.server.cuts else None])
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # pooch waits a second before it tries again
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Site() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


def fetch(site: Site, folder: Path, progress: Progress | None = None, name: str = "file.bin") -> Path:
    return download(f"{site.address}/{name}", CHECKSUM, folder, progress or Progress())


def test_a_file_arrives_once_with_progress(site: Site, tmp_path: Path) -> None:
    ticks: list[Tick] = []
    path = fetch(site, tmp_path / "new", Progress(ticks.append))
    assert path == tmp_path / "new" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert (ticks[-1].done, ticks[-1].total) == (len(CONTENT), len(CONTENT))
    assert len(ticks) > 2
    assert "file.bin" in ticks[0].message
    fetch(site, tmp_path / "new")
    assert len(site.ranges) == 1


def test_a_broken_transfer_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.cuts = [100_000]
    assert fetch(site, tmp_path).read_bytes() == CONTENT
    assert site.ranges == [None, "bytes=100000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


def test_the_next_call_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.cuts = [100_000, 50_000]
    with pytest.raises(requests.ConnectionError):
        fetch(site, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin.part"]
    assert fetch(site, tmp_path).read_bytes() == CONTENT
    assert site.ranges[-1] == "bytes=150000-"


def test_a_server_without_ranges_sends_all_of_it_again(site: Site, tmp_path: Path) -> None:
    site.honors_ranges = False
    site.cuts = [100_000]
    assert fetch(site, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [10, 400_000])
def test_a_part_of_something_else_is_dropped(site: Site, tmp_path: Path, size: int) -> None:
    (tmp_path / "file.bin.part").write_bytes(bytes(size))
    assert fetch(site, tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


def test_a_wrong_checksum_leaves_nothing(site: Site, tmp_path: Path) -> None:
    site.files["/file.bin"] = CONTENT[::-1]
    with pytest.raises(DataError, match=f"sha256 of .*file.bin is {CHECKSUM}.*removed"):
        fetch(site, tmp_path)
    assert not list(tmp_path.iterdir())


def test_bytes_are_kept_as_served(site: Site, tmp_path: Path) -> None:
    """Some servers call a .gz file an encoding; clients then unpack it, and the checksum fails."""
    packed = pack(CONTENT)
    site.files["/file.gz"] = packed
    site.headers = {"Content-Encoding": "gzip"}
    checksum = hashlib.sha256(packed).hexdigest()
    assert download(f"{site.address}/file.gz", checksum, tmp_path).read_bytes() == packed


def test_cancelling_keeps_what_came(site: Site, tmp_path: Path) -> None:
    cancel = Event()
    with pytest.raises(Cancelled):
        fetch(site, tmp_path, Progress(lambda tick: cancel.set(), cancel))
    assert (tmp_path / "file.bin.part").stat().st_size > 0
    assert fetch(site, tmp_path).read_bytes() == CONTENT
    assert site.ranges[-1] is not None


@pytest.fixture
def remote(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source of the catalogue whose files the site serves; the cache they are to go to."""
    images = np.arange(4 * 64, dtype=np.uint8).reshape(4, 8, 8)
    contents = [pack(encode(array)) for array in (images, np.array([0, 1, 0, 1], np.uint8)) * 2]
    site.files |= {f"/{name}": content for name, content in zip(FILES, contents, strict=True)}
    originals = {
        name: Original(hashlib.sha256(content).hexdigest(), f"{site.address}/{name}")
        for name, content in zip(FILES, contents, strict=True)
    }
    monkeypatch.setitem(SOURCES, "mnist", Idx("mnist", ("a", "b"), originals))
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.delenv("DEEPVID_DATA", raising=False)
    return tmp_path / "deepvid" / "data" / "mnist"


def test_absent_images_are_downloaded_into_the_cache(site: Site, remote: Path) -> None:
    assert len(load(Dataset(source="mnist"), seed=0).images) == 8
    assert sorted(path.name for path in remote.iterdir()) == sorted(FILES)
    site.files.clear()
    assert len(load(Dataset(source="mnist"), seed=0).images) == 8


def test_offline_and_absent_is_one_error(site: Site, remote: Path, tmp_path: Path) -> None:
    site.files.clear()
    with pytest.raises(DataError) as error:
        load(Dataset(source="mnist"), data=tmp_path, seed=0)
    for part in (str(tmp_path), "--data", "$DEEPVID_DATA", str(remote.parent), site.address, *FILES, "404"):
        assert part in str(error.value)


def test_a_server_that_does_not_answer(site: Site, remote: Path) -> None:
    site.server_close()
    site.shutdown()
    with pytest.raises(DataError, match=r"gives nothing.*looked in"):
        load(Dataset(source="mnist"), seed=0)
