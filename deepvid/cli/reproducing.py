"""`deepvid reproduce`: an archive's experiment once more, and how far its results come back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deepvid.cli.archiving import FOUND
from deepvid.cli.console import open_console
from deepvid.cli.extras import require_compute
from deepvid.cli.formats import number
from deepvid.cli.options import Data, Json, print_json
from deepvid.cli.running import ordered

if TYPE_CHECKING:
    from deepvid.pipeline.reproduce import Reproduced, Reproduction

STYLE = {"equal bytes": "green", "equal within tolerance": "yellow", "different": "red", "missing": "red"}


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(reproduce)


def reproduce(
    file: Annotated[Path, typer.Argument(help="An archive.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="STORE", help="A store of its own, empty before.")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Run the experiment of an archive again and compare, stage by stage. Exits 1 where one differs."""
    require_compute("deepvid reproduce")
    from deepvid.pipeline.reproduce import reproduce as reproduce_archive
    from deepvid.store import archived_run

    progress = Console(stderr=True, highlight=False)
    with ordered(progress, output / archived_run(file), data=data) as order:
        found = reproduce_archive(file, output, order)
    if as_json:
        print_json({**found._asdict(), "ok": found.ok, "stages": [each._asdict() for each in found.stages]})
    else:
        _tell(found)
    if not found.ok:
        raise typer.Exit(FOUND)


def _tell(found: "Reproduction") -> None:
    from deepvid.pipeline.reproduce import ABSOLUTE, RELATIVE

    console = open_console()
    table = Table(
        "stage", "result", "largest difference", "where", box=None, pad_edge=False, header_style="dim"
    )
    for each in found.stages:
        style = STYLE[each.outcome]
        table.add_row(each.name, f"[{style}]{each.outcome}[/{style}]", _gap(each), each.where)
    console.print(table)
    console.print(f"Tolerance of floats: |a - b| <= {ABSOLUTE:g} + {RELATIVE:g} |a|.", style="dim")
    if not found.versions:
        console.print("Python, packages and machine are those of the archive.")
    for what, first, second in found.versions:
        if first and second:
            console.print(f"{what}: {_text(first)} then, {_text(second)} now", soft_wrap=True)
    for when, alone in (("then", 1), ("now", 2)):
        if names := [row[0] for row in found.versions if row[alone] and not row[3 - alone]]:
            console.print(f"Only {when}: {', '.join(names)}", soft_wrap=True, style="dim")


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _gap(each: "Reproduced") -> str:
    return f"{number(each.largest)} ({each.relative:.1g} of the largest value)" if each.largest else ""
