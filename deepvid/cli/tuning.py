"""`deepvid tune`: which settings give an image, or a selection of them, the truest student."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from deepvid import config
from deepvid.cli.console import working
from deepvid.cli.options import (
    DEFAULT_STORE,
    Json,
    Model,
    Run,
    Store,
    Weights,
    named_for,
    named_model,
    print_json,
    require_compute,
)
from deepvid.cli.printing import Row as Cells
from deepvid.cli.printing import Terminal, open_console, print_table
from deepvid.config import experiment_from
from deepvid.config.faults import describe
from deepvid.config.reading import text_of, value_of
from deepvid.errors import ConfigError, StoreError
from deepvid.statistics import Interval
from deepvid.tuning import Grid, Ranking, Row, Tuned, grid_around, grid_points, ranking
from deepvid.wording import command

if TYPE_CHECKING:
    from deepvid.pipeline.user_model import UserModel
    from deepvid.store import Run as StoredRun

FIELDS = config.Students.model_fields
LIMIT = 20

Image = Annotated[int | None, typer.Option(metavar="N", help="The number of one image.")]
Selection = Annotated[
    str | None, typer.Option(metavar="NAME", help="A selection that was given this name on the page.")
]
Limit = Annotated[
    int, typer.Option(min=1, metavar="COUNT", help="Most images of a selection, the first ones.")
]


def _list(name: str) -> Any:
    return typer.Option(metavar="A,B,...", help=f"Values of {name.replace('_', ' ')} to try.")


Values = str | None


def tune(
    run: Run,
    store: Store = DEFAULT_STORE,
    image: Image = None,
    selection: Selection = None,
    limit: Limit = LIMIT,
    temperature: Annotated[Values, _list("temperature")] = None,
    l2: Annotated[Values, _list("l2")] = None,
    l1: Annotated[Values, _list("l1")] = None,
    smoothness: Annotated[Values, _list("smoothness")] = None,
    band: Annotated[Values, _list("band")] = None,
    neighbors: Annotated[Values, _list("neighbors")] = None,
    model: Model = None,
    weights: Weights = None,
    as_json: Json = False,
) -> None:
    """Try settings of a student on images of RUN, every value with every other, and rank them by held-out KL.

    All are examined on the same neighbors, held out as by the run's own settings, at temperature 1. A star
    marks settings that no others beat in KL, stability and insertion - deletion. Nothing is written.
    """
    require_compute("deepvid tune")
    if (image is None) == (selection is None):
        raise ConfigError(
            "The command names what to tune", _said(image, selection), "Give --image or --selection"
        )
    from deepvid.store import find_run, open_run

    given = {"temperature": temperature, "l2": l2, "l1": l1, "smoothness": smoothness, "band": band}
    stored = open_run(find_run(store, run))
    experiment = experiment_from(stored.config, origin="the run")
    grid = _grid(experiment.students, {**given, "neighbors": neighbors})
    points = grid_points(experiment.students, grid)
    named = named_for(stored, named_model(model, weights))
    samples, console = _samples(stored, image, selection), open_console()
    told = Terminal(stderr=True) if as_json else console
    if len(samples) > limit:
        told.print(
            f"{len(samples):,} images are in {selection!r}: the first {limit} are tuned. "
            f"More: --limit {len(samples)}",
            soft_wrap=True,
        )
    found = list(_tuned(stored, experiment, samples[:limit], points, named))
    result = ranking(found, seed=experiment.seed)
    if as_json:
        print_json(in_numbers(result))
    else:
        show(console, result, stored)


def _said(image: int | None, selection: str | None) -> str:
    return "neither" if image is None and selection is None else "both an image and a selection"


def _grid(own: config.Students, given: dict[str, str | None]) -> Grid:
    """The values that are tried: those given, else those around the run's own. Raises ConfigError."""
    typed = {
        name: tuple(value_of(part.strip(), [FIELDS[name]]) for part in text.split(","))
        for name, text in given.items()
        if text is not None
    }
    faults: dict[str, None] = {}
    for name, value in ((name, value) for name, values in typed.items() for value in values):
        try:
            own.replaced(**{name: value})
        except ValidationError as error:
            faults.update(dict.fromkeys(describe(error, "students")))
    if faults:
        raise ConfigError(
            "Every setting of a student has an allowed value",
            "; ".join(faults),
            "Correct them, for example --l2 0.001,0.01",
        )
    return grid_around(own)._replace(**typed)


def _samples(run: "StoredRun", image: int | None, selection: str | None) -> list[int]:
    """The images that are tuned. Raises where there are none."""
    if image is not None:
        return [image]
    from dashboards.session.notes import samples_named  # what a selection means is the page's to say

    assert selection is not None
    samples = samples_named(run, selection)
    if not samples:
        raise StoreError(
            "A selection to tune has images", f"none in {selection!r}", "Name another, or an image"
        )
    return samples


def _tuned(
    run: "StoredRun",
    experiment: config.Experiment,
    samples: list[int],
    points: tuple[config.Students, ...],
    named: "UserModel | None",
) -> Iterator[Tuned]:
    from deepvid.cores import use_cores
    from deepvid.pipeline.trained import TrainedRun
    from deepvid.pipeline.tuning import images_of, tune

    use_cores()
    opened = TrainedRun(run, named)
    opened.require_samples(samples)
    with working("tuning") as progress:
        progress.update(0, len(samples), "loading the models")
        for number, image in enumerate(images_of(opened, samples)):
            part = progress.part(number, number + 1, len(samples))
            yield tune(opened, image, experiment.students, points, seed=experiment.seed, progress=part)


SETTINGS = Grid._fields
MEASURES = ("held-out KL", "agreement", "stability", "insertion - deletion")
SHOWN = 20  # rows for people, beside those that nothing beats and the run's own


def in_numbers(result: Ranking) -> dict[str, Any]:
    """The ranking for machines; null where there is no interval."""
    return {
        "images": list(result.samples),
        "held_out": result.held_out,
        "points": [_of_row(row) for row in result.rows],
        "run": {"rank": result.rank, **_of_row(result.own)},
    }


def _of_row(row: Row) -> dict[str, Any]:
    return {
        "settings": {name: _plain(row.settings, name) for name in SETTINGS},
        "kl": _bounds(row.kl),
        "agreement": _bounds(row.agreement),
        "stability": _bounds(row.stability),
        "faithfulness": _bounds(row.faithfulness),
        "optimal": row.optimal,
    }


def _plain(settings: config.Students, name: str) -> Any:
    value = getattr(settings, name)
    return value[0] if name == "smoothness" else value


def _bounds(interval: Interval) -> list[float | None]:
    return [None if math.isnan(value) else round(float(value), 5) for value in interval]


def show(console: Console, result: Ranking, run: "StoredRun") -> None:
    """The ranking for people: the best, those that nothing beats, and the run's own."""
    rows = [
        _cells(place, row, own=row is result.own)
        for place, row in enumerate(result.rows, 1)
        if place <= SHOWN or row.optimal or row is result.own
    ]
    columns = ("", "rank", *SETTINGS, *MEASURES)
    print_table(console, columns, rows, least=("agreement", "rank"), right=columns[1:])
    if len(rows) < len(result.rows):
        others = len(result.rows) - len(rows)
        console.print(f"{others} more, which others beat, are in --json.", style="dim", soft_wrap=True)
    console.print(sentence(result), soft_wrap=True)
    if result.better is not None:
        console.print(f"Fit with those: {_fitting(result.better, result, run)}", soft_wrap=True)


def _cells(place: int, row: Row, *, own: bool) -> Cells:
    cells = {"": ("*" if row.optimal else "") + (" run" if own else ""), "rank": str(place)}
    cells |= {name: _typed(row.settings, name) for name in SETTINGS}
    numbers = (row.kl, row.agreement, row.stability, row.faithfulness)
    return cells | {
        name: _in_words(number, digits)
        for name, number, digits in zip(MEASURES, numbers, (3, 2, 2, 2), strict=True)
    }


def _typed(settings: config.Students, name: str) -> str:
    return text_of(_plain(settings, name)).replace(" ", "")


def _in_words(interval: Interval, digits: int) -> str:
    value = f"{interval.value:.{digits}f}"
    if math.isnan(interval.low):
        return value
    return f"{value} [{interval.low:.{digits}f}, {interval.high:.{digits}f}]"


def sentence(result: Ranking) -> str:
    """Where the run's own settings stand."""
    count, best = len(result.rows), result.rows[0]
    of = f"#{result.samples[0]}" if len(result.samples) == 1 else f"{len(result.samples)} images"
    better = result.better
    beaten = (
        "no others beat them"
        if better is None
        else f"rank {result.rows.index(better) + 1} is as good in all three, and better in one"
    )
    return (
        f"* no others are as good in KL, stability and insertion - deletion, and better in one. "
        f"Of {of}, the run's settings rank {result.rank} of {count} by held-out KL "
        f"({result.own.kl.value:.3f}, the best {best.kl.value:.3f} nats on {result.held_out} neighbors); "
        f"{beaten}."
    )


def _fitting(row: Row, result: Ranking, run: "StoredRun") -> str:
    options = [text for name in SETTINGS for text in (f"--{name}", _typed(row.settings, name))]
    images = ",".join(map(str, result.samples))
    return command("fit-students", run.id, "--images", images, *options, "--store", run.path.parent)
