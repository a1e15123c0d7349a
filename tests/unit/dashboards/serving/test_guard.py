"""Requests of strangers to a served dashboard, and its answers: one server, many requests."""

import asyncio
import base64
import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from loops import in_own_loop
from serving import Served, free_port, listens, serve_command, wait_until

from dashboards.serving import admission
from deepvid.cli.main import main
from deepvid.cli.serving import dashboard

HANDSHAKE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: bokeh, none",
)


def status(served: Served, path: str, **headers: str) -> int:
    return asked(served, path, **headers).status


def asked(served: Served, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """The answer to one request; names of headers are written with `_` for `-`."""
    connection = http.client.HTTPConnection("localhost", served.port, timeout=60)
    connection.request(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    return connection.getresponse()


def opened(served: Served, host: str, **headers: str) -> int:
    """The status of a websocket's handshake; 101 is open."""
    lines = [f"Host: {host}", *HANDSHAKE, *(f"{name}: {value}" for name, value in headers.items())]
    with socket.create_connection(("localhost", served.port), timeout=60) as raw:
        raw.sendall("\r\n".join(["GET /app/ws HTTP/1.1", *lines, "", ""]).encode())
        return int(raw.recv(200).split()[1])


@pytest.mark.parametrize(
    "path",
    [
        "venv.__main__/x/y/z",  # ended the server
        "test.autotest/x/y/z",
        "this/x/y/z",
        "touchme/x/y/z",  # a file of the folder it was started in
        "deepvid.students/x/y/z",
        "os/x/y/z",  # loaded, but no component
        "os/PathLike/y/z",
        "__main__/x/y/z",
        "panel.command.serve/Serve/_js/x",
        "panel.io.resources/json/_js/x",
        "dashboards.views.progress.status_strip/Component/_stylesheets/base.css",  # of another module
        "..%2f..%2fetc/passwd",
        "//x/y/z",
        "..%2f/x/y/z",
        "%00/x/y/z",
    ],
)
def test_the_component_route_imports_nothing(served: Served, empty_store: Path, path: str) -> None:
    assert status(served, f"/components/{path}") == 404
    assert status(served, "/app/metadata") == 200  # it lives
    assert not (empty_store / "touched").exists()


@pytest.mark.parametrize(("asks", "leads"), [("/", "./app"), ("/?page=network", "./app?page=network")])
def test_the_front_door_leads_to_the_page_with_what_was_asked(served: Served, asks: str, leads: str) -> None:
    assert asked(served, asks).headers["Location"] == leads


def test_components_of_a_page_are_served(served: Served) -> None:
    """Files that a loaded component lists itself, and nothing beside them."""
    theme = "/components/panel.theme.base/DefaultTheme/base_css/css"
    assert status(served, f"{theme}/default.css") == 200
    assert status(served, f"{theme}/dark.css") == 403


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/app", "/app/autoload.js", "/static/js/bokeh.min.js", "/transfer/x"])
def test_a_name_that_is_not_ours_is_refused(served: Served, path: str, method: str) -> None:
    answer = asked(served, path, method, Host="rebind.test:5006")
    assert answer.status == 403
    assert answer.getheader("Content-Security-Policy") == "frame-ancestors 'self'"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:{port}", 200),
        ("LOCALHOST:{port}", 200),
        ("127.0.0.1:{port}", 200),
        ("localhost", 403),
        ("localhost:1", 403),
        ("localhost.evil.example:{port}", 403),
        ("evil.example", 403),
        ("127.0.0.2:{port}", 403),
        ("", 403),
    ],
)
def test_hosts(served: Served, host: str, expected: int) -> None:
    assert status(served, "/app/metadata", Host=host.format(port=served.port)) == expected


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("rebind.test:{port}", "http://rebind.test:{port}"),  # DNS rebinding
        ("rebind.test", "http://rebind.test"),
        ("rebind.test:{port}", "http://localhost:{port}"),
        ("localhost:{port}", "http://evil.example"),
        ("localhost:{port}", "null"),
        ("localhost:{port}", "file://"),
    ],
)
def test_foreign_websockets_are_refused(served: Served, host: str, origin: str) -> None:
    names = {"port": served.port}
    assert opened(served, host.format(**names), Origin=origin.format(**names)) == 403


def test_our_own_page_opens_its_websocket(served: Served) -> None:
    host = f"localhost:{served.port}"
    assert opened(served, host, Origin=f"http://{host}") == 101


def test_every_answer_forbids_foreign_frames(served: Served) -> None:
    for path in ("/app", "/app/metadata", "/static/js/bokeh.min.js", "/nothing", "/components/os/x/y/z"):
        assert asked(served, path).getheader("Content-Security-Policy") == "frame-ancestors 'self'"


def session(served: Served, query: str = "", **headers: str) -> str:
    """The id of the session that a page is given, which its token names."""
    page = asked(served, f"/app{query}", **headers).read().decode()
    token = re.search(r'"token":"([^"]+)"', page)
    assert token is not None
    payload = token.group(1).partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["session_id"])


def test_no_address_opens_the_session_of_another(served: Served) -> None:
    page = asked(served, "/app").read().decode()
    token = page.partition('"token":"')[2].partition('"')[0]
    ids = [session(served)]
    ids += [session(served, "?bokeh-session-id=fixed4711") for _ in range(2)]
    ids += [session(served, f"?bokeh-session-id={ids[0]}"), session(served, "?bokeh-session-id=")]
    ids += [session(served, f"?bokeh-token={token}") for _ in range(2)]
    ids += [session(served, Bokeh_Session_Id=ids[0])]
    assert len(set(ids)) == len(ids)
    assert "fixed4711" not in ids


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def locked(empty_store: Path, log: Path) -> Iterator[Served]:
    """Beyond this machine: with a token."""
    with log.open("w") as stderr, serve_command(empty_store, "--address", "0.0.0.0", stderr=stderr) as server:
        yield server


def test_beyond_this_machine_a_link_opens_it_and_nothing_else(locked: Served, log: Path) -> None:
    link = urlsplit(locked.address)
    token = parse_qs(link.query)["token"][0]
    guesses = ("", "guess", token[:-1], token + "x")
    others = ("/", "/app", "/app/autoload.js", "/static/js/bokeh.min.js", "/transfer/x", "/app/metadata")
    for path in (*others, *(f"/app?token={guess}" for guess in guesses)):
        assert status(locked, path) == 403, path
    assert opened(locked, f"localhost:{locked.port}") == 403
    assert asked(locked, f"/app?token={token}", "POST").status == 403
    assert status(locked, f"/app?token={token}", Host=f"rebind.test:{locked.port}") == 403

    welcome = asked(locked, f"/app?run=x&token={token}")
    assert welcome.status == 302
    assert welcome.getheader("Location") == "./app?run=x"
    cookie = str(welcome.getheader("Set-Cookie"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert token not in cookie
    mine = cookie.partition(";")[0]
    page = asked(locked, "/app", Cookie=mine)
    assert page.status == 200
    assert mine.partition("=")[2] not in readable(page.read().decode())
    assert opened(locked, link.netloc, Cookie=mine, Origin=f"http://{link.netloc}") == 101
    assert opened(locked, link.netloc, Cookie=mine, Origin="http://evil.example") == 403
    assert status(locked, "/app", Cookie=mine[:-1]) == 403
    for path in ("//evil.example/app", "/\\evil.example", "/x/evil:y", "/http://evil.example"):
        led = asked(locked, f"{path}?token=&x", Cookie=mine).getheader("Location")
        assert urljoin(f"http://{link.netloc}{path}", str(led)).startswith(f"http://{link.netloc}/"), led
        assert str(led).startswith("./")

    for query in (f"x=1?token={token}", f"%74oken={token}", f"x&token={token}&token=x"):
        for method in ("GET", "HEAD", "POST"):
            asked(locked, f"/app?{query}", method, Host=f"rebind.test:{locked.port}")
            asked(locked, f"/nothing?{query}", method, Cookie=mine if "x=1" not in query else "")
    assert status(locked, "/last", Cookie=mine) == 404
    wait_until(lambda: "404 GET /last" in log.read_text())
    assert "403 POST /app (" in log.read_text()
    assert token not in log.read_text()


def test_wrong_tokens_wait_longer_and_longer_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now, waited = [1000.0], []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(admission.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(admission.asyncio, "sleep", sleep)
    guesses = admission.Guesses()
    for _ in range(12):
        assert in_own_loop(lambda: guesses.may_try("192.0.2.1"))
        guesses.failed("192.0.2.1")
    assert waited == [0, 0, 0, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2, 2, 2]
    assert guesses.pause("192.0.2.2") == 0
    now[0] += 59
    guesses.failed("192.0.2.3")
    assert guesses.pause("192.0.2.1") == 2
    now[0] += 2
    assert guesses.pause("192.0.2.1") == 0
    guesses.failed("192.0.2.1")
    assert guesses.pause("192.0.2.1") == 0


def test_few_tokens_of_an_address_wait_at_once() -> None:
    guesses = admission.Guesses()

    async def many() -> list[bool]:
        of_one = [guesses.may_try("192.0.2.1") for _ in range(20)]
        return await asyncio.gather(*of_one, guesses.may_try("192.0.2.2"))

    assert in_own_loop(many) == [True] * 8 + [False] * 12 + [True]
    assert in_own_loop(many) == [True] * 8 + [False] * 12 + [True]


def test_addresses_of_one_network_are_one() -> None:
    networks = [admission._network(f"2001:db8::{last}") for last in ("1", "2", "1:2:3%eth0")]
    assert networks == ["2001:db8::/64"] * 3
    assert [admission._network(address) for address in ("192.0.2.1", "")] == ["192.0.2.1", ""]


def test_a_token_that_can_be_guessed_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DEEPVID_TOKEN", "hunter2")
    with pytest.raises(SystemExit) as left:
        main(["serve", str(tmp_path), "--port", str(free_port())])
    assert left.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "A token has at least 16 characters. Found: 7 in DEEPVID_TOKEN. Choose a longer one" in said
    assert "hunter2" not in said


def readable(page: str) -> str:
    """A page, and what stands in its token."""
    tokens = re.findall(r'"token":"([^".]+)', page)
    return page + "".join(
        base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode() for token in tokens
    )


def test_a_token_can_be_chosen_and_also_guards_this_machine_and_names_are_added_for_a_proxy(
    empty_store: Path,
) -> None:
    token = {**os.environ, "DEEPVID_TOKEN": "some chosen words"}
    names = ("--allow-origin", "deepvid.example:443", "--allow-origin", "short")
    with serve_command(empty_store, *names, env=token) as served:
        assert served.address.endswith("/app?token=some%20chosen%20words")
        assert status(served, "/app") == 403
        assert status(served, "/app?token=some%20chosen%20words") == 302
        cookie = str(asked(served, "/app?token=some%20chosen%20words").getheader("Set-Cookie")).partition(
            ";"
        )[0]
        for host in ("deepvid.example:443", "short", "short:80", f"localhost:{served.port}"):
            assert status(served, "/app?token=some%20chosen%20words", Host=host) == 302
            assert status(served, "/app/metadata", Host=host, Cookie=cookie) == 200
        assert status(served, "/app/metadata", Host="deepvid.example", Cookie=cookie) == 403


def test_panel_itself_starts_only_where_nobody_else_reaches_it(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "panel",
        "serve",
        str(dashboard()),
        "--plugins",
        "dashboards.serving.plugin",
    ]
    started = subprocess.run(
        [*command, "--port", str(free_port())], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert started.returncode
    assert "Add --address localhost" in started.stderr + started.stdout
    port = free_port()
    process = subprocess.Popen([*command, "--address", "localhost", "--port", str(port)], cwd=tmp_path)
    try:
        wait_until(lambda: listens(port), timeout=60)
        served = Served("", port, process)
        assert status(served, "/app/metadata") == 200
        assert status(served, "/app/metadata", Host=f"rebind.test:{port}") == 403
    finally:
        process.terminate()
        process.wait(30)
