"""How an optimizer comes to a student, while a person waits."""

from functools import lru_cache

import numpy as np

from deepvid.cores import one_thread_each, use_cores
from deepvid.engine.models import keys_of, models_of
from deepvid.engine.requests import Followed, FollowOptimizer, Optimum
from deepvid.pipeline.students import half_widths, require_sample
from deepvid.pipeline.tuning import images_of
from deepvid.progress import Progress
from deepvid.store import open_run
from deepvid.students.curve import curve
from deepvid.students.decoding import Inputs
from deepvid.students.students import plan_for, values_of
from deepvid.students.teacher_oracle import Neighborhood, label_neighborhood
from deepvid.students.teachers import traced


def follow_optimizer(request: FollowOptimizer, progress: Progress) -> Followed:
    """The curve of the settings' optimizer; nothing of it is written to the run."""
    use_cores()
    settings = request.settings
    progress.update(0, settings.steps, "loading the models")
    run = open_run(request.run)
    require_sample(run, request.sample)
    keys = keys_of(run)
    trained = models_of(request.run, *keys).trained
    progress.update(0, settings.steps, "drawing and labeling neighbors")
    with one_thread_each(), traced(trained.classifier):
        around = _around(_of_neighbors(request), *keys)
        values = values_of(settings, half_widths(settings, trained.scale), request.seed)
        found = curve(around, values, plan_for(trained.classifier, settings), progress=progress)
    measured, best = found.measured, found.optimum
    return Followed(
        request.sample,
        settings,
        found.step,
        measured.fitted,
        measured.held_out,
        measured.agreement,
        measured.objective,
        Optimum(*map(float, (best.fitted, best.held_out, best.agreement, best.objective))),
        found.floor,
        found.held_out,
    )


def _of_neighbors(request: FollowOptimizer) -> FollowOptimizer:
    """The same for all optimizers: what decides the neighbors and their labels."""
    return FollowOptimizer(
        request.run,
        request.sample,
        request.settings.replaced(solver="exact", steps=1, learning_rate=1.0),
        request.seed,
    )


@lru_cache(maxsize=1)  # who tries an optimizer tries others on the same image
def _around(request: FollowOptimizer, *keys: str) -> Neighborhood:
    run = open_run(request.run)
    trained = models_of(request.run, *keys).trained
    (image,) = images_of(run, [request.sample])
    inputs = Inputs(image.pixels, np.int32(image.sample), np.int32(image.label))
    values = values_of(request.settings, half_widths(request.settings, trained.scale), request.seed)
    plan = plan_for(trained.classifier, request.settings)
    return label_neighborhood(trained.classifier, trained.vae, inputs, values, plan)
