"""Files between a browser and a server: whole, private, and never in memory."""

import asyncio
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from loops import in_own_loop
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.tcpclient import TCPClient
from tornado.testing import bind_unused_port
from tornado.web import Application

from dashboards.serving import transfer

LARGE = 150_000_000  # bytes; more than Tornado takes in one piece


class Served:
    """A server with the route, and a client."""

    def __init__(self) -> None:
        prefixed = [("/under" + pattern, handler) for pattern, handler in transfer.ROUTES]  # as Bokeh does
        application = Application(prefixed)
        socket, self.port = bind_unused_port()
        HTTPServer(application).add_sockets([socket])
        self.address = f"http://127.0.0.1:{self.port}/under/"
        self.client = AsyncHTTPClient(max_body_size=10**9)


def test_a_file_is_fetched_until_its_link_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(bytes(range(256)) * 10_000)

    async def fetch() -> None:
        served = Served()
        link = transfer.offer(file, "run.zip")
        for _ in range(2):
            answer = await served.client.fetch(served.address + link)
            assert answer.body == file.read_bytes()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="run.zip"'
        transfer.withdraw(link)
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + link)

    in_own_loop(fetch)


def test_a_file_arrives_once(tmp_path: Path) -> None:
    arrived, failed = list[Path](), list[str]()

    async def post() -> None:
        served = Served()
        link = transfer.expect(tmp_path / "a.zip", arrived.append, failed.append)
        await served.client.fetch(served.address + link, method="POST", body=b"archive")
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + link, method="POST", body=b"another")
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + f"{transfer.PREFIX}/guessed")

    in_own_loop(post)
    assert arrived == [tmp_path / "a.zip"]
    assert arrived[0].read_bytes() == b"archive"
    assert failed == []


POST = "POST /under/{link} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"


@pytest.mark.parametrize(
    ("length", "sent", "full", "found"),
    [
        (1000, 400, False, "the connection ended"),
        (10**15, 0, False, "are free for it"),
        (10**12 * 9, 100_000, False, "are free for it"),
        (5_000_000, 5_000_000, True, "No space left on device"),
    ],
    ids=["cut", "too large", "too large and sent on", "disk full"],
)
def test_what_does_not_arrive_whole_is_said_and_leaves_nothing(
    tmp_path: Path, length: int, sent: int, full: bool, found: str
) -> None:
    arrived, failed = list[Path](), list[str]()
    path = tmp_path / "a.zip"
    if full:
        path.symlink_to("/dev/full")  # every write to it finds the disk full

    async def post() -> None:
        served = Served()
        link = transfer.expect(path, arrived.append, failed.append)
        stream = await TCPClient().connect("127.0.0.1", served.port)
        await stream.write(POST.format(link=link, length=length).encode())
        with suppress(StreamClosedError):
            await stream.write(bytes(sent))
            if length > sent:
                await asyncio.sleep(0.1)
        if length > sent:
            stream.close()
        for _ in range(200):
            if failed:
                break
            await asyncio.sleep(0.02)
        with pytest.raises(HTTPClientError, match="404"):
            await served.client.fetch(served.address + link, method="POST", body=b"again")
        stream.close()

    in_own_loop(post)
    assert arrived == []
    assert len(failed) == 1
    assert found in failed[0]
    assert not path.is_symlink()
    assert not path.exists()


@pytest.mark.parametrize("length", ["-1", "many", "0x10", "9" * 400, str(2**45)])
def test_a_length_that_is_none_is_refused_and_the_link_stays_for_the_file(
    tmp_path: Path, length: str
) -> None:
    arrived, failed = list[Path](), list[str]()

    async def post() -> None:
        served = Served()
        link = transfer.expect(tmp_path / "a.zip", arrived.append, failed.append)
        stream = await TCPClient().connect("127.0.0.1", served.port)
        await stream.write(POST.format(link=link, length=length).encode())
        with suppress(StreamClosedError):
            answer = await stream.read_until_close()
            assert not answer.startswith(b"HTTP/1.1 2")
        if not failed:
            await served.client.fetch(served.address + link, method="POST", body=b"archive")

    in_own_loop(post)
    assert len(failed) + len(arrived) == 1
    assert not failed or not (tmp_path / "a.zip").exists()


def test_a_slow_file_holds_up_no_other(tmp_path: Path) -> None:
    """A byte at a time; a file of another link passes between any two."""
    arrived = list[Path]()

    async def post() -> None:
        served = Served()
        slow, quick = (
            [
                transfer.expect(tmp_path / f"{name}{number}", arrived.append, lambda _: None)
                for number in range(9)
            ]
            for name in ("slow", "quick")
        )
        streams = [await TCPClient().connect("127.0.0.1", served.port) for _ in slow]
        for stream, link in zip(streams, slow, strict=True):
            await stream.write(POST.format(link=link, length=10).encode())
        for number, link in enumerate(quick):
            for stream in streams:
                await stream.write(b"x")
            await served.client.fetch(served.address + link, method="POST", body=b"archive")
            assert arrived[number].name == f"quick{number}"
        for stream in streams:
            await stream.write(b"x")
            assert (await stream.read_until(b"\r\n")).startswith(b"HTTP/1.1 200")

    in_own_loop(post)
    assert len(arrived) == 18


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("run.zip", 'attachment; filename="run.zip"'),
        ("日本.zip", "attachment; filename=\"__.zip\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.zip"),
        ('a"\\b.zip', "attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%22%5Cb.zip"),
        ("a\r\nb.zip", "attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%0D%0Ab.zip"),
    ],
)
def test_a_file_is_saved_under_any_name(tmp_path: Path, name: str, header: str) -> None:
    file = tmp_path / "a.zip"
    file.touch()

    async def fetch() -> None:
        served = Served()
        answer = await served.client.fetch(served.address + transfer.offer(file, name))
        assert answer.headers["Content-Disposition"] == header

    in_own_loop(fetch)


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
        link = transfer.offer(file, "run.zip")
        await served.client.fetch(served.address + link, streaming_callback=count, request_timeout=60)
        link = transfer.expect(tmp_path / "copy.zip", lambda _: None, lambda _: None)

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


def test_a_server_without_the_route_says_so() -> None:
    """In a process of its own: here a server has asked for the route."""
    code = (
        "from dashboards.serving import transfer\n"
        "print(repr(transfer.refusal()))\n"
        "transfer.ROUTES\n"
        "print(repr(transfer.refusal()))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    before, after = said.splitlines()
    assert "deepvid serve" in before
    assert after == "''"
