"""`deepvid evaluate`: how true the explanations of a run are, every method beside chance."""

from typing import Annotated, Any, get_args

import typer
from rich.table import Table

from deepvid import config
from deepvid.cli.options import (
    DEFAULT_STORE,
    Json,
    Model,
    Run,
    Scheduler,
    Store,
    Weights,
    named_for,
    named_model,
    print_json,
    require_compute,
)
from deepvid.cli.printing import Terminal, open_console
from deepvid.cli.running import run_options
from deepvid.config import experiment_from, names
from deepvid.config.reading import value_of
from deepvid.errors import StoreError
from deepvid.faithfulness import Ranking, Row, judges_that_lead, measured, ranking
from deepvid.statistics import Interval
from deepvid.wording import command, enumeration, percent

FIELDS = config.Explanations.model_fields
Images = Annotated[str | None, typer.Option(metavar="VALUE", help=FIELDS["images"].description)]
Limit = Annotated[str | None, typer.Option(metavar="VALUE", help=FIELDS["limit"].description)]
Methods = Annotated[str | None, typer.Option(metavar="A,B,...", help="explanations to measure, or all")]
Judged = Annotated[str | None, typer.Option(metavar="SHARE", help=FIELDS["judged"].description)]


def evaluate(
    run: Run,
    store: Store = DEFAULT_STORE,
    images: Images = None,
    limit: Limit = None,
    methods: Methods = None,
    judged: Judged = None,
    model: Model = None,
    weights: Weights = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Explain images of RUN that have a student, by every method, and say how true each method is.

    Of several students of an image those of the settings fitted last are explained, which its page shows.
    What is computed is kept in the run. What is not given is as in its experiment.
    """
    require_compute("deepvid evaluate")
    from deepvid.pipeline.explanations import explanations_stage
    from deepvid.pipeline.runner import extend_run
    from deepvid.pipeline.stored_students import latest_students
    from deepvid.store import find_run, open_run

    path = find_run(store, run)
    typed = {"images": images, "limit": limit, "methods": methods, "judged": judged}
    given = {name: value_of(text, [FIELDS[name]]) for name, text in typed.items() if text is not None}
    if methods == "all":
        given["methods"] = list(get_args(names.Explanation))
    table = open_run(path).config
    chosen = {**table.get("explanations", {}), **given}
    experiment = experiment_from({**table, "explanations": chosen}, origin="the options")
    students = latest_students(open_run(path), experiment.students, seed=experiment.seed)
    stage = explanations_stage(experiment.explanations, students, seed=experiment.seed)
    console = Terminal(stderr=True) if as_json else open_console()
    named = named_for(open_run(path), named_model(model, weights))
    with run_options(console, path, user_model=named, scheduler=scheduler) as options:
        extend_run(path, stage, options)
    stored = open_run(path)
    found = measured([batch.open() for batch in stage.stored_in(stored)])
    if found is None:
        fitting = command("fit-students", stored.id, "--store", stored.path.parent)
        raise StoreError(
            "Only images with a student are explained",
            f"none among the chosen images of {stored.id}",
            f"Fit some first: {fitting}",
        )
    result = ranking(found)
    if as_json:
        print_json(in_numbers(result))
    else:
        console.print(in_a_table(result))
        console.print(sentence(result), soft_wrap=True)


def in_numbers(result: Ranking) -> dict[str, Any]:
    """The table for machines; null where nothing was measured."""
    return {
        "methods": [_of_row(row, result.judges) for row in result.rows],
        "first": _of_row(result.first, result.judges) if result.first else None,
        "student": result.student,
        "leading": judges_that_lead(result.judges),
        "chosen_on": result.chosen_on,
    }


def _of_row(row: Row, judges: tuple[str, ...]) -> dict[str, Any]:
    return {
        "method": row.name,
        "control": row.control,
        "blind": row.blind,
        "images": row.images,
        "faithfulness": _bounds(row.faithfulness),
        "by_judge": dict(zip(judges, map(_number, row.by_judge), strict=True)),
        "knows": [name for name, known in zip(judges, row.knows, strict=True) if known],
        "over_random": _bounds(row.over_random),
        "margin_lost": _bounds(row.margin_lost),
        "beats_chance": _number(row.beats_chance),
        "disputed": row.disputed,
    }


def _bounds(interval: Interval) -> list[float | None]:
    return [_number(value) for value in interval]


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 4)


CAPTION = "(in parentheses): the method averages over what this judge puts for an absent pixel"


def in_a_table(result: Ranking) -> Table:
    """The table for people."""
    others = [judge for judge in result.judges if judges_that_lead(result.judges) != (judge,)]
    table = Table(
        box=None, padding=(0, 2, 0, 0), header_style="bold", caption=CAPTION, caption_justify="left"
    )
    table.add_column("explanation")
    for name in ("insertion - deletion", *others, "margin lost", "beats chance"):
        table.add_column(name.replace("_", " "), justify="right")
    for row in result.rows:
        table.add_row(
            row.label + (" (control)" if row.control else " (blind)" if row.blind else ""),
            _in_words(row.faithfulness),
            *(
                f"({value:.2f})" if known else f"{value:.2f}"
                for judge, value, known in zip(result.judges, row.by_judge, row.knows, strict=True)
                if judge in others
            ),
            _in_words(row.margin_lost),
            percent(row.beats_chance),
        )
    return table


def _in_words(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def sentence(result: Ranking) -> str:
    """Which method stands first, by which images."""
    if result.first is None:
        return "Too few images were explained to say which method stands first."
    row = result.first
    student = next((f" Its student: {one.label}." for one in result.rows if one.name == result.student), "")
    if result.rivals:
        rivals = enumeration([rival.label for rival in result.rivals])
        return (
            f"No method is the truest: by one judge it is {row.label}, by the other {rivals}. "
            f"{row.label} has insertion - deletion {_in_words(row.faithfulness)}; 0 is chance.{student}"
        )
    return (
        f"{row.label} stands first: chosen on {result.chosen_on:,} images; on the others its insertion - "
        f"deletion is {_in_words(row.faithfulness)} by {result.ruler}, where 0 is chance.{student}"
    )
