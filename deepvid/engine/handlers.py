"""How each kind of request is answered. Imports JAX: only an engine that computes imports this."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax
import numpy as np
import xarray as xr

from deepvid.config import names
from deepvid.cores import use_cores
from deepvid.engine.requests import Edited, EditLatents, FitStudent, Request
from deepvid.errors import ConfigError
from deepvid.pipeline.crew import Batch
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.students import Opened, fit_batch, open_trained, students_stage
from deepvid.progress import Progress
from deepvid.store import Run, open_run
from deepvid.students.neighbors import center, neighborhood

RUNS_KEPT = 4  # runs whose models stay in memory; a few MB each, but seconds to compile


def fit_student(request: FitStudent, progress: Progress) -> xr.Dataset:
    """One student, as a students batch of one; not written to the run."""
    use_cores()  # a person waits for this one
    progress.update(0, 1, "loading the models")
    run = open_run(request.run)
    _require_sample(run, request.sample)
    key = key_in(run, students_stage(request.settings, seed=request.seed))
    batch = Batch(request.settings, request.seed, key, (request.sample,))
    return fit_batch(_opened(request.run, *_keys(run)), batch, progress)


def edit_latents(request: EditLatents, progress: Progress) -> Edited:
    """One image with its latent moved, and the teacher's logits of it."""
    run = open_run(request.run)
    opened = _opened(request.run, *_keys(run))
    trained = opened.trained
    if len(request.shift) != len(trained.scale) or not np.isfinite(request.shift).all():
        raise ConfigError(
            f"A shift has a number for each of the {len(trained.scale)} latents",
            f"{len(request.shift)} numbers",
            "Give as many as there are latents",
        )
    image = _image(run, request.sample).astype(np.float32) / 255
    edited, logits = _editor(request.run, request.neighborhood, *_keys(run))(
        image, np.asarray(request.shift, np.float32)
    )
    pixels = np.rint(255 * np.clip(np.asarray(edited), 0, 1)).astype(np.uint8)
    return Edited(request.sample, pixels, np.asarray(logits))


HANDLERS: dict[type[Request], Callable[[Any, Progress], Any]] = {
    FitStudent: fit_student,
    EditLatents: edit_latents,
}


def _keys(run: Run) -> tuple[str, ...]:
    """What the models depend on: a run that is computed anew gets new ones."""
    return tuple(run.stages[name].key for name in ("teacher", "vae") if name in run.stages)


@lru_cache(maxsize=RUNS_KEPT)
def _opened(run: str | Path, *keys: str) -> Opened:
    return open_trained(run)


@lru_cache(maxsize=RUNS_KEPT)
def _editor(run: str | Path, kind: names.Neighborhood, *keys: str) -> Callable[..., Any]:
    """Compiled: an image, f32 (y, x, channel), moved by a shift (latent,), with its logits."""
    classifier, vae, _ = _opened(run, *keys).trained

    def edit(image: jax.Array, shift: jax.Array) -> tuple[jax.Array, jax.Array]:
        moved = neighborhood(vae, center(vae, image), shift[None], kind)
        return moved[0], classifier.logits(moved)[0]

    return jax.jit(edit)


def _image(run: Run, sample: int) -> np.ndarray:
    _require_sample(run, sample)
    return np.asarray(run.stages["dataset"].open("image")["image"][sample].to_numpy())


def _require_sample(run: Run, sample: int) -> None:
    samples = run.stages["dataset"].open("label").sizes["sample"] if "dataset" in run.stages else 0
    if not 0 <= sample < samples:
        raise ConfigError(
            f"Samples of {run.id} are numbered from 0 and below {samples}", f"{sample}", "Ask for one of them"
        )
