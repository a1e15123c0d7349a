"""`deepvid fit-students`: more students for a run; its options are the settings of `config.Students`."""

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
    app.command("fit-students")(with_settings(fit_students, config.Students))


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
