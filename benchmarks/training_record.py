"""Cost of recording a training: of a step, and of the commit of an epoch; part of `training.py`.

Processor time, in turns within one process; the same without a record twice, whose ratio is the noise.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
from records import Baseline, Record, at_most, lower_is_better

from deepvid import config, fields
from deepvid.pipeline.stage import StageContext
from deepvid.pipeline.training_record import training_record
from deepvid.progress import SILENT
from deepvid.step_numbers import number_names
from deepvid.store import dataset_of, open_writer
from deepvid.training import EpochRecord, Snapshot
from deepvid.training.loop import Step, run_epochs
from deepvid.training.optimizers import OPTIMIZERS
from deepvid.training.probe import EVERY, Probe, Ticks
from deepvid.training.teacher import init, step

SETTINGS = config.Teacher()
CLASSES = tuple("0123456789")
RNG = np.random.default_rng(0)
WITHOUT, AGAIN = "without a record", "without a record, again"
EPOCH = {"parameters": (78_000,), "test_logits": (10_000, 10), "test_features": (10_000, 64)}  # of the demo
STEPS, KERNELS, UNITS = 156, 10, (16, 16, 32, 64, 64)


def recording(rounds: int) -> Iterator[Record]:
    """Steps of the demo's teacher, and commits of its epochs."""
    probed = "with a record and a probe every 20"
    steps = _in_turns(
        {
            WITHOUT: _training(_bare),
            AGAIN: _training(_bare),
            "with a record": _training(lambda step: step),
            probed: _training(lambda step: step, probed=True),
        },
        rounds,
    )
    yield from _compared("a training step", steps, EVERY, {probed: at_most(1.04)})
    with tempfile.TemporaryDirectory() as folder:
        commits = {name: _commits(Path(folder), str(number), name) for number, name in enumerate(_COMMITS)}
        yield from _compared(
            "commit of an epoch", _in_turns(commits, 4 * rounds), 1, {_COMMITS[2]: at_most(1.3)}
        )


_COMMITS = (WITHOUT, AGAIN, "with a record")


def _in_turns(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    """Seconds of the processor of every way, round by round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for act in ways.values():
        act()  # compiles
    for number in range(rounds):
        names = list(ways)
        for name in np.random.default_rng(number).permutation(names):
            began = time.process_time()
            ways[name]()
            seconds[name].append(time.process_time() - began)
    return {name: np.array(times) for name, times in seconds.items()}


def _compared(
    what: str, seconds: dict[str, np.ndarray], times: int, budgets: dict[str, float]
) -> Iterator[Record]:
    """Median ratio within a round to the mean of both without a record."""
    bare = (seconds[WITHOUT] + seconds[AGAIN]) / 2
    base = 1e3 * float(np.median(bare)) / times
    for name, found in seconds.items():
        value = base * float(np.median(found / bare))
        baseline = Baseline("both without a record", base)
        yield lower_is_better(f"{what} {name}", value, "ms", baseline, budget=budgets.get(name))


def _bare(step: Step[Any]) -> Step[Any]:
    """The same step; XLA leaves out what nobody asks for."""

    def advance(state: Any, *batch: Any, **options: Any) -> Any:
        state, metrics = step(state, *batch, **options)
        return state, {name: metrics[name] for name in ("loss", "accuracy")}

    return advance


def _training(made: Callable[[Step[Any]], Step[Any]], *, probed: bool = False) -> Callable[[], object]:
    """An epoch of as many steps as lie between two probes."""
    count = EVERY * SETTINGS.batch
    images = RNG.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8)
    optimizer = OPTIMIZERS[SETTINGS.optimizer](lambda _: SETTINGS.learning_rate, SETTINGS.weight_decay)
    graph, state = init(SETTINGS, optimizer, (28, 28, 1), CLASSES, key=jax.random.key(0))
    probe = Probe(graph, images, EVERY, seed=0) if probed else None
    epochs = run_epochs(
        made(step(SETTINGS, optimizer, graph)),
        state,
        (images, RNG.integers(0, 10, count).astype(np.int32)),
        first=0,
        epochs=10_000,
        batch=SETTINGS.batch,
        seed=0,
        held_out=0,
        progress=SILENT,
        watch=probe,
    )

    def epoch() -> None:
        jax.block_until_ready(next(epochs).state)
        if probe:
            probe.ticks(("stem", "stage1", "stage2", "stage3", "pool"))

    return epoch


def _commits(folder: Path, name: str, way: str) -> Callable[[], object]:
    """Commits one epoch after the other to a run of its own."""
    planned = 1_000
    writer = open_writer(folder, f"run-{name}", config={"name": name}, provenance={})
    group = dataset_of(
        fields.TEACHER_EPOCH,
        {
            **{variable: RNG.random(shape, np.float32) for variable, shape in EPOCH.items()},
            "sample": np.arange(10_000),
        },
    )
    state = {"all": RNG.random(3 * 78_000, np.float32)}
    series = writer.series("teacher", "0123456789ab", group, planned)
    record = training_record(StageContext("0123456789ab", writer, SILENT), planned)

    def commit() -> None:
        if way == "with a record":
            record(_snapshot(series.committed))
        series.append(group, metrics={"train_loss": 1.0}, state=state)

    return commit


def _snapshot(epoch: int) -> Snapshot:
    kernels = tuple(f"kernel{number}" for number in range(KERNELS))
    numbers = RNG.random((STEPS, len(number_names(kernels)), 3), np.float32)
    rows, units = -(-STEPS // EVERY), sum(UNITS)
    ticks = Ticks(
        tuple(f"layer{number}" for number in range(len(UNITS))),
        UNITS,
        RNG.random((rows, 1 + 3 * len(UNITS)), np.float32),
        RNG.random((rows, units), np.float32),
    )
    nothing: Any = np.zeros(0, np.float32)
    return Snapshot(epoch, nothing, nothing, nothing, {}, {}, EpochRecord(STEPS, kernels, numbers, ticks))
