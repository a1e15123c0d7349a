"""Sessions for minutes: twenty that make a gesture a second, a hundred that come and go, one left open.

    python benchmarks/long_sessions.py STORE [crowd | visitors | open]

STORE has a finished run with layers and time travel. `crowd` compares the latencies of twenty sessions with
those of one; beside them a Chromium selects, hovers and plays. `visitors` opens and closes a hundred. `open`
leaves a page of the run that grows (`--run`) open, and says at the end whether a new page says the same.
Each prints the memory of the server, its sessions, and the errors in its log and in the browser's console.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.request import urlopen

import numpy as np
from dashboard_page import chromium
from many_runs import cpu, memory
from playwright.sync_api import Page
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PAGES = ("diagnose", "time-travel", "network")
SESSIONS, VISITORS, WAIT = 20, 100, 60.0  # s after which an answer is missing
LIFETIME = 40  # s until the server has discarded a session whose page is closed
HEADER = r"\"look\": \"top\""  # in a tree of elements, which is JSON inside JSON
START = """
import gc, signal, sys
from bokeh.server.session import ServerSession
def count(*_):
    gc.collect()
    sessions = sum(isinstance(one, ServerSession) for one in gc.get_objects())
    print("SESSIONS", sessions, file=sys.stderr, flush=True)
signal.signal(signal.SIGUSR1, count)
from deepvid.cli.main import main
main(sys.argv[1:])
"""


class Server(NamedTuple):
    """A server in a process of its own."""

    port: int
    process: int
    log: IO[str]

    def state(self) -> str:
        """Memory, sessions and errors so far, in words."""
        before = self._said().count("SESSIONS")
        os.kill(self.process, signal.SIGUSR1)
        while (said := self._said()).count("SESSIONS") == before:
            time.sleep(0.1)
        sessions = re.findall(r"SESSIONS (\d+)\n", said)[-1]
        errors = re.findall(r"^(?:ERROR.*|(?:\w+\.)*\w*(?:Error|Exception): .*)$", said, re.MULTILINE)
        files = len(list(Path(f"/proc/{self.process}/fd").iterdir()))
        used = f"{memory(self.process):.0f} MB, {cpu(self.process):.0f} s CPU"
        first = f": {errors[0][:200]}" if errors else ""
        return f"{used}, {sessions} sessions, {files} files, {len(errors)} errors in the log{first}"

    def _said(self) -> str:
        self.log.seek(0)
        return self.log.read()


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("store", type=Path)
    parser.add_argument("what", choices=["crowd", "visitors", "open"])
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--run", default="", help="id of the run; of `open` one that grows")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with served(given.store) as server:
        {"crowd": crowd, "visitors": visitors, "open": left_open}[given.what](
            server, given.run, given.minutes
        )
    print(f"load {os.getloadavg()[0]:.1f}")


def crowd(server: Server, run: str, minutes: float) -> None:
    """Latencies of one session, then of twenty on three pages."""
    for page in PAGES:
        asyncio.run(gestures(server.port, run, [page], 0.1))
    print("before", server.state(), flush=True)
    alone = {page: asyncio.run(gestures(server.port, run, [page], minutes / 6))[page] for page in PAGES}
    places = [page for page, _ in zip(cycle(PAGES), range(SESSIONS), strict=False)]
    browser = subprocess.Popen(
        [sys.executable, "-c", BROWSER, str(server.port), run, str(60 * minutes)], cwd=Path(__file__).parent
    )
    begun = cpu(server.process)
    together = asyncio.run(gestures(server.port, run, places, minutes))
    browser.wait()
    done = sum(map(len, together.values()))
    print(f"{cpu(server.process) - begun:.0f} s CPU: {done} gestures, {SESSIONS} pages, those of Chromium")
    for page in PAGES:
        one, many = (np.array(found) * 1000 for found in (alone[page], together[page]))
        print(
            f"{page:<12} one: p50 {np.median(one):5.0f} p95 {np.quantile(one, 0.95):5.0f} ms ({len(one)})  "
            f"{SESSIONS}: p50 {np.median(many):5.0f} p95 {np.quantile(many, 0.95):5.0f} ms ({len(many)})  "
            f"p95 ratio {np.quantile(many, 0.95) / np.quantile(one, 0.95):.2f}"
        )
    print("after", server.state(), flush=True)
    time.sleep(LIFETIME)
    print("closed", server.state(), flush=True)


def visitors(server: Server, run: str, minutes: float) -> None:
    """A hundred sessions, ten at once, each gone after its first gesture."""
    asyncio.run(gestures(server.port, run, list(PAGES), 0.1))
    print("before", server.state(), flush=True)
    for turn in range(VISITORS // 10):
        places = [page for page, _ in zip(cycle(PAGES), range(10), strict=False)]
        asyncio.run(gestures(server.port, run, places, 0.01))
        if turn % 3 == 2:
            print(f"{10 * turn + 10} opened", server.state(), flush=True)
    time.sleep(LIFETIME)
    print("closed", server.state(), flush=True)


def left_open(server: Server, run: str, minutes: float) -> None:
    """A page of a growing run, against a new one at the end."""
    with chromium() as browser:
        page, told = opened(browser.new_page(), server.port, run, "time-travel")
        for minute in count():
            size = page.evaluate("performance.memory?.usedJSHeapSize") or 0
            print(f"{minute:3} min: heap {size / 1e6:.1f} MB;", server.state(), flush=True)
            if minute >= minutes:
                break
            page.wait_for_timeout(58_000)
        late, _ = opened(browser.new_page(), server.port, run, "time-travel")
        late.wait_for_timeout(10_000)
        old, new = (one.locator("body").inner_text().split() for one in (page, late))
        print("the page left open says what a new one says" if old == new else f"{old}\nbut a new one\n{new}")
        print(f"{len(told)} errors in the console", *told[:5])


def opened(page: Page, port: int, run: str, name: str) -> tuple[Page, list[str]]:
    """A page in Chromium once it is there, and the errors that its console tells from now on."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(f"http://localhost:{port}/app?run={run}&page={name}", timeout=180_000)
    page.locator("nav[aria-label=Pages]").wait_for(timeout=180_000)
    page.wait_for_timeout(10_000)
    return page, told


def act(port: int, run: str, seconds: float) -> None:
    """Draws, hovers and plays in a Chromium, a gesture a second."""
    with chromium() as browser:
        pages = [
            opened(browser.new_page(viewport={"width": 1440, "height": 900}), port, run, page)
            for page in PAGES
        ]
        pages[1][0].locator(".stage").first.focus()
        pages[1][0].keyboard.press(" ")
        begun, done = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            for page, _ in (pages[0], pages[2]):
                x, y = 200 + 37 * (done % 9), 250 + 23 * (done % 7)
                page.mouse.move(x, y)
                page.mouse.down()
                page.mouse.move(x + 120, y, steps=4)
                page.mouse.move(x + 60, y + 90, steps=4)
                page.mouse.up()
                page.mouse.move(x + 30, y + 20, steps=5)
                done += 1
                page.wait_for_timeout(400)
        told = [error for _, errors in pages for error in errors]
        print(f"Chromium: {done} gestures, {len(told)} errors in its consoles", *told[:5], flush=True)


BROWSER = "import sys, long_sessions as s; s.act(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))"


async def gestures(port: int, run: str, places: list[str], minutes: float) -> dict[str, list[float]]:
    """Seconds from a gesture to the header's answer, by page, of sessions that make one a second."""
    found: dict[str, list[float]] = {page: [] for page in places}
    sessions = [await Client.connected(port, run, page) for page in places]
    await asyncio.sleep(2)  # a link may still be read: what is asked for before is its
    end = time.monotonic() + 60 * minutes

    async def use(client: "Client", page: str, number: int) -> None:
        for turn in count(number):
            begun = time.monotonic()
            found[page].append(await client.gesture(turn))
            if time.monotonic() > end:
                return
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - begun)))

    await asyncio.gather(
        *(use(client, page, 7 * n) for n, (client, page) in enumerate(zip(sessions, places, strict=True)))
    )
    for client in sessions:
        client.socket.close()
    return found


class Client:
    """A session without a browser: the websocket's messages as they come."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket, self.bar, self.answered = socket, "", asyncio.Event()

    @classmethod
    async def connected(cls, port: int, run: str, page: str) -> "Client":
        """One whose document is there."""
        address = f"http://localhost:{port}/app?run={run}&page={page}"
        html = await asyncio.get_running_loop().run_in_executor(None, _text, address)
        token = re.search(r'"token":"([^"]+)"', html)
        assert token is not None
        request = HTTPRequest(f"ws://localhost:{port}/app/ws", headers={"Origin": f"http://localhost:{port}"})
        client = cls(
            await websocket_connect(request, subprotocols=["bokeh", token.group(1)], max_message_size=2**30)
        )
        await client._heard()  # that it is connected
        await client._send("PULL-DOC-REQ", {})
        while not client.bar:
            kind, content = await client._heard()
            if kind == "PULL-DOC-REPLY":
                client.bar = _header_of(json.loads(content)["doc"])
                assert client.bar, "the page has no header"
        client._listening = asyncio.create_task(client._listen())
        return client

    async def gesture(self, turn: int) -> float:
        """Selects other images and waits for the header to say so; seconds."""
        self.answered.clear()
        data = [["action", "query"], ["value", f"confidence > .{1 + turn % 9}"]]
        values = [["model", {"id": self.bar}], ["data", {"type": "map", "entries": data}]]
        event = {"type": "event", "name": "data_event", "values": {"type": "map", "entries": values}}
        begun = time.perf_counter()
        await self._send(
            "PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]}
        )
        await asyncio.wait_for(self.answered.wait(), WAIT)
        return time.perf_counter() - begun

    async def _listen(self) -> None:
        while True:
            kind, content = await self._heard()
            if kind == "PATCH-DOC" and HEADER in content:
                self.answered.set()
            if not kind:
                return

    async def _send(self, kind: str, content: Any) -> None:
        for part in ({"msgid": str(time.monotonic_ns()), "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _heard(self) -> tuple[str, str]:
        """Kind and content of a message; empty at the end."""
        parts = [await self.socket.read_message() for _ in range(3)]
        if None in parts:
            return "", ""
        head = json.loads(parts[0])
        for _ in range(2 * head.get("num_buffers", 0)):
            await self.socket.read_message()
        return head["msgtype"], str(parts[2])


def _header_of(document: Any) -> str:
    """The model of the page's header: what its data draws has the header's look."""
    if isinstance(document, dict):
        if HEADER in json.dumps(
            document.get("attributes", {}).get("data", {}).get("attributes", {}).get("tree")
        ):
            return str(document["id"])
        document = list(document.values())
    found = (_header_of(one) for one in document) if isinstance(document, list) else ()
    return next(filter(None, found), "")


def _text(address: str) -> str:
    with urlopen(address, timeout=180) as answer:
        return answer.read().decode()


@contextmanager
def served(store: Path) -> Iterator[Server]:
    """`deepvid serve`, which counts its sessions at SIGUSR1."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    command = ["serve", str(store.resolve()), "--port", str(port), "--no-show"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START, *command], stdout=subprocess.DEVNULL, stderr=log
        )
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    break
            time.sleep(0.1)
        try:
            yield Server(port, process.pid, log)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


if __name__ == "__main__":
    main()
