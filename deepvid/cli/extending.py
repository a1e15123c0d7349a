"""`deepvid project` and `deepvid fit-students`: one more map for a run, and more students.

Their options are the settings of `config.Projection` and `config.Students`.
"""

import typer

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
from deepvid.cli.running import run_options
from deepvid.cli.settings import given_in, with_settings
from deepvid.cli.terminal import open_console
from deepvid.config import experiment_from

FIELDS = config.Students.model_fields


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(with_settings(project, config.Projection))
    app.command("fit-students")(with_settings(fit_students, config.Students))


def project(run: Run, store: Store = DEFAULT_STORE, **settings: str | None) -> None:
    """Lay out the images of RUN on one more map, and measure how far it can be trusted.

    A map of the same method, input and dimensions takes the place of the one before.
    """
    require_compute("deepvid project")
    from deepvid.pipeline.projection import projection_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    chosen = given_in(settings, config.Projection)
    experiment = experiment_from({**open_run(path).config, "projections": [chosen]}, origin="the options")
    (section,) = experiment.projections
    with run_options(open_console(), path) as options:
        extend_run(path, projection_stage(section, seed=experiment.seed), options)


def fit_students(
    run: Run,
    store: Store = DEFAULT_STORE,
    model: Model = None,
    weights: Weights = None,
    **settings: str | None,
) -> None:
    """Fit more students into RUN. What is not given is as in the run's experiment.

    Its limit is of its own choice of images: numbers that are listed here are all fitted.
    """
    require_compute("deepvid fit-students")
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.students import students_stage
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    given = given_in(settings, config.Students)
    table = open_run(path).config
    chosen = {**table.get("students", {}), **given}
    experiment = experiment_from({**table, "students": chosen}, origin="the options")
    students = experiment.students
    if "images" in given and "limit" not in given:
        students = students.replaced(limit=None if students.images[0].isdigit() else FIELDS["limit"].default)
    console = open_console()
    named = named_for(open_run(path), named_model(model, weights))
    with run_options(console, path, user_model=named) as options:
        extend_run(path, students_stage(students, seed=experiment.seed), options)
