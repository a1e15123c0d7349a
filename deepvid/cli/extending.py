"""`deepvid project`, `time-travel` and `fit-students`: one more map of a run, of every epoch, more students.

Their options are the settings of `config.Projection`, `config.TimeTravel` and `config.Students`.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from deepvid import config
from deepvid.cli.options import (
    DEFAULT_STORE,
    Json,
    Model,
    Run,
    Scheduler,
    Store,
    Weights,
    given_in,
    named_for,
    named_model,
    print_json,
    require_compute,
)
from deepvid.cli.printing import Terminal, open_console, print_table
from deepvid.cli.running import run_options
from deepvid.config import experiment_from
from deepvid.map_measures import MEASURES
from deepvid.progress import Progress

if TYPE_CHECKING:
    from deepvid.pipeline.runner import RunOptions
    from deepvid.pipeline.time_travel import Row

FIELDS = config.Students.model_fields


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
    scheduler: Scheduler = None,
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
    with run_options(console, path, user_model=named, scheduler=scheduler) as options:
        extend_run(path, students_stage(students, seed=experiment.seed), options)


Evaluate = Annotated[
    bool, typer.Option("--evaluate", help="Measure PCA, t-SNE and UMAP of the same features beside it.")
]
Epochs = Annotated[
    str | None, typer.Option(metavar="1,3|all|last", help="epochs that --evaluate measures at; last")
]
COLUMNS = {f"test_{measure.name}": measure.column for measure in MEASURES if measure.column}
"""Measures of test images that the table shows; bound is of boundary points that no map was fitted to."""


def time_travel(
    run: Run,
    store: Store = DEFAULT_STORE,
    evaluate: Evaluate = False,
    epochs: Epochs = None,
    as_json: Json = False,
    **settings: str | None,
) -> None:
    """Map every epoch of RUN's teacher, and what it decides everywhere on each map.

    Maps of the same form take the place of those before. What was mapped when this is stopped stays.
    """
    require_compute("deepvid time-travel")
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.time_travel import epochs_asked, rows_beside, stored_rows, time_travel_stage
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    table = open_run(path).config
    chosen = _with_defaults_of(table, given_in(settings, config.TimeTravel))
    experiment = experiment_from({**table, "time_travel": [chosen]}, origin="the options")
    (section,) = experiment.time_travel
    teacher = open_run(path).series("teacher")
    asked = epochs_asked(epochs, teacher.epochs if teacher else 0)
    console = Terminal(stderr=True) if as_json else open_console()
    with run_options(console, path) as options:
        extend_run(path, time_travel_stage(section, seed=experiment.seed), options)
        rows = stored_rows(open_run(path), asked)
        if evaluate:
            rows += _listened(
                options, partial(rows_beside, open_run(path), section, asked, seed=experiment.seed)
            )
    if as_json:
        print_json(rows)
    elif evaluate:
        print_rows(console, rows)


def _with_defaults_of(table: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Settings for maps of a form: those given, the others as the run's experiment has them."""
    form = given.get("form", config.TimeTravel().form)
    own = (one for one in table.get("time_travel", ()) if one.get("form", config.TimeTravel().form) == form)
    return {**next(own, {}), **given}


def _listened(options: "RunOptions", rows: Callable[..., "Iterator[Row]"]) -> "list[Row]":
    """All rows, while the order's listener hears how far they are."""
    name, began = "time-travel-evaluation", time.monotonic()
    options.listener.began(name, 1, 1)
    progress = Progress(lambda tick: options.listener.ticked(name, tick), options.cancel)
    found = list(rows(progress=progress))
    options.listener.ended(name, "computed", time.monotonic() - began, {})
    return found


def print_rows(console: Console, rows: "list[Row]") -> None:
    """A line a map: what is measured of test images, with its 95 % interval, and chance."""
    cells = [
        {
            "map": row["form"],
            "epoch": str(row["epoch"]),
            **{title: _score(row, name) for name, title in COLUMNS.items()},
            "phantom": _number(row["phantom"]),
        }
        for row in rows
    ]
    chance = {title: _number(rows[0].get(f"{name}_chance")) for name, title in COLUMNS.items()}
    cells.append({"map": "chance", "epoch": "", **chance, "phantom": ""})
    columns = list(cells[0])
    print_table(console, columns, cells, right=set(columns) - {"map"})


def _score(row: "Row", name: str) -> str:
    value, low, high = (row.get(name + part) for part in ("", "_low", "_high"))
    return "" if value is None else f"{_number(value)} [{_number(low)}, {_number(high)}]"


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.3g}"
