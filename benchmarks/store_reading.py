"""Cost of reading in a process of its own: polls until a commit is seen, and memory; part of `store.py`."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import xarray as xr
from records import Record, lower_is_better

from deepvid.store import Run, RunWriter, open_run, open_writer

SAMPLES, FEATURES = 70_000, 64
POLLS, COMMITS = 10_000, 100
MEGA = 1e6


def readings(store: Path, *, gigabytes: float) -> Iterator[Record]:
    """Every reader is a new process, so that its memory is its own."""
    with open_writer(store, "read-0", config={}, provenance={}) as writer:
        yield _polls_until_seen(writer)
        yield _memory_of_a_long_lived_reader(writer)
        yield from _mean_of_a_column(writer, gigabytes)


def _polls_until_seen(writer: RunWriter) -> Record:
    """The worst of 100 commits; each is committed before the reader is asked to poll."""
    with _process() as reader:
        reader.submit(_open, writer.run.path).result()
        worst = 0
        for number in range(COMMITS):
            seq = _commit(writer, number)
            worst = max(worst, reader.submit(_polls_until, seq).result())
    return lower_is_better("polls until another process sees a commit", worst, "polls")


def _memory_of_a_long_lived_reader(writer: RunWriter) -> Record:
    """Growth from the 1,000th to the last poll, with a commit every 100 polls and a read at each of them."""
    with _process() as reader:
        reader.submit(_open, writer.run.path).result()
        sizes = []
        for number in range(COMMITS):
            _commit(writer, COMMITS + number)
            sizes.append(reader.submit(_poll_and_read, POLLS // COMMITS).result())
    growth = (sizes[-1] - sizes[COMMITS // 10]) / MEGA
    return lower_is_better(f"growth of a reader over {POLLS} polls and {COMMITS} commits", growth, "MB")


def _mean_of_a_column(writer: RunWriter, gigabytes: float) -> Iterator[Record]:
    """The mean of every feature over all epochs and samples, by Dask; null without it."""
    size = SAMPLES * FEATURES * 4
    epochs = max(1, round(gigabytes * 1e9 / size))
    name = f"column means over {epochs * size / 1e9:.1f} GB with Dask"
    if find_spec("dask") is None:
        yield Record(f"{name}: peak memory", None, "MB")
        return
    rng = np.random.default_rng(0)
    values = rng.random((SAMPLES, FEATURES), np.float32)
    epoch = xr.Dataset({"test_features": (("sample", "feature"), values)})
    series = writer.series("teacher", "a" * 12, epoch, epochs)
    for _ in range(epochs):
        series.append(epoch, metrics={})
    with _process() as reader:
        seconds, peak, mean = reader.submit(_mean, writer.run.path).result()
    assert abs(mean - values.mean()) < 1e-4
    yield lower_is_better(f"{name}: peak memory", peak / MEGA, "MB")
    yield lower_is_better(f"{name}: time", seconds, "s")


def _commit(writer: RunWriter, number: int) -> int:
    attrs = {"long_name": "true class", "units": "class index"}
    data = xr.Dataset({"label": ("sample", np.full(1000, number, np.int32), attrs)})
    return writer.commit_stage(f"students/{number}", f"{number:012x}", data).seq


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


# What runs in the reader's process.
_run: Run


def _open(path: Path) -> None:
    global _run
    _run = open_run(path)


def _polls_until(seq: int) -> int:
    for polls in range(1, 1000):
        _run.poll()
        if _run.commits[-1].seq >= seq:
            return polls
    return 1000


def _poll_and_read(polls: int) -> int:
    """Resident bytes after so many polls, of which the first brings a commit whose data is read."""
    for _ in range(polls):
        if _run.poll():
            newest = _run.batches("students")[-1]
            assert np.all(newest.open()["label"].values == int(newest.name.split("/")[1]))
    return _memory("VmRSS")


def _mean(path: Path) -> tuple[float, int, float]:
    """Seconds, peak bytes and the mean of the means."""
    from time import perf_counter

    series = open_run(path).series("teacher")
    assert series is not None
    began = perf_counter()
    lazy = xr.open_zarr(series.path, chunks={}, consolidated=True).isel(epoch=slice(0, series.epochs))
    means = lazy["test_features"].mean(["epoch", "sample"]).compute()
    return perf_counter() - began, _memory("VmHWM"), float(means.mean())


def _memory(field: str) -> int:
    """Bytes; `ru_maxrss` would count the parent's, too, for it survives exec."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
