"""`deepvid.serve` from a notebook, a prompt or a script."""

import os
import signal
import socket
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from serving import free_port, listens

import deepvid
from deepvid.errors import UserError

pytestmark = pytest.mark.long


class Notebook:
    """A kernel of Jupyter, and what its cells put out."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def cell(self, code: str) -> list[dict[str, Any]]:
        """Contents of all messages, in order. Raises AssertionError with the trace where the cell fails."""
        heard: list[dict[str, Any]] = []

        def hear(message: dict[str, Any]) -> None:
            if "data" in message["content"] or "text" in message["content"]:
                heard.append({"type": message["header"]["msg_type"], **message["content"]})

        reply = self._client.execute_interactive(code, output_hook=hear, timeout=120)["content"]
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", ()))
        return heard

    def value(self, code: str) -> Any:
        """Of an expression."""
        return literal_eval(self.cell(code)[-1]["data"]["text/plain"])


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    manager, client = start_new_kernel(env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        yield Notebook(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_notebook_gets_a_handle_and_goes_on(notebook: Notebook, tiny_run: Path) -> None:
    port = free_port()
    notebook.cell(f"import deepvid, sys; run = deepvid.open_run({str(tiny_run)!r}); before = list(sys.argv)")
    assert tiny_run.name in notebook.cell("run")[0]["data"]["text/html"]
    (shown,) = notebook.cell(f"server = deepvid.serve(run, port={port}); server")
    url = f"http://localhost:{port}/app?run={tiny_run.name}"
    assert f'<iframe src="{url}"' in shown["data"]["text/html"]
    with urlopen(url) as answer:
        assert "DeepVID" in answer.read().decode()
        framing = answer.headers["Content-Security-Policy"]
    assert framing.startswith(
        "frame-ancestors 'self' http://localhost:* "
    )  # the notebook's page may frame it
    assert notebook.value("sys.argv == before")
    assert notebook.value(f"deepvid.serve(run, port={port}).url") == url  # the cell again
    notebook.cell("server.stop(); server.stop()")
    assert not listens(port)
    notebook.cell(f"server = deepvid.serve(run, port={port})")
    assert listens(port)
    notebook.cell("server.stop()")
    assert notebook.value("dir(deepvid)") == ["__version__", "explain", "log_run", "open_run", "serve"]
    assert notebook.value("deepvid.__version__") == deepvid.__version__


def test_a_cell_shows_one_bar(notebook: Notebook) -> None:
    heard = notebook.cell(
        "from deepvid.cli.console import listening\n"
        "from deepvid.cli.printing import open_console\n"
        "from deepvid.progress import Tick\n"
        "with listening(open_console()) as listener:\n"
        "    listener.began('teacher', 1, 1)\n"
        "    listener.ticked('teacher', Tick(0, 1, 'a <note>', 0.0, None, lasting=True))\n"
        "    for done in range(300):\n"
        "        listener.ticked('teacher', Tick(done, 300, f'epoch {done}', 1.0, 2.0))\n"
        "    listener.ended('teacher', 'computed', 1.0, {'test_accuracy': 0.5})\n"
    )
    assert [message["type"] for message in heard][:2] == ["display_data", "update_display_data"]
    assert 3 <= len(heard) < 30
    assert "<progress" in heard[1]["data"]["text/html"]
    last = heard[-1]["data"]["text/html"]
    assert "<progress" not in last
    assert "a &lt;note&gt;" in last
    assert "done in 1.0 s  test accuracy 0.5" in last


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
    printed, complaint = process.communicate(timeout=90)  # on a busy machine
    assert (process.returncode, complaint) == (0, "")
    assert printed.startswith("after http://")
