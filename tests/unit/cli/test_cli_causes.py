"""`deepvid causes` on a tiny run: what it commits, prints and refuses."""

import json
from collections import Counter
from pathlib import Path

import pytest
from micro_runs import MicroRuns, copied

from deepvid.cli.main import main
from deepvid.store import open_run, write_archive

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def path(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(micro_runs.residual(), tmp_path_factory.mktemp("causes"))


def called(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["causes", *map(str, arguments)])
    return int(left.value.code or 0)


def test_a_line_a_cause_and_its_surest_errors(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(path, "--limit", 2) == 0
    printed = capsys.readouterr().out
    lines = [line.split("  ")[0] for line in printed.splitlines()]
    assert {"label doubt", "one place decides", "classes overlap", "unknown"} <= set(lines)
    assert "77 % (Fashion-MNIST), 94 % (MNIST)" in printed


def test_what_is_there_is_printed_and_nothing_is_computed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(path, "--limit", 2) == 0
    before = (path / "journal.jsonl").read_bytes()
    capsys.readouterr()
    assert called(path, "--json") == 0  # without a limit it takes what is there
    told = json.loads(capsys.readouterr().out)
    assert (path / "journal.jsonl").read_bytes() == before
    counts = open_run(path).stages["causes"].metrics
    assert {one["title"]: one["errors"] for one in told["causes"] if one["errors"]} == counts
    of_split = Counter(one["split"] for one in told["errors"])
    assert of_split["test"] == sum(counts.values())
    assert of_split["training"] == sum(one["training_errors"] for one in told["causes"]) > 0
    for one in told["errors"]:
        assert one["label"] != one["predicted"]
        assert (one["strength"] is None) == (one["cause"] == "cause unknown")
        assert one["strength"] is None or one["strength"] >= 1


def test_an_archive_tells_what_it_has_and_lacks_what_would_be_computed(
    path: Path, micro_runs: MicroRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(path, "--limit", 2) == 0
    write_archive(open_run(path), tmp_path / "with.zip")
    assert called(tmp_path / "with.zip") == 0
    write_archive(open_run(micro_runs.residual()), tmp_path / "without.zip")
    assert called(tmp_path / "without.zip") == 2
    assert "read-only" in capsys.readouterr().err
