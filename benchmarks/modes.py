"""Do kinds of mistakes hold what was planted?

    .venv/bin/python benchmarks/modes.py        ten minutes; `--quick` about one

Worlds with planted faults as in `causes.py`. Of each way to cut the errors into groups: F1 of a fault in the
group that has the most of it, the mean over worlds and faults, and in how many of these at least 6 of the 8
most central errors of some group are of the fault. Beside modes stand confusion cells, twenty parts by loss,
and the same clusters of features alone. *More like this*: average precision of the errors of a fault in the
order of how like they are to one of them, the mean over these, beside the order by features.
"""

import argparse
from collections.abc import Iterator, Mapping

import cause_worlds as worlds
import numpy as np
from cause_worlds import Fault, World
from records import Baseline, Record, higher_is_better, show
from sklearn.metrics import average_precision_score

from deepvid.modes import find_modes, represent
from deepvid.statistics import bootstrap_mean

COUNT, PARTS, CENTRAL, FOUND = 12, 20, 8, 6
FEWEST = 8  # errors of a fault, and of a group


def measured(options: argparse.Namespace) -> Iterator[Record]:
    seeds = options.seeds[:1] if options.quick else options.seeds
    best: dict[str, list[float]] = {}
    found: dict[str, list[bool]] = {}
    alike: dict[str, list[float]] = {}
    confirmed = 0
    modes = 0
    for source in options.sources:
        for seed in seeds:
            world = worlds.world(source, seed, "faulty", data=options.data, quick=options.quick)
            of_world = find_modes(world.evidence, _tested(world), count=COUNT, seed=seed)
            modes, confirmed = (
                modes + len(of_world.modes),
                confirmed + sum(mode.is_confirmed for mode in of_world.modes),
            )
            for name, precision in _alike(world).items():
                alike.setdefault(name, []).extend(precision)
            for name, groups in _ways(world, [mode.errors for mode in of_world.modes], seed).items():
                for fault in Fault:
                    planted = world.fault == fault
                    if fault != Fault.NONE and planted.sum() >= FEWEST:
                        f1, central = _best(groups, planted)
                        best.setdefault(name, []).append(f1)
                        found.setdefault(name, []).append(central >= FOUND)
    yield Record("worlds x faults", float(len(best["modes"])), "")
    for name, values in best.items():
        if name != "modes":
            baseline = Baseline(name, float(np.mean(values)))
            yield higher_is_better(f"F1 beside {name}", float(np.mean(best["modes"])), "", baseline, budget=1)
            difference = bootstrap_mean(np.subtract(best["modes"], values), seed=0)
            yield Record(f"F1 less that of {name}, at least", difference.low, "")
        yield Record(f"found by {name}", float(np.sum(found[name])), "")
    own, by_features, chance = (float(np.mean(alike[name])) for name in ("modes", "features", "chance"))
    beside = Baseline("features", by_features)
    yield higher_is_better("more like this: average precision", own, "", beside)
    difference = bootstrap_mean(np.subtract(alike["modes"], alike["features"]), seed=0)
    yield Record("more like this: less that of features, at least", difference.low, "")
    yield Record("more like this: chance", chance, "")
    yield Record("modes that are confirmed", confirmed / max(modes, 1), "")


def _tested(world: World) -> np.ndarray:
    return np.flatnonzero(~world.evidence.training)


def _ways(world: World, modes: list[np.ndarray], seed: int) -> Mapping[str, list[np.ndarray]]:
    evidence = world.evidence
    label, answer = evidence.labels[evidence.errors], evidence.answers[evidence.errors]
    random = np.random.default_rng(seed)
    cells = [
        np.flatnonzero((label == a) & (answer == b)) for a in np.unique(label) for b in np.unique(answer)
    ]
    alone = find_modes(evidence, _tested(world), count=COUNT, seed=seed, weights={"features": 1.0})
    return {
        "modes": modes,
        "confusion cells": [random.permutation(cell) for cell in cells],
        "loss": np.array_split(np.argsort(-evidence.margin), PARTS),
        "features": [mode.errors for mode in alone.modes],
    }


def _alike(world: World) -> Mapping[str, list[float]]:
    """Average precisions, the mean over the errors of each fault."""
    evidence = world.evidence
    found: dict[str, list[float]] = {}
    orders = {"modes": represent(evidence), "features": evidence.features[evidence.errors]}
    for fault in Fault:
        rows = np.flatnonzero(world.fault == fault)
        if fault == Fault.NONE or len(rows) < FEWEST:
            continue
        for name, points in orders.items():
            found.setdefault(name, []).append(np.mean([_precision(points, world.fault, row) for row in rows]))
        found.setdefault("chance", []).append((len(rows) - 1) / (len(world.fault) - 1))
    return {name: [float(one) for one in values] for name, values in found.items()}


def _precision(points: np.ndarray, fault: np.ndarray, row: int) -> float:
    distance = np.delete(((points - points[row]) ** 2).sum(axis=1), row)
    return float(average_precision_score(np.delete(fault == fault[row], row), -distance))


def _best(groups: list[np.ndarray], planted: np.ndarray) -> tuple[float, int]:
    """F1 of the best group, and the most planted ones among the most central of any."""
    large = [group for group in groups if len(group) >= FEWEST]
    f1 = [2 * planted[group].sum() / (len(group) + planted.sum()) for group in large]
    central = [planted[group[:CENTRAL]].sum() for group in large]
    return float(max(f1, default=0)), int(max(central, default=0))


if __name__ == "__main__":
    options = worlds.options(__doc__)
    show(measured(options), options)
