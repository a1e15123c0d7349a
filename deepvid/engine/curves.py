"""How an optimizer comes to a student, while a person waits."""

from functools import lru_cache

import numpy as np

from deepvid.cores import one_thread_each, use_cores
from deepvid.engine.models import trained_run
from deepvid.engine.requests import Followed, FollowOptimizer, Optimum
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.tuning import images_of
from deepvid.progress import Progress
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
    opened = trained_run(request.run)
    progress.update(0, settings.steps, "drawing and labeling neighbors")
    with one_thread_each(), traced(opened.teacher):
        around = _around(opened, _of_neighbors(request))
        values = values_of(settings, opened.band(settings), request.seed)
        found = curve(around, values, plan_for(opened.teacher, settings), progress=progress)
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
def _around(opened: TrainedRun, request: FollowOptimizer) -> Neighborhood:
    (image,) = images_of(opened, [request.sample])
    inputs = Inputs(image.pixels, np.int32(image.sample), np.int32(image.label))
    values = values_of(request.settings, opened.band(request.settings), request.seed)
    plan = plan_for(opened.teacher, request.settings)
    return label_neighborhood(opened.teacher, opened.vae, inputs, values, plan)
