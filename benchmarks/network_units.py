"""Units, for `benchmarks/network.py`: how fast two sets are compared, and how far what is told holds."""

from collections.abc import Callable, Iterator

import numpy as np
from records import Baseline, Record, higher_is_better, lower_is_better

from dashboards.data.population import Population, population
from dashboards.data.units import LayerUnits, difference
from deepvid.network.ablation import ablate
from deepvid.network.layers import layers_of
from deepvid.network.units import alike
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run

HALVES = 50
IMAGES = 500  # in each half of what silencing is measured on

Cpu = Callable[[Callable[[], object], int], float]


def units(run: Run, repeats: int, cpu: Cpu) -> Iterator[Record]:
    """Of the last layer that has units; `cpu` is the median of CPU seconds of so many calls."""
    table = population(run)
    assert table is not None
    assert table.layers is not None
    looked = table.layers.looked
    assert looked is not None
    named = [column["name"] for column in looked.layers.attrs["columns"] if column["units"]]
    found = table.layers.units(named[-1])
    assert found is not None
    yield from compared(table, found, repeats, cpu)
    yield from ordered(table, found)
    yield from silenced(run, table, found)


def compared(table: Population, found: LayerUnits, repeats: int, cpu: Cpu) -> Iterator[Record]:
    """Errors of the commonest class against its recognized images; then sets of these, which are alike."""
    assert table.wrong is not None
    label = table.label[table.wrong]
    index = int(np.bincount(label).argmax())
    first, second = table.wrong & (table.label == index), ~table.wrong & (table.label == index)

    def ours() -> object:
        return difference(found.moments(first), found.moments(second))

    def one_by_one() -> object:
        return [
            [
                column[mask[found.rows]].std(ddof=1) + column[mask[found.rows]].mean()
                for mask in (first, second)
            ]
            for column in found.standard.T
        ]

    whose = f"{first.sum()} images against {second.sum()} in {len(found.index)} units, with SE"
    baseline = Baseline("unit by unit in NumPy", 1e3 * cpu(one_by_one, repeats))
    yield lower_is_better(whose, 1e3 * cpu(ours, repeats), "ms", baseline)
    rng, rows = np.random.default_rng(0), np.flatnonzero(second)
    beyond, largest = [], []
    some = min(int(first.sum()), len(rows) // 2)  # of a weak classifier there are more errors than others
    for _ in range(HALVES):
        half = np.zeros(table.rows, np.bool_)
        half[rng.permutation(rows)[:some]] = True
        value, error = difference(found.moments(half), found.moments(second & ~half))
        beyond.append(float((np.abs(value) > 1.96 * error).mean()))
        largest.append(float(np.abs(value).max()))
    yield lower_is_better(
        "like sets: share beyond 1.96 SE", float(np.mean(beyond)), "", Baseline("0.05", 0.05)
    )
    most = float(np.abs(difference(found.moments(first), found.moments(second)).value).max())
    against = Baseline("of two sets that are alike", float(np.mean(largest)))
    yield higher_is_better("largest difference of a unit", most, "sd", against)


def ordered(table: Population, found: LayerUnits) -> Iterator[Record]:
    """Roughness: how far neighbors differ in what classes make of them, in any order of chance."""
    means = np.stack([moments.mean for moments in found.of_classes(table.filed, table.class_count)], axis=1)

    def roughness(order: np.ndarray) -> float:
        return float(np.linalg.norm(np.diff(means[order], axis=0), axis=1).mean())

    rng = np.random.default_rng(0)
    chance = float(np.mean([roughness(rng.permutation(len(means))) for _ in range(HALVES)]))
    order = np.argsort(alike(found.response, table.label[found.rows]))
    yield lower_is_better(
        "roughness of like beside like", roughness(order), "sd", Baseline("any order", chance)
    )


def silenced(run: Run, table: Population, found: LayerUnits) -> Iterator[Record]:
    """Correlation of two measures of silencing on different images over units, classes and logits."""
    network = TrainedRun(run).network
    layer = next(layer for layer in layers_of(network, 64) if layer.name == found.name)
    rows = np.random.default_rng(0).permutation(found.rows)[: 2 * IMAGES]
    halves = [
        ablate(
            network,
            layer,
            found.index,
            found.middle,
            None,
            table.images(part),
            table.label[part],
            table.class_count,
        )
        for part in (rows[:IMAGES], rows[IMAGES:])
    ]
    changes = [each.change.ravel() for each in halves]
    told = np.isfinite(changes[0]) & np.isfinite(changes[1])
    correlation = float(np.corrcoef(changes[0][told], changes[1][told])[0, 1])
    yield higher_is_better(f"silencing on {IMAGES} and other {IMAGES} images: correlation", correlation, "")
    apart = np.abs(changes[0] - changes[1])[told] > 1.96 * np.hypot(
        *(each.error.ravel()[told] for each in halves)
    )
    yield lower_is_better(
        "silencing: share beyond 1.96 SE of each other", float(apart.mean()), "", Baseline("0.05", 0.05)
    )
    over_all = [np.nanmean(each.change, axis=1) for each in halves]
    share = float(np.abs(np.concatenate(over_all)).mean() / np.nanmean(np.abs(changes[0])))
    yield lower_is_better("silencing: averaged over all classes, of what it is per class", share, "")
