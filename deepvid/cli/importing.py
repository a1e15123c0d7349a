"""`deepvid import-dvi`: a training that DVI's tools have kept, as a run."""

from pathlib import Path
from typing import Annotated

import typer

from deepvid.cli.console import working
from deepvid.cli.options import DEFAULT_STORE, Json, Store, print_json, require_compute
from deepvid.cli.terminal import open_console
from deepvid.wording import command


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("import-dvi")(import_dvi)


def import_dvi(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A content path: the folder with Training_data, Testing_data and Model.", show_default=False
        ),
    ],
    store: Store = DEFAULT_STORE,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Begins the run's id; otherwise the folder's name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a training that DVI's tools have kept a run of the store: its arrays are read, no code is run."""
    require_compute("deepvid import-dvi")
    from deepvid.pipeline.content_path import import_content_path
    from deepvid.store import open_run

    with working("import") as progress:
        path = import_content_path(folder, store, name=name, progress=progress)
    run = open_run(path)
    notes = run.stages["dataset"].open().attrs.get("notes", [])
    if as_json:
        print_json(
            {"run": path.name, "path": path, "epochs": run.summary["epochs"]["teacher"], "notes": notes}
        )
        return
    console = open_console()
    console.print(
        f"Imported {path.name} into {store}: {run.summary['epochs']['teacher']} epochs.", soft_wrap=True
    )
    for note in notes:
        console.print(f"{note}.", soft_wrap=True)
    console.print(f"Lay out its map: {command('project', run.id, '--store', store)}", soft_wrap=True)
