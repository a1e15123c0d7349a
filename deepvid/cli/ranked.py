"""How a ranking of tuned settings is told: a table for people, numbers for machines."""

import math
from typing import TYPE_CHECKING, Any

from rich.console import Console

from deepvid import config
from deepvid.cli.tables import Row as Cells
from deepvid.cli.tables import print_table
from deepvid.config.texts import text_of
from deepvid.statistics import Interval
from deepvid.tuning import Grid
from deepvid.wording import command

if TYPE_CHECKING:
    from deepvid.store import Run as StoredRun
    from deepvid.tuning import Ranking, Row

SETTINGS = Grid._fields
MEASURES = ("held-out KL", "agreement", "stability", "insertion - deletion")
SHOWN = 20  # rows for people, beside those that nothing beats and the run's own


def in_numbers(result: "Ranking") -> dict[str, Any]:
    """The ranking for machines; null where there is no interval."""
    return {
        "images": list(result.samples),
        "held_out": result.held_out,
        "points": [_of_row(row) for row in result.rows],
        "run": {"rank": result.rank, **_of_row(result.own)},
    }


def _of_row(row: "Row") -> dict[str, Any]:
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


def show(console: Console, result: "Ranking", run: "StoredRun") -> None:
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


def _cells(place: int, row: "Row", *, own: bool) -> Cells:
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


def sentence(result: "Ranking") -> str:
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


def _fitting(row: "Row", result: "Ranking", run: "StoredRun") -> str:
    options = [text for name in SETTINGS for text in (f"--{name}", _typed(row.settings, name))]
    images = ",".join(map(str, result.samples))
    return command("fit-students", run.id, "--images", images, *options, "--store", run.path.parent)
