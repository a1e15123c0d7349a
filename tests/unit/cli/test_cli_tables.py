"""In a narrow terminal a row still says which run it is: columns go whole, and names stay."""

from pathlib import Path

import pytest

from deepvid.cli import runs
from deepvid.cli.printing import Terminal, print_table
from deepvid.store import open_writer

GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"
RUNS = ["fashion_mnist_small-4c65990c", "fashion_mnist_small-4c65990d"]


def printed(capsys: pytest.CaptureFixture[str], width: int, text: str) -> list[str]:
    """`text` has a row a line and a cell a word; the first column to go is `c`, then `b`."""
    columns = ["a", "b", "c"]
    rows = [dict(zip(columns, line.split(), strict=True)) for line in text.split(", ")]
    print_table(Terminal(width=width), columns, rows, least=("c", "b"), right=("c",))
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_columns_go_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    text = "first 1234 5, second 6 78"  # 6 + 4 + 2 columns, and 2 between two of them
    assert printed(capsys, 16, text) == ["a       b      c", "first   1234   5", "second  6     78"]
    assert printed(capsys, 15, text) == ["a       b", "first   1234", "second  6", "In a wider terminal: c"]
    assert printed(capsys, 11, text) == ["a", "first", "second", "In a wider terminal: b, c"]
    assert printed(capsys, 4, text)[:5] == ["a", "firs", "t", "seco", "nd"]


def test_runs_are_told_apart_in_forty_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in RUNS:
        with open_writer(tmp_path, name, config={}, provenance={}) as writer:
            writer.finish()
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost" / "journal.jsonl").touch()
    monkeypatch.setattr(runs, "open_console", lambda: Terminal(width=40))
    runs.list_(str(tmp_path))
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()[:4]]
    assert rows == [["run", "state"], *([name, "finished"] for name in RUNS[::-1]), ["lost", "empty"]]
    assert "lost: The journal of a run has at least one line." in out


def test_stages_are_told_apart_in_forty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runs, "open_console", lambda: Terminal(width=40))
    runs.show(str(GOLDEN))
    out = capsys.readouterr().out
    for stage in ("projection-tsne-features-2d", "projection-pca-pixels-2d", "teacher", "students"):
        assert f"\n{stage} " in out
    assert "In a wider terminal: key, committed, took" in out
    assert "…" not in out
