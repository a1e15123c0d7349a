"""`deepvid find-rate`: a rate, and no run."""

import json
from pathlib import Path

import pytest

from deepvid.cli.main import main

SMALL = ("--set=dataset.train=200", "--set=dataset.test=50", "--set=teacher.network={kind='mlp',hidden=[8]}")


def leaves(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return int(str(caught.value.code))


def test_it_says_which_rate_to_write_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert leaves("find-rate", "fashion_mnist_small", *SMALL) == 0
    said = capsys.readouterr().out
    assert leaves("find-rate", "fashion_mnist_small", *SMALL, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert f"teacher.learning_rate = {found['rate']:.1e}" in said
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) == 100
    assert not list(tmp_path.iterdir())


def test_a_classifier_that_is_not_trained_here_has_no_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "own"\n[dataset]\nsource = "fashion_mnist_small"\n'
        '[teacher]\nsource = "onnx"\npath = "model.onnx"\n'
    )
    assert leaves("find-rate", str(tmp_path / "own.toml")) == 2
    assert "a classifier that DeepVID trains" in capsys.readouterr().err
