"""How fast the experiment store lists, commits, polls, reads, archives and verifies, on this machine's disk.

MLflow and Dask are optional: without them their figures are null.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import xarray as xr
from records import (
    Baseline,
    Record,
    arguments,
    higher_is_better,
    lower_is_better,
    median_seconds,
    seconds_of,
    show,
)
from store_comparing import comparisons
from store_listing import listings
from store_reading import readings

from deepvid.store import Run, RunWriter, open_run, open_writer, verify, write_archive

SAMPLES, FEATURES, CLASSES = 70_000, 64, 10


def measure(quick: bool) -> Iterator[Record]:
    """All questions; `quick` lists fewer runs and repeats less."""
    with tempfile.TemporaryDirectory(prefix="deepvid-store-", ignore_cleanup_errors=True) as folder:
        yield from listings(Path(folder) / "many", 200 if quick else 1000)
        with open_writer(Path(folder), "large-0", config={}, provenance={}) as writer:
            yield _epoch_commit(writer, 10 if quick else 50)
            yield _idle_poll(writer)
            yield _open_series(writer)
            yield _column(writer)
            yield from _students(writer)
            writer.finish()
        yield from comparisons(writer.run, 21 if quick else 51)
        yield from _archive(writer.run)
        yield from readings(Path(folder) / "read", gigabytes=0.5 if quick else 5.0)


def _epoch_commit(writer: RunWriter, epochs: int) -> Record:
    """Arrays of the teacher's epoch for 70,000 samples: features, logits, parameters, training state."""
    rng = np.random.default_rng(0)
    epoch = xr.Dataset(
        {
            "test_features": (("sample", "feature"), rng.random((SAMPLES, FEATURES), np.float32)),
            "test_logits": (("sample", "class"), rng.random((SAMPLES, CLASSES), np.float32)),
            "parameters": ("parameter", rng.random(80_000, np.float32)),
        }
    )
    state = {"optimizer": rng.random(160_000, np.float32)}
    series = writer.series("teacher", "a" * 12, epoch, epochs)
    times = [seconds_of(lambda: series.append(epoch, metrics={}, state=state)) for _ in range(epochs)]
    plain = 1e3 * median_seconds(lambda: _save(writer.run.path / "plain.npy", epoch), 7)
    baseline = Baseline("np.save, fsync and sha256 of the same bytes", plain)
    name = f"commit an epoch of {SAMPLES} x {FEATURES} (21 MB)"
    return lower_is_better(name, 1e3 * median(times), "ms", baseline, budget=0.3)


def _save(path: Path, epoch: xr.Dataset) -> None:
    for variable in epoch.data_vars.values():
        with path.open("w+b") as file:
            np.save(file, variable.values)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            hashlib.file_digest(file, "sha256")
    path.unlink()


def _idle_poll(writer: RunWriter) -> Record:
    run = open_run(writer.run.path)
    seconds = seconds_of(lambda: [run.poll() for _ in range(1000)]) / 1000
    return lower_is_better("poll an idle run", 1e6 * seconds, "us")


def _open_series(writer: RunWriter) -> Record:
    series = open_run(writer.run.path).series("teacher")
    assert series is not None
    seconds = median_seconds(lambda: series.open(), 7)
    return lower_is_better(f"open {series.epochs} epochs lazily", 1e3 * seconds, "ms")


def _column(writer: RunWriter) -> Record:
    series = writer.run.series("teacher")
    assert series is not None
    features = series.open()["test_features"]
    seconds = median_seconds(lambda: features.isel(sample=34_567).values, 5)
    return lower_is_better(f"one sample through {series.epochs} epochs", 1e3 * seconds, "ms")


def _students(writer: RunWriter) -> Iterator[Record]:
    """A batch of 512 students of 28 x 28 pixels, 10 classes and 2 fits."""
    dims = ("student", "fit", "class", "y", "x", "channel")
    weights = np.random.default_rng(0).random((512, 2, 10, 28, 28, 1), np.float32).astype(np.float16)
    batch = xr.Dataset(
        {"weights": (dims, weights)}, coords={"sample": ("student", np.arange(512, dtype=np.int32))}
    )
    seconds = seconds_of(lambda: writer.commit_stage("students/0-0", "b" * 12, batch))
    yield lower_is_better("commit 512 students (16 MB)", 1e3 * seconds, "ms")
    lazy = writer.run.stages["students/0-0"].open()["weights"]
    one = 1e3 * median_seconds(lambda: lazy.isel(student=317).values, 21)
    whole = 1e3 * median_seconds(lambda: lazy.copy().values[317], 5)
    baseline = Baseline("reading its whole batch", whole)
    yield lower_is_better("one student by index", one, "ms", baseline, budget=5)


def _archive(run: Run) -> Iterator[Record]:
    """The whole run as one durable file, then what tells whether it, and the run, are what they were."""
    file = run.path.with_name("large.zip")
    seconds = seconds_of(lambda: write_archive(run, file))
    size = file.stat().st_size / 1e6
    plain = seconds_of(lambda: _plain_zip(run.path, file.with_suffix(".plain")))
    baseline = Baseline("zipfile and fsync, then sha256 of every file", size / plain)
    yield higher_is_better(f"archive {size:,.0f} MB", size / seconds, "MB/s", baseline, budget=1.2)
    for name, target in (("the archive", file), ("the run", run.path)):
        seconds = median_seconds(lambda target=target: _verified(target), 3)
        one_thread = Baseline("sha256 by one thread", size / median_seconds(lambda: _sha256(file), 3))
        yield higher_is_better(f"verify {name}", size / seconds, "MB/s", one_thread, budget=0.8)


def _verified(target: Path) -> None:
    assert verify(target).ok


def _plain_zip(source: Path, target: Path) -> None:
    files = [path for path in source.rglob("*") if path.is_file()]
    with target.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for path in files:
                archive.write(path, path.relative_to(source))
        os.fsync(file.fileno())
    for path in files:
        _sha256(path)
    target.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    options = arguments(__doc__)
    show(measure(options.quick), options)
