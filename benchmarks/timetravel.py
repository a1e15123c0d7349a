"""How good are the maps of every epoch, and what do they cost?

    .venv/bin/python benchmarks/timetravel.py RUN [--json] [--quick] [--only maps|page]

RUN is the folder of a run with its parameters. Each form is fitted with three seeds to the same epochs and
the same boundary points; means are over epochs and seeds, of test images unless said otherwise. The baseline
of the parametric form is the published one as its authors' PyTorch code fits it, in the wider of two widths
(`pip install torch`; without it, our own of the published form), that of the layout is t-SNE of the last
epoch alone. A process a core fits them, on that core alone, and their times are its CPU time, whatever runs
beside it; the page's are a clock's, and want a machine that does nothing else.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
from records import Baseline, Record, arguments, at_most, higher_is_better, lower_is_better, show
from timetravel_page import REPEATS, measure_page

from deepvid import config
from deepvid.pipeline.history import Drawn, History, Past
from deepvid.pipeline.mapper import mapped_by
from deepvid.progress import SILENT
from deepvid.store import open_run
from deepvid.timetravel.catalogue import FORMS
from deepvid.timetravel.contract import EpochByEpoch, Fitted
from deepvid.timetravel.independent import Independent
from deepvid.timetravel.measures.table import measure_map
from deepvid.timetravel.measures.temporal import temporal

SEEDS = (0, 1, 2)
WIDTHS = (None, 256)  # of the published form: half as wide as the features, and as wide as our encoder
Fit = Callable[[Past, Fitted | None, int], Fitted]


class Journey(NamedTuple):
    """The maps of one form and one seed."""

    numbers: list[dict[str, float]]  # an epoch each
    p4: float
    seconds: list[float]  # CPU, an epoch each

    def mean(self, name: str) -> float:
        return fmean(row[name] for row in self.numbers)


def measure(options: argparse.Namespace) -> Iterator[Record]:
    if options.only != "page":
        yield from measure_maps(options)
    if options.only != "maps":
        yield from measure_page(options.run.resolve(), 5 if options.quick else REPEATS)


def measure_maps(options: argparse.Namespace) -> Iterator[Record]:
    seeds = SEEDS[:1] if options.quick else SEEDS
    wanted = [(form, seed) for form in (*_references(), "parametric", "layout", "tsne") for seed in seeds]
    cores = multiprocessing.get_context("spawn").Queue()
    for core in sorted(os.sched_getaffinity(0)):
        cores.put(core)
    with ProcessPoolExecutor(
        len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn"), _settle, (cores,)
    ) as crew:
        journey = partial(_journey, options.run, options.quick)
        found = zip(wanted, crew.map(journey, *zip(*wanted, strict=True)), strict=True)
        journeys: dict[str, list[Journey]] = {}
        for (form, seed), one in found:
            print(f"{form}, seed {seed}: {sum(one.seconds):.0f} s", file=sys.stderr, flush=True)
            journeys.setdefault(form, []).append(one)
    name = max(_references(), key=lambda name: _mean(journeys[name], "test_nn"))
    yield from _against_published(journeys["parametric"], journeys[name], name)
    yield from _against_tsne(journeys["layout"], journeys["tsne"])
    yield _stored(options.run)
    for form in ("parametric", "layout", name):
        yield from _values(form, journeys[form])


def _settle(cores: "multiprocessing.Queue[int]") -> None:
    """This process keeps to a core of its own: what counts its threads counts one."""
    os.sched_setaffinity(0, {cores.get()})


def _references() -> list[str]:
    if find_spec("torch"):
        return [f"published, PyTorch, width {width or 'd/2'}" for width in WIDTHS]
    return ["published"]


def _fit(form: str) -> Fit:
    if form == "tsne":
        return partial(_one, Independent("tsne"))
    if form in FORMS:
        return partial(_one, FORMS[form])
    import timetravel_reference

    width = WIDTHS[_references().index(form)]

    def fit(past: Past, before: Fitted | None, seed: int) -> Fitted:
        wide = width or past.epoch.features.shape[1] // 2
        return timetravel_reference.fit(past.epoch, before, width=wide, seed=seed)

    return fit


def _one(form: EpochByEpoch, past: Past, before: Fitted | None, seed: int) -> Fitted:
    return form.fit_one(past.epoch, before, seed=seed, progress=SILENT)


@cache
def _epochs(path: Path, quick: bool) -> tuple[History, list[Past]]:
    run, section = open_run(path), config.TimeTravel()
    if quick:
        section = section.replaced(training=2000, test=2000, boundary=300)
    history = History(run, Drawn.of(run, section, seed=0))
    numbers = range(len(history))[-2:] if quick else range(len(history))
    return history, [history.past(number, boundary=section.boundary, seed=0) for number in numbers]


def _journey(path: Path, quick: bool, form: str, seed: int) -> Journey:
    history, pasts = _epochs(path, quick)
    fit, maps, numbers, seconds = _fit(form), list[Fitted](), list[dict[str, float]](), list[float]()
    for past in pasts[-1:] if form == "tsne" else pasts:
        began = time.process_time()
        maps.append(fit(past, maps[-1] if maps else None, seed))
        seconds.append(time.process_time() - began)
        mapped = mapped_by(maps[-1], past, history, resolution=150)
        numbers.append(measure_map(mapped, None, seed=0).numbers)
    return Journey(numbers, temporal(maps, seed=0).value, seconds)


def _against_published(ours: list[Journey], theirs: list[Journey], name: str) -> Iterator[Record]:
    for what, measure, budget in (
        ("nn@15 of training images", "train_nn", 1.6),
        ("bound@15, held out", "train_bound_held", 1.15),
    ):
        yield higher_is_better(
            f"parametric: {what}",
            _mean(ours, measure),
            "",
            Baseline(name, _mean(theirs, measure)),
            budget=budget,
        )
    yield higher_is_better(
        "parametric: temporal measure, negated",
        -fmean(journey.p4 for journey in ours),
        "",
        Baseline(name, -fmean(journey.p4 for journey in theirs)),
        budget=1.0,
    )
    seconds = [float(np.median([s for journey in side for s in journey.seconds])) for side in (ours, theirs)]
    yield lower_is_better(
        "parametric: CPU time of one epoch", seconds[0], "s", Baseline(name, seconds[1]), budget=at_most(0.5)
    )
    yield higher_is_better("parametric: PPR", _mean(ours, "test_ppr"), "", Baseline("wanted", 0.92), budget=1)
    yield lower_is_better(
        "parametric: phantom share", _mean(ours, "phantom"), "", Baseline("allowed", 0.03), budget=1
    )


def _against_tsne(layout: list[Journey], alone: list[Journey]) -> Iterator[Record]:
    last = fmean(journey.numbers[-1]["train_nn"] for journey in layout)
    single = fmean(journey.numbers[-1]["train_nn"] for journey in alone)
    yield higher_is_better(
        "layout: nn@15 of training images, last epoch", last, "", Baseline("t-SNE alone", single), budget=0.93
    )
    yield higher_is_better("layout: PPR", _mean(layout, "test_ppr"), "", Baseline("wanted", 0.965), budget=1)
    yield lower_is_better(
        "layout: phantom share", _mean(layout, "phantom"), "", Baseline("allowed", 0.06), budget=1
    )


def _stored(run: Path) -> Record:
    """Bytes of one epoch's shards where the run has the parametric form."""
    series = open_run(run).series("time-travel-parametric")
    if series is None:
        return Record("stored of one epoch", None, "kB")
    size = sum(file.stat().st_size for name in series.arrays for file in (series.path / name).glob("c.0*"))
    return lower_is_better("stored of one epoch", size / 1000, "kB", Baseline("allowed", 350), budget=1)


def _values(form: str, journeys: list[Journey]) -> Iterator[Record]:
    """Rows of the table in the guide."""
    for name in (
        "train_nn",
        "test_nn",
        "train_bound_held",
        "test_bound_held",
        "test_ppr",
        "test_ccr",
        "phantom",
    ):
        yield Record(f"{form}: {name}", _mean(journeys, name), "")
    yield Record(f"{form}: temporal", fmean(journey.p4 for journey in journeys), "")
    yield Record(
        f"{form}: CPU seconds an epoch", fmean(s for journey in journeys for s in journey.seconds), "s"
    )


def _mean(journeys: list[Journey], name: str) -> float:
    return fmean(journey.mean(name) for journey in journeys)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--only", choices=("maps", "page"))
    options = arguments(__doc__, parser)
    show(measure(options), options)
