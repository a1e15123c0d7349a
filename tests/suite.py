"""The whole suite as `make test` runs it: what fails beside others gets one more go, alone, and is counted.

    python tests/suite.py [pytest's arguments]

As a plugin, registered where $SUITE_GO numbers the run, it writes the seconds of every test's phases into
`.test_seconds.jsonl`.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FILE = ROOT / ".test_seconds.jsonl"
WORKERS = ("-n", "4", "--dist", "loadfile", "--no-loadscope-reorder")  # two a core: three hold up a page


class Phase(NamedTuple):
    """One line of the file."""

    go: int  # 1, or 2 for what failed in the first
    test: str
    name: str  # setup, call or teardown
    outcome: str
    seconds: float


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Called for every phase, by the process that hears all workers."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        go = int(os.environ["SUITE_GO"])
        phase = Phase(go, report.nodeid, report.when, report.outcome, round(report.duration, 3))
        with FILE.open("a") as file:
            file.write(json.dumps(phase) + "\n")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be imported ends the run when it is found, not after all others."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.exit(f"{report.nodeid}: {report.longreprtext}", pytest.ExitCode.INTERRUPTED)


def main(*arguments: str) -> int:
    """Runs the suite; pytest's exit status."""
    FILE.unlink(missing_ok=True)
    begun = time.monotonic()
    status = _run(1, *WORKERS, "-m", "not slow", *arguments)
    if status == pytest.ExitCode.TESTS_FAILED:
        status = _run(2, "--last-failed", "--last-failed-no-failures", "none")
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    _tell([Phase(*json.loads(line)) for line in lines], time.monotonic() - begun)
    return status


def _run(go: int, *arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "SUITE_GO": str(go)}).returncode


def _tell(phases: list[Phase], elapsed: float) -> None:
    """Minutes by group, the longest ten, and who needed a second go."""
    seconds, groups, items = Counter[str](), Counter[str](), defaultdict[str, set[str]](set)
    for phase in phases:
        group = "/".join(Path(phase.test.partition("::")[0]).parent.parts[1:3])
        seconds[phase.test] += phase.seconds
        groups[group] += phase.seconds
        items[group].add(phase.test)
    print(f"\n{'group':28}{'tests':>7}{'minutes':>9}  of the workers; {elapsed / 60:.1f} minutes in all")
    for group, total in groups.most_common():
        print(f"{group or 'tests':28}{len(items[group]):7}{total / 60:9.1f}")
    print("\nlongest:")
    for test, total in seconds.most_common(10):
        print(f"{total:6.1f} s  {test}")
    again = sorted({phase.test for phase in phases if phase.go == 2})
    print("".join(f"\nsecond go: {test}" for test in again))
    print(f"{len(again)} tests needed a second go.")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
