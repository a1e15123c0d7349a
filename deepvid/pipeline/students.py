"""The stage that fits students: batches in a fixed order, each written by the worker that fitted it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deepvid import config
from deepvid.config import digest
from deepvid.pipeline.batch import Task, half_widths, require_images
from deepvid.pipeline.crew import Crew
from deepvid.pipeline.grouping import group_sizes
from deepvid.pipeline.identity import identity_of
from deepvid.pipeline.samples import Predictions, choose
from deepvid.pipeline.stage import Bench, Stage
from deepvid.store import Run

NEEDS = ("dataset", "teacher", "vae")
VERSION = 2


def students_stage(section: config.Students, *, seed: int) -> Stage:
    """Fits students for the chosen samples that have none with these settings yet."""

    def work(bench: Bench) -> None:
        half_widths(section, bench.open("vae")["scale"].to_numpy())  # wrong ones fail before workers start
        key = students_key(bench.run, section, seed=seed)
        groups = list(_missing(bench.run, section, key))
        total = sum(len(group) for group in groups)
        begun = _next_number(bench.run, key)
        tasks = [Task(section, seed, key, tuple(map(int, group))) for group in groups]
        with Crew(bench.run.path, tasks, bench.progress, total) as crew:
            for number, (task, written) in enumerate(zip(tasks, crew.written(), strict=True), begun):
                _commit(bench, f"students/{key}-{number}", task, written)

    return Stage("students", NEEDS, section, seed, VERSION, work)


def students_key(run: Run, section: config.Students, *, seed: int) -> str:
    """8 hex digits, equal for students that are fitted alike: which samples and how many does not matter."""
    settings = identity_of(run).fingerprint()(section)
    settings = {name: value for name, value in settings.items() if name not in ("images", "limit")}
    models = [run.stages[name].key for name in ("teacher", "vae")]
    return digest([VERSION, settings, seed, models])[:8]


def fitted(run: Run, key: str) -> set[int]:
    """The samples that have a student with the settings behind `key`."""
    found: set[int] = set()
    for batch in _batches(run, key):
        found.update(batch.open()["sample"].to_numpy().tolist())
    return found


def _missing(run: Run, section: config.Students, key: str) -> Iterator[np.ndarray]:
    """Groups of samples. Those of an interrupted run are the rest of an uninterrupted one's."""
    require_images(run)
    dataset, teacher = run.stages["dataset"].open(), run.stages["teacher"].open()
    predictions = Predictions.of(
        teacher["logits"].to_numpy(), dataset["label"].to_numpy(), dataset["test"].to_numpy()
    )
    classes = len(dataset.attrs["class_names"])
    chosen = choose(section.images, predictions, classes=classes, limit=section.limit)
    done = fitted(run, key)
    pixels = int(np.prod(dataset["image"].shape[1:]))
    bytes_each = 2 * pixels * (classes * len(section.smoothness) + 1)
    start = 0
    for size in group_sizes(len(chosen), student_bytes=bytes_each):
        group = chosen[start : start + size]
        group = group[[sample not in done for sample in group.tolist()]]
        start += size
        if len(group):
            yield group


def _batches(run: Run, key: str) -> list[Any]:
    return [batch for batch in run.batches("students") if batch.name.startswith(f"students/{key}-")]


def _next_number(run: Run, key: str) -> int:
    return 1 + max((int(batch.name.rpartition("-")[2]) for batch in _batches(run, key)), default=-1)


def _commit(bench: Bench, name: str, task: Task, written: Path) -> None:
    key = digest([task.key, task.samples])[:12]
    students = bench.run.summary.get("metrics", {}).get("students", 0) + len(task.samples)
    bench.writer.commit_prepared(
        name,
        key,
        written,
        metrics={"students": len(task.samples)},
        summary={"metrics": {"students": students}},
    )
