"""`deepvid network` on a tiny run: what it commits, prints and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from explained import described, explained
from micro_runs import MicroRuns, copied

from deepvid.cli.main import main
from deepvid.fields import PARTS
from deepvid.network.sentences import depths, influence, sentence
from deepvid.store import open_run

pytestmark = pytest.mark.long

FEW = ["--components", "4", "--neighbors", "5"]


@pytest.fixture(scope="module")
def path(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(micro_runs.teacher(), tmp_path_factory.mktemp("network"))


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["network", *arguments])
    return int(left.value.code or 0)


def test_a_line_a_layer_and_what_they_say_of_the_run(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert called(str(path), *FEW) == 0
    printed = capsys.readouterr().out
    lines = [line.split() for line in printed.splitlines()]
    rows = {line[0]: line for line in lines if line and line[0] in ("pixels", "hidden1", "logits")}
    assert rows["pixels"][1:5] == ["28x28x1", "0", "1x1", "/"]
    assert rows["hidden1"][1:4] == ["8", "6,280", "all"]  # 784 x 8 weights and 8 constants
    assert rows["logits"][1:4] == ["10", "90", "all"]
    assert "never look like their class in any layer" in printed
    assert "Prediction depth, from 0 (pixels) to 3 (never)" in printed
    assert "with leaving each of 40 out" in printed


def test_what_is_there_is_printed_and_nothing_is_computed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(str(path), *FEW) == 0
    before = (path / "journal.jsonl").read_bytes()
    capsys.readouterr()
    assert called(str(path), "--json") == 0  # settings that are not given are those of what is there
    told = json.loads(capsys.readouterr().out)
    assert (path / "journal.jsonl").read_bytes() == before
    assert told == json.loads(json.dumps(dict(open_run(path).together(*PARTS).attrs)))
    assert [column["name"] for column in told["columns"]] == ["pixels", "hidden1", "logits"]
    assert told["neighbors"] == 5


def test_of_a_model_trained_elsewhere_there_are_the_columns_that_it_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "images.npz", images=rng.integers(0, 256, (20, 8, 8, 1), "u1"), labels=np.arange(20) % 2
    )
    np.savez(tmp_path / "answers.npz", logits=rng.normal(size=(20, 2)), features=rng.normal(size=(20, 3)))
    dataset = {"source": "arrays", "path": str(tmp_path / "images.npz"), "test_share": 1}
    teacher = {"source": "predictions", "path": str(tmp_path / "answers.npz")}
    wanted = described(tmp_path, teacher, dataset=dataset, projections=[])
    found = explained(tmp_path / "runs", wanted)
    assert called(str(found.path), *FEW) == 0
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    rows = {line[0]: line for line in lines if line and line[0] in ("pixels", "features", "logits")}
    assert rows["features"][1:3] == ["3", "all"]  # nobody knows how many parameters
    assert list(rows) == ["pixels", "features", "logits"]
    assert "no unit is silenced, and no distance to another answer measured" in said.out + said.err


def test_a_bad_setting_is_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(str(path), "--layout", "cube") == 2
    assert "pivot_mds" in capsys.readouterr().err


def test_sentences() -> None:
    told = {"errors": 1213, "never": [0.5202, 0.492, 0.548], "columns": [0] * 7}
    assert sentence(told) == "52 % [49, 55] of the 1,213 errors never look like their class in any layer."
    assert sentence({"errors": 0, "never": [None, 0, 1]}) == "No test image is taken for another class."
    known = {"leave_one_out": 0.9996, "left_out": 60, "agreement": 0.977}
    assert influence({"influence": known}) == (
        "Influence of training images on the last layer: Spearman 1.000 with leaving each of 60 out; "
        "fitted again, it agrees with the teacher on 98 %."
    )
    assert influence({"influence": None}) is None
    assert depths({**told, "depth_right": 0.51, "depth_wrong": None}) == (
        "Prediction depth, from 0 (pixels) to 7 (never): 0.5 of right images."
    )
