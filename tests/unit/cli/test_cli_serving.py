"""The dashboard beside a run: there at once, gone with the process that started it."""

import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from deepvid.cli.running import serving_in_background
from deepvid.cli.serving import dashboard
from deepvid.errors import UserError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
    return port


def page(port: int) -> int | None:
    """The HTTP status of the page; None while nothing listens."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/app", timeout=30) as answer:
            status: int = answer.status
            return status
    except (urllib.error.URLError, ConnectionError):
        return None


def test_the_dashboard_is_a_script_that_panel_serves() -> None:
    assert dashboard().name == "app.py"
    assert dashboard().is_file()


@pytest.mark.long
def test_a_page_is_there_while_a_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with serving_in_background(tmp_path / "runs", port=port, run="demo-1234"):
        assert f"http://localhost:{port}/app?run=demo-1234" in capsys.readouterr().out
        deadline = time.monotonic() + 60
        while page(port) != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        with pytest.raises(UserError, match="is taken"), serving_in_background(tmp_path, port=port, run="x"):
            pass
    assert page(port) is None
