"""How each kind of request is answered. Imports JAX: only an engine that computes imports this."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.special import expit, softmax

from deepvid.config import names
from deepvid.cores import one_thread_each, use_cores
from deepvid.engine import requests
from deepvid.engine.causes import causes_of_right
from deepvid.engine.guest import open_image
from deepvid.engine.landscapes import decode_sample, refine_landscape
from deepvid.engine.models import RUNS_KEPT, trained_run
from deepvid.engine.neighbors import neighbors_of, place_neighbors
from deepvid.engine.network import map_units, maximize, occlude, watch
from deepvid.engine.strips import draw_strip
from deepvid.engine.superpixels import superpixels
from deepvid.engine.what_if import what_if
from deepvid.errors import ConfigError, DamagedError, StoreError
from deepvid.pipeline.explanations import explain_sample
from deepvid.pipeline.refitting import refit_batch
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.students import fit_batch, students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.tuning import images_of, tune
from deepvid.pipeline.worker_pool import Batch
from deepvid.progress import Progress
from deepvid.students.curve import curve
from deepvid.students.decoding import Inputs
from deepvid.students.morph import between, changes
from deepvid.students.neighbors import center, neighborhood
from deepvid.students.students import plan_for, values_of
from deepvid.students.teacher_oracle import Neighborhood, answering, label_neighborhood
from deepvid.students.teachers import traced
from deepvid.tuning import Tuned, grid_around, grid_points

MOST_STEPS = 201  # of a morph


def fit_student(request: requests.FitStudent, progress: Progress) -> xr.Dataset:
    """One student, as a students batch of one; not written to the run.

    Where the teacher cannot be opened, to the labels that the run has of the sample's neighbors.
    """
    use_cores()  # a person waits for this one
    progress.update(0, 1, "loading the models")
    opened = trained_run(request.run)
    key = key_in(opened.run, students_stage(request.settings, seed=request.seed))
    batch = Batch(request.settings, request.seed, key, (request.sample,))
    try:
        return fit_batch(opened, batch, progress)
    except DamagedError:
        raise
    except StoreError as lacking:
        return refit_batch(opened, batch, lacking)


def explain_image(request: requests.ExplainImage, progress: Progress) -> xr.Dataset:
    """One image's maps, as an explanations batch of one; not written to the run."""
    use_cores()
    progress.update(0, 1, "loading the models")
    opened = trained_run(request.run)
    return explain_sample(
        opened,
        request.sample,
        request.settings,
        request.student,
        seed=request.seed,
        infill=request.infill,
        progress=progress,
    )


def tune_student(request: requests.TuneStudent, progress: Progress) -> Tuned:
    """All points of the grid around the settings; nothing of it is written to the run."""
    use_cores()
    progress.update(0, 1, "loading the models")
    opened = trained_run(request.run)
    points = grid_points(request.settings, grid_around(request.settings), *request.others)
    (image,) = images_of(opened, [request.sample])
    return tune(opened, image, request.settings, points, seed=request.seed, progress=progress)


def follow_optimizer(request: requests.FollowOptimizer, progress: Progress) -> requests.Followed:
    """The curve of the settings' optimizer; nothing of it is written to the run."""
    use_cores()
    settings = request.settings
    progress.update(0, settings.steps, "loading the models")
    opened = trained_run(request.run)
    progress.update(0, settings.steps, "drawing and labeling neighbors")
    with one_thread_each(), traced(opened.teacher):
        around = _around(opened, _of_neighbors(request))
        values = values_of(settings, opened.band(settings), request.seed)
        found = curve(around, values, plan_for(opened.teacher, settings), progress=progress)
    measured, best = found.measured, found.optimum
    return requests.Followed(
        request.sample,
        settings,
        found.step,
        measured.fitted,
        measured.held_out,
        measured.agreement,
        measured.objective,
        requests.Optimum(*map(float, (best.fitted, best.held_out, best.agreement, best.objective))),
        found.floor,
        found.held_out,
    )


def edit_latents(request: requests.EditLatents, progress: Progress) -> requests.Edited:
    """One image with its latent moved, and the teacher's logits of it."""
    opened = trained_run(request.run)
    _require_latents("A shift", request.shift, len(opened.scale))
    image = opened.image(request.sample).astype(np.float32) / 255
    with np.errstate(over="ignore"):
        shift = np.asarray([request.shift], np.float32)
    edited, logits = map(np.asarray, _editor(opened, request.neighborhood)(image, shift))
    if not np.isfinite(logits).all():
        raise ConfigError(
            "The teacher has an answer to a moved image",
            f"a shift of up to {np.abs(request.shift).max():.3g}, to which it has none",
            "Move it less far",
        )
    return requests.Edited(request.sample, _pixels(edited[0]), logits[0])


def weigh_latents(request: requests.WeighLatents, progress: Progress) -> requests.LatentSensitivity:
    """How much moving each latent by its band changes the probability of the predicted class."""
    opened = trained_run(request.run)
    _require_latents("A band", request.band, len(opened.scale))
    image = opened.image(request.sample).astype(np.float32) / 255
    band = np.diag(np.asarray(request.band, np.float32))
    shifts = np.concatenate([np.zeros_like(band[:1]), band, -band])
    _, logits = _editor(opened, request.neighborhood)(image, shifts)
    logits = np.asarray(logits)
    probability = expit(logits) if opened.run.independent else softmax(logits, axis=-1)
    up, down = np.split(probability[1:, probability[0].argmax()], 2)
    return requests.LatentSensitivity(request.sample, np.abs(up - down) / 2)


def morph(request: requests.Morph, progress: Progress) -> requests.Morphed:
    """All steps of a way in one batch, then by bisection where the teacher's answer changes."""
    use_cores()
    if not 2 <= request.steps <= MOST_STEPS:
        raise ConfigError(
            f"A morph has 2 to {MOST_STEPS} steps", f"{request.steps}", "Choose a number in that range"
        )
    progress.update(0, 2, "loading the models")
    opened = trained_run(request.run)
    ends = np.stack([opened.image(sample) for sample in (request.sample, request.other)])
    ends = ends.astype(np.float32) / 255
    look = _walker(opened, request.way, request.neighborhood)
    position = np.linspace(0, 1, request.steps)
    progress.update(0, 2, "decoding")
    image, logits = (np.asarray(found) for found in look(ends, position.astype(np.float32)))
    said: dict[float, np.ndarray] = dict(zip(position.tolist(), logits, strict=True))

    def answer(place: float) -> int:
        progress.update(1, 2, "looking where the answer changes")
        said[place] = np.asarray(look(ends, np.array([place], np.float32))[1])[0]
        return int(said[place].argmax())

    flips = tuple(
        requests.Flip((low + high) / 2, before, after, said[high])
        for low, high, before, after in changes(position.tolist(), logits.argmax(axis=1).tolist(), answer)
    )
    return requests.Morphed(position, _pixels(image), logits, flips)


HANDLERS: dict[type[requests.Request], Callable[[Any, Progress], Any]] = {
    requests.FitStudent: fit_student,
    requests.ExplainImage: explain_image,
    requests.CausesOfRight: causes_of_right,
    requests.OpenImage: open_image,
    requests.TuneStudent: tune_student,
    requests.FollowOptimizer: follow_optimizer,
    requests.EditImage: what_if,
    requests.OccludeImage: occlude,
    requests.MapUnits: map_units,
    requests.EditLatents: edit_latents,
    requests.WeighLatents: weigh_latents,
    requests.DrawNeighbors: neighbors_of,
    requests.PlaceNeighbors: place_neighbors,
    requests.Morph: morph,
    requests.WatchFilters: watch,
    requests.DrawStrip: draw_strip,
    requests.Superpixels: superpixels,
    requests.Maximize: maximize,
    requests.RefineLandscape: refine_landscape,
    requests.DecodeSample: decode_sample,
}


@lru_cache(maxsize=RUNS_KEPT)
def _editor(opened: TrainedRun, kind: names.Neighborhood) -> Callable[..., Any]:
    """Compiled: an image, f32 (y, x, channel), moved by each shift (shift, latent), with its logits."""
    teacher, vae = opened.teacher, opened.vae

    def edit(image: jax.Array, shift: jax.Array) -> jax.Array:
        return neighborhood(vae, center(vae, image), shift, kind)

    return answering(teacher, edit)


@lru_cache(maxsize=RUNS_KEPT)
def _walker(opened: TrainedRun, way: names.Way, kind: names.Neighborhood) -> Callable[..., tuple[Any, Any]]:
    """Compiled: images at positions (step,) between two ends, f32 (2, y, x, channel), with their logits."""
    teacher, vae = opened.teacher, opened.vae

    def look(ends: jax.Array, position: jax.Array) -> jax.Array:
        first, last = (center(vae, image) for image in ends)
        return between(vae, first, last, position, way, kind)

    return answering(teacher, look)


def _pixels(images: Any) -> np.ndarray:
    """uint8 of images in [0, 1]."""
    return np.rint(255 * np.clip(np.asarray(images), 0, 1)).astype(np.uint8)


def _require_latents(what: str, given: Sequence[float], latents: int) -> None:
    if len(given) != latents or not np.isfinite(given).all():
        raise ConfigError(
            f"{what} has a number for each of the {latents} latents",
            f"{len(given)} numbers",
            "Give as many as there are latents",
        )


def _of_neighbors(request: requests.FollowOptimizer) -> requests.FollowOptimizer:
    """The same for all optimizers: what decides the neighbors and their labels."""
    return requests.FollowOptimizer(
        request.run,
        request.sample,
        request.settings.replaced(solver="exact", steps=1, learning_rate=1.0),
        request.seed,
    )


@lru_cache(maxsize=1)  # who tries an optimizer tries others on the same image
def _around(opened: TrainedRun, request: requests.FollowOptimizer) -> Neighborhood:
    (image,) = images_of(opened, [request.sample])
    inputs = Inputs(image.pixels, np.int32(image.sample), np.int32(image.label))
    values = values_of(request.settings, opened.band(request.settings), request.seed)
    plan = plan_for(opened.teacher, request.settings)
    return label_neighborhood(opened.teacher, opened.vae, inputs, values, plan)
