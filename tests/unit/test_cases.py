"""The stories of trainings, told small: each script runs to its table."""

import subprocess
import sys
from pathlib import Path

import pytest

from deepvid.store import list_runs

CASES = Path(__file__).parents[2] / "experiments" / "cases"
SMALL = {
    "adversarial_training": (["--epochs", "1", "--iterations", "1"], 2),
    "noisy_labels": (["--epochs", "3"], 5),
    "active_learning": (["--epochs", "1", "--rounds", "2", "--picks", "30"], 6),
}


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("adversarial_training", marks=pytest.mark.slow),
        "noisy_labels",
        pytest.param("active_learning", marks=pytest.mark.slow),
    ],
)
def test_c_a1_c_l1_c_n1_a_case_tells_its_story(name: str, tmp_path: Path) -> None:
    options, rows = SMALL[name]
    few = ["--train", "100", "--test", "60", "--steps", "20", "--store", str(tmp_path)]
    command = [sys.executable, str(CASES / f"{name}.py"), *few, *options]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in told.splitlines() if line.startswith("| ")]
    assert len(lines) == 2 + rows
    assert "%" in lines[-1]
    for listing in list_runs(tmp_path):
        assert "time-travel-parametric" in listing.summary["stages"]
