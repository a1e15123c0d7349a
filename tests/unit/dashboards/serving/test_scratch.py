"""Temporary folders of servers, and what a server that was killed has left."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dashboards.serving.scratch import collect, scratch_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_server_left_is_collected_and_nothing_else(temporary: Path) -> None:
    code = (
        "import os, signal, tempfile\n"
        f"tempfile.tempdir = {str(temporary)!r}\n"
        "from dashboards.serving.scratch import scratch_folder\n"
        "folder = scratch_folder()\n"
        "open(folder.name + '/upload.zip', 'w').close()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = temporary.iterdir()
    living = f"deepvid-{socket.gethostname()}-{os.getppid()}-abcdefgh"
    others = ["deepvid-mine", f"deepvid-elsewhere-{left.name.split('-')[-2]}-abcdefgh", living, "runs"]
    for name in others:
        (temporary / name).mkdir()
    (temporary / "deepvid-file").touch()
    linked = left.with_name(left.name[:-8] + "linked00")
    linked.symlink_to(temporary / "runs")
    collect()
    assert {path.name for path in temporary.iterdir()} == {*others, "deepvid-file", linked.name}


def test_a_folder_of_this_process_goes_with_its_session() -> None:
    folder = scratch_folder()
    assert Path(folder.name).is_dir()
    folder.cleanup()
    assert not Path(folder.name).exists()
