"""`deepvid upgrade`: what an earlier version did not compute is brought into a run."""

from deepvid import config
from deepvid.cli.options import (
    DEFAULT_STORE,
    Model,
    Run,
    Store,
    Weights,
    named_for,
    named_model,
    require_compute,
)
from deepvid.cli.printing import open_console
from deepvid.cli.running import run_options
from deepvid.config import experiment_from


def upgrade(run: Run, store: Store = DEFAULT_STORE, model: Model = None, weights: Weights = None) -> None:
    """Bring into RUN what an earlier version did not compute: causes, kinds of mistakes and today's judges.

    Its models, students and maps stay as they are; students of an earlier version are not judged again.
    """
    require_compute("deepvid upgrade")
    from deepvid.pipeline.causes import causes_stage, has_teacher
    from deepvid.pipeline.explanations import explanations_stage
    from deepvid.pipeline.modes import modes_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.stage import Stage
    from deepvid.pipeline.stored_students import latest_students
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    stored = open_run(path)
    experiment = experiment_from(stored.config, origin="the run")
    seed, stages = experiment.seed, list[Stage]()
    if has_teacher(stored) and stored.batches("students"):
        students = latest_students(stored, experiment.students, seed=seed)
        stages.append(explanations_stage(experiment.explanations, students, seed=seed))
    checked = config.DataCheck.stage in stored.stages
    stages.append(causes_stage(experiment.causes or config.Causes(), seed=seed, checked=checked))
    stages.append(modes_stage(experiment.modes or config.Modes(), seed=seed))
    named = named_for(stored, named_model(model, weights))
    with run_options(open_console(), path, user_model=named) as options:
        extend_run(path, stages, options)
