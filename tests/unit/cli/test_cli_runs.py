"""Commands about runs, on a store that the real pipeline made."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deepvid.cli.main import main
from deepvid.cli.runs import run_contents
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

EPOCHS = 40


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Output of a command that ends well."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_list_shows_one_line_a_run(
    tiny_store: Path, tiny_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, line = output(capsys, "list", "--store", str(tiny_store)).splitlines()
    assert header.split("  ")[0] == "run"
    assert line.startswith(tiny_run.name)
    assert line.rstrip().endswith("finished")
    (record,) = json.loads(output(capsys, "list", "--json", "--store", str(tiny_store)))
    assert record["id"] == tiny_run.name
    assert record["summary"]["metrics"]["students"] == 24


def test_show_takes_a_prefix(tiny_store: Path, tiny_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "show", "fashion", "--store", str(tiny_store))
    for part in (tiny_run.name, "projection-tsne-features-2d", "24 students in", "calibration error"):
        assert part in text
    record = json.loads(output(capsys, "show", "fashion", "--json", "--store", str(tiny_store)))
    assert len(record["epochs"]["teacher"]) == record["config"]["teacher"]["epochs"]
    assert record["provenance"]["devices"]


def test_an_archive_is_listed_and_shown_by_its_file(
    tiny_archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (record,) = json.loads(output(capsys, "list", str(tiny_archive), "--json"))
    assert (record["id"], record["state"], record["read_only"]) == (tiny_archive.name, "finished", True)
    assert "24 students in" in output(capsys, "show", str(tiny_archive))
    for command, action in (("fit-students", "deepvid import"), ("rm", "Delete that file yourself")):
        with pytest.raises(SystemExit) as caught:
            main([command, tiny_archive.name, "--store", str(tiny_archive.parent)])
        assert caught.value.code == 2
        assert action in capsys.readouterr().err


def test_what_is_kept_in_words(tiny_run: Path, tmp_path: Path) -> None:
    assert run_contents(tmp_path) == "nothing yet"
    assert run_contents(tiny_run).startswith("dataset, data-check, teacher, vae, ")
    assert run_contents(tiny_run).endswith(", 24 students, 48 explanations")


def test_rm_asks(
    tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(tiny_run, tmp_path / tiny_run.name))
    monkeypatch.setattr("typer.confirm", lambda text: False)
    output(capsys, "rm", "fashion", "--store", str(tmp_path))
    assert copy.exists()
    output(capsys, "rm", "fashion", "--yes", "--store", str(tmp_path))
    assert not copy.exists()


def test_ctrl_c_then_the_same_command_continues(tmp_path: Path) -> None:
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _until_committed(tmp_path, "teacher", epochs=1)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping at the next safe point" in complaint
    assert re.search(rf"Kept: dataset, data-check, teacher \(\d+ of {EPOCHS} epochs\)\.", printed)
    assert "Continue with: deepvid run fashion_mnist_small" in printed
    again = subprocess.run(command(tmp_path), capture_output=True, text=True)
    assert again.returncode == 0
    assert re.search(r"dataset +kept", again.stdout)
    (path,) = tmp_path.iterdir()
    assert "teacher" in open_run(path).stages


def test_kill_9_then_the_same_command_loses_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run = _until_committed(tmp_path, "teacher", epochs=1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run.poll()
    before = run.commits
    assert run.status().state == "interrupted"
    assert subprocess.run(command(tmp_path), capture_output=True).returncode == 0
    after = open_run(run.path).commits
    assert after[: len(before)] == before
    assert [commit.name for commit in after if commit.kind == "epoch"].count("teacher") == EPOCHS


def command(store: Path) -> list[str]:
    """Trains a teacher of little work and many epochs, so that there is time to stop it."""
    settings = ("dataset.train=40", "dataset.test=30", "projections=[]", f"teacher.epochs={EPOCHS}")
    network = "teacher.network={kind='mlp', hidden=[8]}"
    return [
        *(sys.executable, "-m", "deepvid", "run", "fashion_mnist_small", "--store", str(store)),
        *(part for setting in (*settings, network) for part in ("--set", setting)),
        *("--stop-after", "teacher"),
    ]


def _until_committed(store: Path, series: str, *, epochs: int) -> Run:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for path in store.glob("*/journal.jsonl"):
            run = open_run(path.parent)
            found = run.series(series)
            if found and found.epochs >= epochs:
                return run
        time.sleep(0.02)
    raise AssertionError("the run never got so far")
