"""`deepvid fit-students`: more students for a run; its options are the settings of `config.Students`."""

import inspect
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from deepvid import config
from deepvid.cli.extras import require_compute
from deepvid.cli.options import DEFAULT_STORE, Run, Store
from deepvid.cli.running import ordered
from deepvid.cli.terminal import open_console
from deepvid.config import experiment_from
from deepvid.config.texts import value_of

FIELDS = config.Students.model_fields


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("fit-students")(_with_options(fit_students))


def fit_students(run: Run, store: Store = DEFAULT_STORE, **settings: str | None) -> None:
    """Fit more students into RUN. What is not given is as in the run's experiment.

    Its limit is of its own choice of images: numbers that are listed here are all fitted.
    """
    require_compute("deepvid fit-students")
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.students import students_stage
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    given = {name: value_of(text, [FIELDS[name]]) for name, text in settings.items() if text is not None}
    table = open_run(path).config
    chosen = {**table.get("students", {}), **given}
    experiment = experiment_from({**table, "students": chosen}, origin="the options")
    students = experiment.students
    if "images" in given and "limit" not in given:
        students = students.replaced(limit=None if students.images[0].isdigit() else FIELDS["limit"].default)
    console = open_console()
    with ordered(console, path) as order:
        extend_run(path, students_stage(students, seed=experiment.seed), order)


def _with_options(command: Any) -> Any:
    """Replaces `**settings` by one option for every field: the model alone says what there is."""
    signature = inspect.signature(command)
    options = [_option(name, field) for name, field in FIELDS.items()]
    kept = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=[*kept, *options])
    return command


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    text = field.description or " | ".join(_names(field.annotation)) or None
    option = typer.Option("--" + name.replace("_", "-"), metavar="VALUE", help=text)
    annotation = Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _names(annotation: Any) -> list[str]:
    """The names that a field of literals allows."""
    if isinstance(annotation, str):
        return [annotation]
    return [name for part in get_args(annotation) for name in _names(part)]
