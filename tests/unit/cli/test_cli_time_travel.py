"""`deepvid time-travel` on a tiny run: what it commits, prints and refuses."""

import json
from pathlib import Path

import pytest
from micro_runs import MicroRuns, copied
from rich.console import Console

from deepvid.cli.extending import COLUMNS, print_rows
from deepvid.cli.main import main
from deepvid.pipeline import time_travel
from deepvid.store import open_run

pytestmark = pytest.mark.long

FEW = ["--boundary", "20", "--steps", "20", "--resolution", "100"]


@pytest.fixture(scope="module")
def path(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(micro_runs.teacher(), tmp_path_factory.mktemp("travel"))


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["time-travel", *arguments])
    return int(left.value.code or 0)


def test_epochs_that_are_not_there_are_refused_before_anything_is_computed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in ("3", "0", "1,x", ""):
        assert called(str(path), "--evaluate", "--epochs", text) == 2
        assert "numbers from 1 to 2" in capsys.readouterr().err
    assert "time-travel-parametric" not in open_run(path).stages


def test_other_methods_stand_beside_it_measured_alike(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """UMAP, which compiles itself for a minute, is left out: tests of projections see it."""
    assert time_travel.OTHERS == ("tsne", "pca", "umap")
    monkeypatch.setattr(time_travel, "OTHERS", ("tsne", "pca"))
    assert called(str(path), *FEW) == 0
    before = (path / "journal.jsonl").read_bytes()
    capsys.readouterr()
    assert called(str(path), *FEW, "--evaluate", "--epochs", "2", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["form"] for row in rows] == ["parametric", "tsne", "pca"]
    for row in rows:
        assert row["epoch"] == 2
        assert row["test_nn_low"] <= row["test_nn"] <= row["test_nn_high"]
        assert row["test_nn_chance"] == rows[0]["test_nn_chance"]
    assert (path / "journal.jsonl").read_bytes() == before  # the others are not kept


def test_a_table_has_intervals_and_chance(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"form": "pca", "epoch": 3, "phantom": 0.25}
    for name in COLUMNS:
        row |= {name: 0.5, f"{name}_low": 0.4, f"{name}_high": 0.6, f"{name}_chance": 0.1}
    print_rows(Console(width=120), [row])
    first, second = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert first == ["pca", "3", *["0.5", "[0.4,", "0.6]"] * 4, "0.25"]
    assert second == ["chance", *["0.1"] * 4]


def test_a_bad_setting_is_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(str(path), "--form", "cube") == 2
    assert "parametric" in capsys.readouterr().err
