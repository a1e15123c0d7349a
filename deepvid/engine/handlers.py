"""How each kind of request is answered. Imports JAX: only an engine that computes imports this."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import xarray as xr

from deepvid.cores import use_cores
from deepvid.engine.requests import FitStudent, Request
from deepvid.errors import ConfigError
from deepvid.pipeline.crew import Batch
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.students import Opened, fit_batch, open_trained, students_stage
from deepvid.progress import Progress
from deepvid.store import Run, open_run

RUNS_KEPT = 4  # runs whose models stay in memory; a few MB each, but seconds to compile


def fit_student(request: FitStudent, progress: Progress) -> xr.Dataset:
    """One student, as a students batch of one; not written to the run."""
    use_cores()  # a person waits for this one
    progress.update(0, 1, "loading the models")
    run = open_run(request.run)
    samples = run.stages["dataset"].open("label").sizes["sample"] if "dataset" in run.stages else 0
    if not 0 <= request.sample < samples:
        raise ConfigError(
            f"Samples of {run.id} are numbered from 0 and below {samples}",
            f"{request.sample}",
            "Ask for one of them",
        )
    key = key_in(run, students_stage(request.settings, seed=request.seed))
    batch = Batch(request.settings, request.seed, key, (request.sample,))
    return fit_batch(_opened(request.run, *_keys(run)), batch, progress)


HANDLERS: dict[type[Request], Callable[[Any, Progress], Any]] = {
    FitStudent: fit_student,
}


def _keys(run: Run) -> tuple[str, ...]:
    """What the models depend on: a run that is computed anew gets new ones."""
    return tuple(run.stages[name].key for name in ("teacher", "vae") if name in run.stages)


@lru_cache(maxsize=RUNS_KEPT)
def _opened(run: str | Path, *keys: str) -> Opened:
    return open_trained(run)
