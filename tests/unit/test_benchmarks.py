"""Output of benchmarks: ratios to a baseline of the same run, with a verdict where there is a budget."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PROGRAM = """
import argparse, json
from records import *

Show = argparse.Namespace(json={json})
lasso = Baseline("the lasso", 100.0)
show([
    lower_is_better("cell", 125.0, "ms", lasso, budget=at_most(1.3)),
    lower_is_better("click", 140.0, "ms", lasso, budget=at_most(1.3)),
    higher_is_better("archive", 50.0, "MB/s", Baseline("zip", 40.0), budget=1.2),
    lower_is_better("list", 9.0, "ms", Baseline("MLflow", None), budget=5),
    lower_is_better("poll", 2.0, "us"),
    lower_is_better("error", 0.0, "", Baseline("1e-9", 1e-9), budget=1),
    at_percentile(50, "drag", [1.0, 2.0, 9.0], "sliders", [4.0, 6.0, 50.0], budget=3.0),
    at_percentile(95, "query", [1.0, 2.0, 9.0], "pandas", None, budget=3.0),
], Show)
"""


def printed(*, as_json: bool) -> str:
    command = [sys.executable, "-c", PROGRAM.format(json=as_json)]
    return subprocess.run(command, cwd=BENCHMARKS, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, Any]]:
    return {record["name"]: record for record in json.loads(printed(as_json=True))}


def test_a_ratio_above_one_is_better_than_the_baseline(records: dict[str, dict[str, Any]]) -> None:
    assert records["cell"]["ratio"] == pytest.approx(0.8)  # 100 / 125 ms: worse
    assert records["archive"]["ratio"] == pytest.approx(1.25)  # 50 / 40 MB/s: better


def test_a_budget_is_a_ratio_and_holds_or_not(records: dict[str, dict[str, Any]]) -> None:
    assert records["cell"]["budget"] == pytest.approx(1 / 1.3)
    assert [records[name]["holds"] for name in ("cell", "click", "archive")] == [True, False, True]


def test_what_is_zero_has_no_ratio_and_holds(records: dict[str, dict[str, Any]]) -> None:
    assert (records["error"]["ratio"], records["error"]["holds"]) == (None, True)


def test_what_has_no_baseline_has_no_verdict(records: dict[str, dict[str, Any]]) -> None:
    """No MLflow: the budget stands, unjudged. Nothing to compare to: a bare figure."""
    assert (records["list"]["ratio"], records["list"]["budget"], records["list"]["holds"]) == (None, 5, None)
    assert records["poll"] == {
        "name": "poll",
        "value": 2.0,
        "unit": "us",
        "baseline": None,
        "baseline_value": None,
        "ratio": None,
        "budget": None,
        "holds": None,
    }


def test_times_are_compared_at_the_same_percentile(records: dict[str, dict[str, Any]]) -> None:
    """The medians are 2 and 6 ms: three times as fast. The 95th of 1, 2 and 9 is 2 + .9 · 7 = 8.3."""
    drag, query = records["drag, p50"], records["query, p95"]
    assert (drag["value"], drag["baseline_value"], drag["ratio"], drag["holds"]) == (2.0, 6.0, 3.0, True)
    assert query["value"] == pytest.approx(8.3)
    assert (query["baseline"], query["baseline_value"], query["holds"]) == ("pandas", None, None)


def test_the_table_names_what_is_missed() -> None:
    rows = {line.split()[0]: line for line in printed(as_json=False).splitlines()}
    assert "MISS" in rows["click"]
    assert "ok" in rows["cell"]
    assert "the lasso (100 ms)" in rows["cell"]
    assert "ok" not in rows["poll"]
    assert "MISS" not in rows["poll"]
