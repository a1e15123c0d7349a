"""One batch of students: fitted with the models of a run, and as the store keeps it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid import config
from deepvid.errors import ConfigError, StoreError
from deepvid.pipeline.trained import Trained, load_trained
from deepvid.progress import Progress
from deepvid.store import Run, open_run, write_wip
from deepvid.students import Students, fit_students, programs

_FIDELITY = ("kl", "agreement", "agreement_low", "agreement_high", "floor", "kappa", "r2", "certificate")
_IMAGE = ("y", "x", "channel")
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "sample": ("student",),
    "smoothness": ("fit",),
    "weights": ("student", "fit", "class", *_IMAGE),
    "intercept": ("student", "fit", "class"),
    **dict.fromkeys(_FIDELITY, ("student", "fit")),
    "agrees_on_sample": ("student", "fit"),
    "held_out": ("student",),
    "gate": ("student",),
    "reconstruction_class": ("student",),
    "neighborhood_gradient": ("student", *_IMAGE),
    "contrast": ("student", "side"),
    "teacher_logits": ("student", "class"),
}


class Task(NamedTuple):
    """One batch of students that is to be fitted."""

    settings: config.Students
    seed: int
    key: str  # of the settings: what `students_key` gives
    samples: tuple[int, ...]


def write_batch(path: Path, task: Task, progress: Progress) -> Path:
    """Fits a batch of the run at `path` and writes it there under `wip/`, for `commit_prepared`."""
    run, trained = _opened(path)
    return write_wip(path, "students", fit_batch(run, trained, task, progress))


def compile_in_turns(
    path: Path,
    task: Task,
    number: int,
    locks: Sequence[AbstractContextManager[Any]],
    progress: Progress,
) -> None:
    """Compiles what `write_batch` runs, each program under its lock and the one of this `number` first.

    With a persistent cache, workers of different numbers thus share the work: whoever comes to a lock later
    loads what was compiled under it. Raises `Cancelled` between programs when asked to stop.
    """
    _, trained = _opened(path)
    band = half_widths(task.settings, trained.scale)
    compilers = programs(trained.classifier, trained.vae, band, task.settings, seed=task.seed)
    for turn in range(number, number + len(compilers)):
        with locks[turn % len(locks)]:
            progress.check()
            compilers[turn % len(compilers)]()


def fit_batch(run: Run, trained: Trained, task: Task, progress: Progress) -> xr.Dataset:
    """The students of `task` with the variables, dimensions and attributes of a students batch."""
    samples = np.array(task.samples, np.int32)
    require_images(run)
    rows = run.stages["dataset"].open()[["image", "label"]].isel(sample=samples).load()
    students = fit_students(
        trained.classifier,
        trained.vae,
        rows["image"].to_numpy(),
        samples,
        rows["label"].to_numpy(),
        half_widths(task.settings, trained.scale),
        task.settings,
        seed=task.seed,
        progress=progress,
    )
    return _dataset(students, task)


def require_images(run: Run) -> None:
    """Raises StoreError for a run that was archived without images."""
    if "image" not in run.stages["dataset"].open():
        raise StoreError(
            "Students are fitted around the images of a run",
            f"{run.id} was archived without its images",
            "Run its experiment again in this store: only the images are read anew",
        )


def half_widths(settings: config.Students, scale: np.ndarray) -> np.ndarray:
    """The band in absolute units, float32 (latent,). Raises `ConfigError` where the lengths differ."""
    band = np.asarray(settings.band, np.float32)
    if band.ndim and len(band) != len(scale):
        raise ConfigError(
            f"students.band is one number, or one for each of the {len(scale)} latents",
            f"{len(band)} numbers",
            "Give as many as there are latents, or one",
        )
    return np.broadcast_to(band * scale, scale.shape).astype(np.float32)


def _dataset(students: Students, task: Task) -> xr.Dataset:
    arrays = students._asdict()
    return xr.Dataset(
        {name: (dimensions, np.asarray(arrays[name])) for name, dimensions in DIMENSIONS.items()},
        attrs={
            "settings": task.settings.model_dump(mode="json"),
            "settings_key": task.key,
            "seed": task.seed,
        },
    )


@lru_cache(maxsize=1)
def _opened(path: Path) -> tuple[Run, Trained]:
    """A worker serves one run; its models are compiled once."""
    run = open_run(path)
    return run, load_trained(run)
