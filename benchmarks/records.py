"""What every benchmark prints: one record a question, as a table for people or as JSON for machines.

from records import arguments, at_least, at_most, report

if __name__ == "__main__":
    options = arguments(__doc__)
    report(measure(options.quick), options)
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import NamedTuple


class Record(NamedTuple):
    """One measurement; None where a field does not apply. `ratio` above 1 is better than the baseline."""

    name: str
    value: float | None
    unit: str
    baseline: str | None = None
    baseline_value: float | None = None
    ratio: float | None = None
    budget: float | None = None
    holds: bool | None = None


def at_most(
    name: str,
    value: float,
    unit: str,
    *,
    budget: float | None = None,
    baseline: str | None = None,
    baseline_value: float | None = None,
) -> Record:
    """A record of something that should be small: a time, a size, an error."""
    ratio = None if baseline_value is None or not value else baseline_value / value
    holds = None if budget is None else value <= budget
    return Record(name, value, unit, baseline, baseline_value, ratio, budget, holds)


def at_least(
    name: str,
    value: float,
    unit: str,
    *,
    budget: float | None = None,
    baseline: str | None = None,
    baseline_value: float | None = None,
) -> Record:
    """A record of something that should be large: an accuracy, a throughput, a ratio (unit `x`)."""
    ratio = value / baseline_value if baseline_value else None
    holds = None if budget is None else value >= budget
    return Record(name, value, unit, baseline, baseline_value, ratio, budget, holds)


def arguments(description: str | None, parser: argparse.ArgumentParser | None = None) -> argparse.Namespace:
    """The options all benchmarks share, `--json` and `--quick`, with those `parser` already has."""
    parser = parser or argparse.ArgumentParser()
    parser.description = description
    parser.add_argument("--json", action="store_true", help="print one JSON list of records")
    parser.add_argument("--quick", action="store_true", help="under a minute: fewer repeats, smaller data")
    return parser.parse_args()


def report(records: Iterable[Record], options: argparse.Namespace) -> None:
    """Prints the records; the table grows as they are measured."""
    if options.json:
        print(json.dumps([record._asdict() for record in records], indent=1))
        return
    print(f"{'what':<52} {'value':>10} {'unit':<8} {'budget':>8}     {'ratio':>7} baseline")
    for record in records:
        print(_row(record), flush=True)


def _row(record: Record) -> str:
    verdict = {None: "", True: "ok", False: "MISS"}[record.holds]
    against = "" if record.ratio is None else f"{record.ratio:>6.2f}x {record.baseline}"
    if record.baseline_value is not None:
        against += f" ({record.baseline_value:.4g} {record.unit})"
    budget = "" if record.budget is None else f"{record.budget:.4g}"
    value = "" if record.value is None else f"{record.value:.4g}"
    return f"{record.name:<52} {value:>10} {record.unit:<8} {budget:>8} {verdict:<4}{against}"


def seconds_of(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median_seconds(act: Callable[[], object], repeats: int) -> float:
    """Median wall time of `repeats` calls after one to warm up."""
    act()
    return median(seconds_of(act) for _ in range(repeats))
