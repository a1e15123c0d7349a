"""`deepvid.serve` from a notebook, a prompt or a script."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from serving import free_port, listens

import deepvid
from deepvid.errors import UserError
from deepvid.serving import Server

pytestmark = pytest.mark.long


def test_a_notebook_gets_a_handle_and_goes_on(tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell runs inside an event loop, as here; `sys.ps1` stands for the person who types."""
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    before, port, run = list(sys.argv), free_port(), deepvid.open_run(tiny_run)

    async def cell() -> Server:
        return deepvid.serve(run, port=port)

    server = asyncio.run(cell())
    assert server.url == f"http://localhost:{port}/app?run={run.id}"
    with urlopen(server.url) as answer:
        assert "DeepVID" in answer.read().decode()
        framing = answer.headers["Content-Security-Policy"]
    assert framing.startswith("frame-ancestors 'self' http://localhost:* ")  # a notebook's page may frame it
    assert f'<iframe src="{server.url}"' in server._repr_html_()
    assert repr(server) == f"Server('{server.url}')"
    assert sys.argv == before
    assert deepvid.serve(run, port=port).url == server.url  # the cell again
    server.stop()
    assert not listens(port)
    again = deepvid.serve(run, port=port)
    assert listens(port)
    again.stop()
    again.stop()


def test_a_port_that_is_taken(tiny_run: Path) -> None:
    with (
        socket.create_server(("localhost", port := free_port())),
        pytest.raises(UserError, match=r"is taken.*deepvid\.serve"),
    ):
        deepvid.serve(deepvid.open_run(tiny_run), port=port, show=False, block=False)


def test_a_script_serves_until_ctrl_c_and_goes_on(tiny_run: Path, tmp_path: Path) -> None:
    script, port = tmp_path / "script.py", free_port()
    script.write_text(
        "import deepvid\n"
        f"server = deepvid.serve(deepvid.open_run({str(tiny_run)!r}), port={port}, show=False)\n"
        "print('after', server.url)\n"
    )
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().endswith("(Ctrl-C stops it)\n")
    assert listens(port)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (0, "")
    assert printed.startswith("after http://")
