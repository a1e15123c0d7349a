"""Archives that a page brings in: files below the store, and what https and s3 addresses name."""

import ssl
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from dashboards.views.archive.fetching import located
from deepvid.errors import StoreError
from deepvid.progress import SILENT, Progress, Tick


def test_an_archive_is_a_file_below_the_store(tmp_path: Path) -> None:
    store, target = tmp_path / "store", tmp_path / "fetched.zip"
    file, outside = store / "kept" / "a.zip", tmp_path / "b.zip"
    file.parent.mkdir(parents=True)
    for path in (file, outside):
        path.write_bytes(b"x")
    for source in ("kept/a.zip", str(file), "kept/../kept/a.zip"):
        assert located(source, store, target, SILENT) == file
    assert located(str(outside), store, target, SILENT, anywhere=True) == outside
    (store / "link.zip").symlink_to(outside)
    for source in (str(outside), "../b.zip", "link.zip"):
        with pytest.raises(StoreError, match="outside the store"):
            located(source, store, target, SILENT)


def test_nothing_is_said_of_files_elsewhere(tmp_path: Path) -> None:
    """A file that is there, one that is not, and one that may not be read have one answer."""
    (tmp_path / "there").touch()
    (tmp_path / "store").mkdir()
    said = set()
    for name in ("there", "nowhere", "store", "there/below"):
        source = str(tmp_path / name) if name != "store" else str(tmp_path)
        with pytest.raises(StoreError) as raised:
            located(source, tmp_path / "store", tmp_path / "fetched.zip", SILENT)
        said.add(raised.value.found.replace(source, ""))
    assert len(said) == 1


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a web server with a certificate of its own, which this process trusts."""
    certificate, key = (Path(__file__).parent / "localhost" / name for name in ("certificate.pem", "key.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (tmp_path / "web").mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("localhost", 0), partial(Web, directory=str(tmp_path / "web"))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()


class Web(SimpleHTTPRequestHandler):
    """Files, and `/to/ADDRESS`, which leads to an address."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        else:
            super().do_GET()


def test_an_archive_is_fetched_from_the_web(web: str, tmp_path: Path) -> None:
    (tmp_path / "web" / "a.zip").write_bytes(b"x" * 5000)
    target, ticks = tmp_path / "fetched.zip", list[Tick]()
    assert located(f"{web}/a.zip", tmp_path, target, Progress(ticks.append)) == target
    assert target.read_bytes() == b"x" * 5000
    assert ticks[-1].total == 5000
    elsewhere = ("b.zip", f"to/file://{tmp_path}/web/a.zip", f"to/{web.replace('https', 'http')}/a.zip")
    for source in elsewhere:
        with pytest.raises(StoreError, match="upload the file"):
            located(f"{web}/{source}", tmp_path, target, SILENT)
        assert not target.exists()


@pytest.mark.parametrize(
    "source",
    [
        *("nowhere.zip", ".", "", "a" * 5000, "nul\0", "~nobody/a.zip"),
        *("file:///etc/passwd", "nonsense://nowhere.zip", "http://localhost:22/a.zip", "ftp://host/a.zip"),
        *("reference://x::file:///ref.json", "simplecache::https://host/a.zip", "zip://x::s3://bucket/a.zip"),
        *("memory://a.zip", "s3://::x", "HTTPS://localhost:1/a.zip", "https://localhost:1/a.zip"),
    ],
)
def test_what_cannot_be_read_is_refused(source: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="upload the file"):
        located(source, tmp_path, tmp_path / "fetched.zip", SILENT)
    assert not (tmp_path / "fetched.zip").exists()
