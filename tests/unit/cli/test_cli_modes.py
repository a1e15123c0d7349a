"""`deepvid modes` on a tiny run: what it commits, prints and refuses."""

import json
from pathlib import Path

import pytest
from micro_runs import MicroRuns, copied

from deepvid.cli.main import main
from deepvid.cli.modes import confirmation
from deepvid.store import open_run, write_archive

pytestmark = pytest.mark.long


def called(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["modes", *map(str, arguments)])
    return int(left.value.code or 0)


def test_kinds_are_told_with_what_their_rules_find_elsewhere(
    micro_runs: MicroRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(micro_runs.residual(), tmp_path)
    assert called(path, "--count", 2) == 0
    printed = capsys.readouterr().out
    assert " 1  " in printed
    assert "onfirmed: of images of the other half that are" in printed
    assert {"causes", "modes"} <= set(open_run(path).stages)
    before = (path / "journal.jsonl").read_bytes()
    assert called(path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (path / "journal.jsonl").read_bytes() == before
    assert told == list(open_run(path).stages["modes"].open().attrs["modes"])
    write_archive(open_run(path), tmp_path / "with.zip")
    assert called(tmp_path / "with.zip") == 0
    write_archive(open_run(micro_runs.residual()), tmp_path / "without.zip")
    assert called(tmp_path / "without.zip") == 2
    assert "read-only" in capsys.readouterr().err


def test_a_rule_is_told_beside_all_images_and_beside_chance() -> None:
    rates = {"rate": [0.5, 0.4, 0.6], "usual": 0.12, "shuffled": 0.2}
    mode = {**rates, "rule": "taken for Bag", "confirmed": True}
    assert confirmation(mode) == (
        "Confirmed: of images of the other half that are taken for Bag, 50 % [40, 60] are wrong; of all "
        "12 %, by rules of chance 20 %"
    )
    assert confirmation({**mode, "rate": None}) == "No rule tells it from other images"
