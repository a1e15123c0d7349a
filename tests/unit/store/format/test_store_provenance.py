"""Provenance of a run in its first line."""

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from deepvid.store import collect_provenance, open_writer


def test_the_first_line_says_with_what_a_run_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    found = collect_provenance(seeds={"run": 3}, devices=["cpu:0"], checksums={"train.gz": "ab12"})
    with open_writer(tmp_path, "toy-1", config={"name": "toy"}, provenance=found):
        text = (tmp_path / "toy-1" / "journal.jsonl").read_text()
    first = json.loads(text.splitlines()[0])
    assert first["details"]["config"] == {"name": "toy"}
    kept = first["details"]["provenance"]
    assert (kept["seeds"], kept["devices"], kept["checksums"]) == (
        {"run": 3},
        ["cpu:0"],
        {"train.gz": "ab12"},
    )
    assert kept["packages"]["zarr"] == version("zarr")
    assert kept["python"] == sys.version
    assert kept["os"] == platform.platform()
    assert kept["argv"] == sys.argv
    assert kept["environment"]["OMP_NUM_THREADS"] == "1"
    assert "hunter2" not in text


def test_the_commit_of_a_checkout_is_named() -> None:
    folder = Path(__file__).parent
    asked = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    found = collect_provenance(seeds={})["git"]
    if asked.returncode:  # not a checkout, as in an unpacked source distribution
        assert found is None
    else:
        assert len(found["commit"]) == 40
        assert isinstance(found["dirty"], bool)


def test_importing_deepvid_is_light() -> None:
    code = "import sys, deepvid; assert not {'xarray', 'zarr', 'numpy'} & set(sys.modules); deepvid.open_run"
    subprocess.run([sys.executable, "-c", code], check=True)
