"""A training that learns nothing says so on the terminal, and ends a script where it is asked to."""

from pathlib import Path

import pytest

from deepvid.cli.main import main

SICK = {
    "dataset.train": "320",
    "dataset.test": "200",
    "teacher.network": '{ kind = "mlp", hidden = [8] }',
    "teacher.epochs": "3",
    "teacher.learning_rate": "1e-9",
}


def test_an_alarm_is_printed_and_fails_a_run_that_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    changed = [part for name, value in SICK.items() for part in ("--set", f"{name}={value}")]
    command = ["run", "fashion_mnist_small", "--store", str(tmp_path), "--stop-after", "teacher", *changed]
    for options, code in (([], 0), (["--fail-on-alarm"], 1)):  # the second finds it done
        with pytest.raises(SystemExit) as left:
            main([*command, *options])
        assert (left.value.code or 0) == code
        assert "Alarm: In epoch 3 the training loss is 2." in capsys.readouterr().out
