"""Files between a browser and a server: whole, private, and never in memory."""

import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pytest
from loops import in_own_loop
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from dashboards.serving import transfer

LARGE = 150_000_000  # bytes; more than Tornado takes in one piece


def document(server: Application) -> SimpleNamespace:
    """What stands between a page and its server in Bokeh."""
    socket = SimpleNamespace(application=server)
    session = SimpleNamespace(_subscribed_connections=[SimpleNamespace(_socket=socket)])
    return SimpleNamespace(session_context=SimpleNamespace(session=session))


class Served:
    """A server with the route, and a client."""

    def __init__(self) -> None:
        application = Application()
        application.prefix = "/under"  # type: ignore[attr-defined]
        self.document = document(application)
        socket, port = bind_unused_port()
        HTTPServer(application).add_sockets([socket])
        self.address = f"http://127.0.0.1:{port}/under/"
        self.client = AsyncHTTPClient(max_body_size=10**9)


def test_a_file_is_fetched_until_its_link_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(bytes(range(256)) * 10_000)

    async def fetch() -> None:
        served = Served()
        link = transfer.offer(served.document, file, "run.zip")  # type: ignore[arg-type]
        for _ in range(2):
            answer = await served.client.fetch(served.address + link)
            assert answer.body == file.read_bytes()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="run.zip"'
        transfer.withdraw(link)
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + link)

    in_own_loop(fetch)


def test_a_file_arrives_once(tmp_path: Path) -> None:
    arrived: list[Path] = []

    async def post() -> None:
        served = Served()
        link = transfer.expect(served.document, tmp_path / "a.zip", arrived.append)  # type: ignore[arg-type]
        await served.client.fetch(served.address + link, method="POST", body=b"archive")
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + link, method="POST", body=b"another")
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + f"{transfer.PREFIX}/guessed")

    in_own_loop(post)
    assert arrived == [tmp_path / "a.zip"]
    assert arrived[0].read_bytes() == b"archive"


@pytest.mark.long
def test_a_large_file_passes_through_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.zip"
    with file.open("wb") as empty:
        empty.truncate(LARGE)
    received = 0

    def count(block: bytes) -> None:
        nonlocal received
        received += len(block)

    async def both_ways() -> None:
        served = Served()
        link = transfer.offer(served.document, file, "run.zip")  # type: ignore[arg-type]
        await served.client.fetch(served.address + link, streaming_callback=count, request_timeout=60)
        link = transfer.expect(served.document, tmp_path / "copy.zip", lambda _: None)  # type: ignore[arg-type]

        async def body(write):  # type: ignore[no-untyped-def]
            for _ in range(LARGE // 10**6):
                await write(bytes(10**6))

        await served.client.fetch(
            served.address + link, method="POST", body_producer=body, request_timeout=60,
            headers={"Content-Length": str(LARGE)},
        )  # fmt: skip

    tracemalloc.start()
    in_own_loop(both_ways)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert received == LARGE == (tmp_path / "copy.zip").stat().st_size
    assert most < 30_000_000
