"""How good are the maps of every epoch, and what do they cost?

    .venv/bin/python benchmarks/timetravel.py RUN [--json] [--quick] [--only maps|page]

RUN is the folder of a run with its parameters. Each form is fitted with three seeds to the same epochs and
the same boundary points; means are over epochs and seeds, of test images unless said otherwise. The baseline
of the parametric form is the published one as its authors' PyTorch code fits it, in the wider of two widths
(`pip install torch`; without it, our own of the published form), that of the layout is t-SNE of the last
epoch alone. Their times are CPU time of this process, whatever runs beside it; the page's are a clock's, and
want a machine that does nothing else.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
from deepvid.timetravel.measures.table import measured
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
    run = open_run(options.run)
    section = config.TimeTravel()
    if options.quick:
        section = section.replaced(training=2000, test=2000, boundary=300)
    drawn = Drawn.of(run, section, seed=0)
    history = History(run, drawn)
    numbers = range(len(history))[-2:] if options.quick else range(len(history))
    pasts = [history.past(number, boundary=section.boundary, seed=0) for number in numbers]
    seeds = SEEDS[:1] if options.quick else SEEDS

    def travelled(fit: Fit) -> list[Journey]:
        return [_journey(fit, pasts, history, seed) for seed in seeds]

    name, reference = max(
        ((name, travelled(fit)) for name, fit in _references()),
        key=lambda pair: fmean(journey.mean("test_nn") for journey in pair[1]),
    )
    parametric, layout = (travelled(partial(_one, FORMS[form])) for form in ("parametric", "layout"))
    yield from _against_published(parametric, reference, name)
    alone = [_journey(partial(_one, Independent("tsne")), pasts[-1:], history, seed) for seed in seeds]
    yield from _against_tsne(layout, alone)
    yield _stored(options.run, section, len(pasts))
    for form, journeys in (("parametric", parametric), ("layout", layout), (name, reference)):
        yield from _values(form, journeys)


def _references() -> Iterator[tuple[str, Fit]]:
    try:
        import timetravel_reference
    except ImportError:
        yield "published form, ours", partial(_one, FORMS["published"])
        return
    for width in WIDTHS:

        def fit(past: Past, before: Fitted | None, seed: int, width: int | None = width) -> Fitted:
            wide = width or past.epoch.features.shape[1] // 2
            return timetravel_reference.fit(past.epoch, before, width=wide, seed=seed)

        yield f"published, PyTorch, width {width or 'd/2'}", fit


def _one(form: EpochByEpoch, past: Past, before: Fitted | None, seed: int) -> Fitted:
    return form.fit_one(past.epoch, before, seed=seed, progress=SILENT)


def _journey(fit: Fit, pasts: Sequence[Past], history: History, seed: int) -> Journey:
    maps, numbers, seconds = list[Fitted](), list[dict[str, float]](), list[float]()
    for past in pasts:
        began = time.process_time()
        maps.append(fit(past, maps[-1] if maps else None, seed))
        seconds.append(time.process_time() - began)
        mapped = mapped_by(maps[-1], past, history, resolution=150)
        numbers.append(measured(mapped, None, seed=0).numbers)
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


def _stored(run: Path, section: config.TimeTravel, epochs: int) -> Record:
    """Bytes of one epoch's shards where the run has the parametric form."""
    series = open_run(run).series("time-travel-parametric")
    if series is None:
        return Record("stored of one epoch", None, "kB")
    size = sum(file.stat().st_size for name in series.arrays for file in (series.path / name).glob("c.0*"))
    return lower_is_better("stored of one epoch", size / 1000, "kB", Baseline("allowed", 350), budget=1)


def _values(form: str, journeys: list[Journey]) -> Iterator[Record]:
    """What the table of the guide shows."""
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
