"""`deepvid reproduce`: an archive's experiment once more, and how far its results come back."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from deepvid.cli.archiving import AMISS
from deepvid.cli.options import Data, Json, Model, Weights, named_model, print_json, require_compute
from deepvid.cli.printing import Terminal, number, open_console
from deepvid.cli.running import run_options
from deepvid.errors import StoreError

if TYPE_CHECKING:
    from deepvid.pipeline.reproduce import Reproduced, Reproduction

STYLE = {
    "not asked for": "dim",
    "from the archive": "dim",
    "equal bytes": "green",
    "equal within tolerance": "yellow",
    "newer version": "red",
    "different": "red",
    "missing": "red",
}
WHERE = {"not asked for": "by the configuration", "newer version": "of the stage, or of one that it needs"}


def reproduce(
    file: Annotated[Path, typer.Argument(help="An archive.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="STORE", help="A store of its own, empty before.")
    ],
    take: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Take a stage from the archive; may be given more than once."),
    ] = None,
    data: Data = None,
    model: Model = None,
    weights: Weights = None,
    as_json: Json = False,
) -> None:
    """Run the experiment of an archive again and compare, stage by stage. Exits 1 where one differs.

    On other versions a training may end at another model. To compare what follows from the same models:
    --take teacher --take vae. A classifier that another program trained gives its archived answers; where the
    archive does not hold it, what asks it is taken from there too, unless --model names it.
    """
    require_compute("deepvid reproduce")
    from deepvid.pipeline.reproduce import reproduce as reproduce_archive
    from deepvid.store import archived_run

    if not file.is_file():
        raise StoreError("An archive is a file", f"no file {file}", "Check its name")
    progress = Terminal(stderr=True)
    named = named_model(model, weights)
    with run_options(progress, output / archived_run(file), data=data, user_model=named) as options:
        reproduction = reproduce_archive(file, output, options, take or ())
    if as_json:
        print_json(
            {
                **reproduction._asdict(),
                "ok": reproduction.ok,
                "stages": [stage._asdict() for stage in reproduction.stages],
            }
        )
    else:
        _tell(reproduction)
    if not reproduction.ok:
        raise typer.Exit(AMISS)


def _tell(reproduction: "Reproduction") -> None:
    from deepvid.pipeline.reproduce import ABSOLUTE, DERIVED, RELATIVE, STUDENTS

    console = open_console()
    table = Table(
        "stage", "result", "largest difference", "where", box=None, pad_edge=False, header_style="dim"
    )
    for stage in reproduction.stages:
        style = STYLE[stage.outcome]
        where = WHERE.get(stage.outcome, stage.where)
        table.add_row(stage.name, Text(stage.outcome, style), _gap(stage), where)
    console.print(table)
    console.print(
        f"Tolerance of floats: |a - b| <= {ABSOLUTE:g} + {RELATIVE:g} |a|; of students {STUDENTS:g}, "
        "a fiftieth of a logit: an optimum moves with the last digits of the models it explains; of weights, "
        f"derivatives and explanations {DERIVED:.0%} of the largest.",
        style="dim",
        soft_wrap=True,
    )
    for line in _figures(reproduction):
        console.print(line, soft_wrap=True)
    if not reproduction.versions:
        console.print("Python, packages and machine are those of the archive.")
    for what, first, second in reproduction.versions:
        if first and second:
            console.print(f"{what}: {_text(first)} then, {_text(second)} now", soft_wrap=True)
    for when, alone in (("then", 1), ("now", 2)):
        if names := [row[0] for row in reproduction.versions if row[alone] and not row[3 - alone]]:
            console.print(f"Only {when}: {', '.join(names)}", soft_wrap=True, style="dim")


def _figures(reproduction: "Reproduction") -> Iterator[str]:
    """Figures of stages that are different, and how to compare what follows from a training."""
    from deepvid.pipeline.reproduce import SERIES

    for stage in reproduction.stages:
        for what, first, second in stage.metrics:
            yield f"{stage.name}: {what.replace('_', ' ')} {number(first)} then, {number(second)} now"
    series = [stage for stage in reproduction.stages if stage.name.startswith(SERIES)]
    if reproduction.versions and any(stage.outcome == "different" for stage in series):
        yield (
            "A training amplifies last digits: other versions may end at another model, and whether it is as "
            "good its figures say. To compare what follows from the same models:"
            + "".join(f" --take {stage.name.removeprefix(SERIES)}" for stage in series)
        )


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _gap(stage: "Reproduced") -> str:
    return f"{number(stage.largest)} ({stage.relative:.1g} of the largest value)" if stage.largest else ""
