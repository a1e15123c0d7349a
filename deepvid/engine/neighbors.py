"""The neighbors of one sample: drawn as its student's fit has them, and placed on a map of the run."""

from functools import lru_cache

import numpy as np
from pydantic import TypeAdapter

from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.cores import use_cores
from deepvid.engine.models import RUNS_KEPT, trained_run
from deepvid.engine.requests import DrawNeighbors, NeighborPositions, Neighbors, PlaceNeighbors
from deepvid.errors import ConfigError
from deepvid.models import VAE
from deepvid.pipeline.projection import data_of
from deepvid.pipeline.trained import TrainedRun, answers_of
from deepvid.progress import Progress
from deepvid.projections import Placer, placer
from deepvid.store import Run
from deepvid.students.decoding import Inputs
from deepvid.students.students import plan_of, values_of
from deepvid.students.teacher_oracle import label_neighborhood
from deepvid.students.teachers import Teacher
from deepvid.training.batches import encode

MOST_SAMPLES = 20_000  # of a map; of a larger one so many, evenly spread, tell where a neighbor lies
DRAWN_KEPT = 2  # samples: who sees neighbors may soon ask where they lie


def neighbors_of(request: DrawNeighbors, progress: Progress) -> Neighbors:
    """The neighbors of one image, by its settings and seed, with the teacher's logits."""
    use_cores()
    progress.update(0, 1, "loading the models")
    opened = trained_run(request.run)
    progress.update(0, 1, "drawing and labeling")
    return _drawn(opened, request)


def place_neighbors(request: PlaceNeighbors, progress: Progress) -> NeighborPositions:
    """Some of the neighbors, evenly spread over all, by what the map was made of."""
    use_cores()
    progress.update(0, 3, "drawing the neighbors")
    opened = trained_run(request.run)
    stage = _projection(opened.run, request.map)
    drawn = _drawn(opened, DrawNeighbors(request.run, request.sample, request.settings, request.seed))
    number = _evenly(len(drawn.image), request.most)
    progress.update(1, 3, "finding neighbors on the map")
    place = _placer(opened, stage, opened.run.stages[stage].key)
    new = _data_of(opened, drawn.image[number], _settings(opened.run, stage).of)
    return NeighborPositions(number, place(new, progress=progress.part(2, 3, 3)))


@lru_cache(maxsize=DRAWN_KEPT)
def _drawn(opened: TrainedRun, request: DrawNeighbors) -> Neighbors:
    teacher, vae, band = opened.teacher, opened.vae, opened.band(request.settings)
    image = opened.image(request.sample)
    return draw_neighbors(teacher, vae, image, request.sample, band, request.settings, seed=request.seed)


def draw_neighbors(
    teacher: Teacher | Model,
    vae: VAE,
    image: np.ndarray,
    sample: int,
    band: np.ndarray,
    settings: config.Students,
    *,
    seed: int,
) -> Neighbors:
    """Those that `fit_students` with these arguments draws: by the same program, less the derivatives.

    The first is the image itself.
    """
    plan = plan_of(settings)
    program = plan._replace(gradient_neighbors=0, anchor="zero")
    inputs = Inputs(image, np.int32(sample), np.int32(0))  # the label matters to derivatives alone
    around = label_neighborhood(teacher, vae, inputs, values_of(settings, band, seed), program)
    images = np.rint(255 * np.asarray(around.neighbors)).astype(np.uint8)
    return Neighbors(images, np.asarray(around.labels), plan.held_out, float(around.widening))


@lru_cache(maxsize=RUNS_KEPT)
def _placer(opened: TrainedRun, stage: str, key: str) -> Placer:
    run = opened.run
    group, settings = run.stages[stage].open("position", "sample"), _settings(run, stage)
    position, samples = group["position"].to_numpy(), group["sample"].to_numpy()
    some = _evenly(len(samples), MOST_SAMPLES)
    data = data_of(lambda kind, variable: run.stages[kind].open(variable), settings.of, samples[some])
    return placer(settings, data, position[some], seed=int(run.config.get("seed", 0)))


def _evenly(count: int, most: int) -> np.ndarray:
    """All numbers below `count`, or `most` of them with the first and the last."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.intp)


def _data_of(opened: TrainedRun, images: np.ndarray, of: config.names.ProjectionInput) -> np.ndarray:
    """Data of other images, uint8 (image, y, x, channel), as `data_of` has them of a run's own."""
    if of == "features":
        answers = answers_of(opened.teacher, images)
        return answers.logits if answers.features is None else answers.features
    if of == "latents":
        return encode(opened.vae, images).mean
    return images.reshape(len(images), -1).astype(np.float32) / 255


def _projection(run: Run, name: str) -> str:
    stage = f"projection-{name}"
    if stage not in run.stages:
        known = [one.removeprefix("projection-") for one in run.stages if one.startswith("projection-")]
        raise ConfigError(
            "Neighbors are placed on a map of the run",
            f"no map {name!r} among {', '.join(known) or 'none'}",
            "Choose one of them",
        )
    return stage


def _settings(run: Run, stage: str) -> config.Projection:
    stored = run.stages[stage].open("position").attrs["projection"]
    settings: config.Projection = TypeAdapter(config.Projection).validate_python(stored)
    return settings
