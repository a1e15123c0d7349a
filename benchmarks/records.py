"""Output of every benchmark: one record a question, as a table for people or as JSON for machines.

A budget is a ratio against a named baseline of the same run. A ratio above 1 is better than the baseline,
whatever is measured, so "at most 1.3 times the lasso's time" is the budget `at_most(1.3)`, 0.77. What has no
baseline is printed without a verdict, and a budget that is missed is no failure: a benchmark exits 0.

    if __name__ == "__main__":
        options = arguments(__doc__)
        show(measure(options.quick), options)
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import NamedTuple

import numpy as np


class Baseline(NamedTuple):
    """The value to compare with, in the value's unit; None where it cannot be measured here."""

    name: str
    value: float | None


class Record(NamedTuple):
    """One measurement; None where a field does not apply."""

    name: str
    value: float | None
    unit: str
    baseline: str | None = None
    baseline_value: float | None = None
    ratio: float | None = None
    budget: float | None = None
    holds: bool | None = None


def lower_is_better(
    name: str, value: float, unit: str, baseline: Baseline | None = None, *, budget: float | None = None
) -> Record:
    """ratio = baseline / value: of a time, a size; none of a value of 0, which holds every budget."""
    if baseline is None or baseline.value is None:
        return _record(name, value, unit, baseline, None, budget)
    if not value:
        return Record(name, value, unit, *baseline, None, budget, None if budget is None else True)
    return _record(name, value, unit, baseline, baseline.value / value, budget)


def higher_is_better(
    name: str, value: float, unit: str, baseline: Baseline | None = None, *, budget: float | None = None
) -> Record:
    """ratio = value / baseline: of a throughput, a similarity."""
    ratio = value / baseline.value if baseline and baseline.value is not None else None
    return _record(name, value, unit, baseline, ratio, budget)


def at_percentile(
    share: int,
    name: str,
    times: Sequence[float],
    baseline: str,
    others: Sequence[float] | None,
    *,
    budget: float | None = None,
) -> Record:
    """The same percentile of two lists of milliseconds. `others` of None: the baseline did not answer."""
    value = None if others is None else float(np.percentile(others, share))
    own = float(np.percentile(times, share))
    return lower_is_better(f"{name}, p{share}", own, "ms", Baseline(baseline, value), budget=budget)


def at_most(times: float) -> float:
    """The budget of what may take `times` what its baseline takes."""
    return 1 / times


def _record(
    name: str, value: float, unit: str, baseline: Baseline | None, ratio: float | None, budget: float | None
) -> Record:
    holds = None if ratio is None or budget is None else ratio >= budget
    return Record(name, value, unit, *(baseline or (None, None)), ratio, budget, holds)


def arguments(description: str | None, parser: argparse.ArgumentParser | None = None) -> argparse.Namespace:
    """The options all benchmarks share, `--json` and `--quick`, with those `parser` already has."""
    parser = parser or argparse.ArgumentParser()
    parser.description = description
    parser.add_argument("--json", action="store_true", help="print one JSON list of records")
    parser.add_argument("--quick", action="store_true", help="a minute or two: fewer repeats, smaller data")
    return parser.parse_args()


def show(records: Iterable[Record], options: argparse.Namespace) -> None:
    """Prints the records; the table grows as they are measured."""
    if options.json:
        print(json.dumps([record._asdict() for record in records], indent=1))
        return
    print(f"{'what':<52} {'value':>10} {'unit':<8} {'ratio':>8} {'budget':>7}      baseline")
    for record in records:
        print(_row(record), flush=True)


def _row(record: Record) -> str:
    verdict = {None: "", True: "ok", False: "MISS"}[record.holds]
    value, ratio, budget = (_number(number) for number in (record.value, record.ratio, record.budget))
    baseline = record.baseline or ""
    if record.baseline_value is not None:
        baseline += f" ({_number(record.baseline_value)} {record.unit}".rstrip() + ")"
    measured = f"{record.name:<52} {value:>10} {record.unit:<8}"
    return f"{measured} {ratio:>8} {budget:>7} {verdict:<4} {baseline}".rstrip()


def _number(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"


def seconds_of(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median_seconds(act: Callable[[], object], repeats: int) -> float:
    """Median wall time of `repeats` calls after one to warm up."""
    act()
    return median(seconds_of(act) for _ in range(repeats))
