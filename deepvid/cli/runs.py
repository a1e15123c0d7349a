"""`deepvid list`, `show` and `rm`: the runs of a store.

The store is imported inside the commands: xarray takes a second, which `--help` need not wait for.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from deepvid.cli.contents import batched, counted, whole_stages
from deepvid.cli.formats import ago, duration, metrics_line, moment, number, size
from deepvid.cli.options import DEFAULT_STORE, READ_STORE, Json, ReadRun, ReadStore, Store, named, print_json
from deepvid.cli.terminal import open_console, visible
from deepvid.commands import command
from deepvid.errors import UserError

if TYPE_CHECKING:
    from deepvid.store import Run as StoredRun
    from deepvid.store import RunListing

LONGEST = 40  # letters of a run's name on one line of a table
STATE_STYLE = {
    "finished": "green",
    "running": "cyan",
    "failed": "red",
    "interrupted": "yellow",
    "damaged": "red",
}


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("list")(list_)
    app.command()(show)
    app.command()(rm)


def list_(
    address: Annotated[
        str | None,
        typer.Argument(metavar="[PATH|URL]", help="A store or an archive, instead of --store.", parser=named),
    ] = None,
    store: ReadStore = READ_STORE,
    as_json: Json = False,
) -> None:
    """List the runs of a store, the latest first."""
    from deepvid.store import list_runs

    store = address or store
    listings = list_runs(store)
    if as_json:
        print_json([listing._asdict() for listing in listings])
        return
    console = open_console()
    if not listings:
        console.print(f"No runs in {store}. Make one: {command('demo', '--store', store)}")
        return
    table = _table("run", "data", "stages", "test accuracy", "students", "size", "last commit", "state")
    for column in table.columns[2:6]:
        column.justify = "right"
    for listing in listings:
        table.add_row(*_row(listing))
    console.print(table)


def _row(listing: "RunListing") -> tuple[str | Text, ...]:
    if listing.error:
        return (_folded(listing.id), "", listing.error, "", "", "", "", _styled("damaged"))
    summary = listing.summary
    metrics = summary.get("metrics", {})
    accuracy = metrics.get("test_accuracy")
    return (
        _folded(listing.id),
        str(summary.get("source", "")),
        str(len([name for name in summary.get("stages", {}) if "/" not in name])),
        "" if accuracy is None else f"{accuracy:.1%}",
        str(metrics.get("students", "")),
        size(summary.get("bytes", 0)),
        ago(listing.time),
        _styled(listing.state),
    )


def _styled(state: str) -> Text:
    return Text(state, STATE_STYLE.get(state, ""))


def show(
    run: ReadRun,
    store: ReadStore = READ_STORE,
    as_json: Json = False,
) -> None:
    """Show what RUN contains, how good it is and where it comes from."""
    from deepvid.store import find_address, open_run

    stored = open_run(find_address(store, run))
    if as_json:
        print_json(_record(stored))
        return
    console = open_console()
    status = stored.status()
    console.print(
        Text.assemble(
            (stored.id, "bold"),
            "  ",
            _styled(status.state),
            f"  {size(stored.summary.get('bytes', 0))}",
        ),
        soft_wrap=True,
    )
    if status.error:
        console.print("{}. Found: {}. {}.".format(*status.error), style="red")
    console.print()
    console.print(_stages_table(stored))
    if epochs := stored.series("teacher"):
        console.print()
        console.print(_epochs_table(epochs.metrics))


def _stages_table(run: "StoredRun") -> Table:
    table = _table("stage", "key", "committed", "took", "metrics")
    summaries = run.summary.get("stages", {})
    for name, stage in whole_stages(run).items():
        took = summaries.get(name, {}).get("seconds")
        seconds = "" if took is None else duration(took)
        table.add_row(name, stage.key, moment(stage.time), seconds, metrics_line(stage.metrics))
    for family, batches in batched(run).items():
        text = f"{counted(family, batches)} in {len(batches)} batches"
        table.add_row(family, "", moment(batches[-1].time), "", text)
    return table


def _epochs_table(metrics: list[dict[str, Any]]) -> Table:
    table = _table("epoch")
    for name in metrics[0] if metrics else ():
        table.add_column(name.replace("_", " "), justify="right")
    for epoch, row in enumerate(metrics, 1):
        table.add_row(str(epoch), *(number(value) for value in row.values()))
    return table


def _table(*columns: str) -> Table:
    """The first column names the row and is never cut."""
    table = Table(*columns, box=None, pad_edge=False, header_style="dim")
    table.columns[0].no_wrap = True
    table.columns[0].overflow = "fold"
    return table


def _folded(name: str) -> str:
    """A long name on lines of its own column: all of it, and room for what stands beside it."""
    return "\n".join(name[begin : begin + LONGEST] for begin in range(0, len(name), LONGEST))


def _record(run: "StoredRun") -> dict[str, Any]:
    return {
        "id": run.id,
        "path": run.address,
        "status": run.status()._asdict(),
        "summary": run.summary,
        "stages": {
            name: {"key": s.key, "time": s.time, "metrics": s.metrics} for name, s in run.stages.items()
        },
        "epochs": {name: series.metrics for name in run.summary["epochs"] if (series := run.series(name))},
        "config": run.config,
        "provenance": run.provenance,
    }


def rm(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN", help="Ids, the beginnings of them, or folders.")
    ],
    store: Store = DEFAULT_STORE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove runs and everything in them."""
    from deepvid.store import find_listing, remove_run

    listings = [_removable(find_listing(store, run)) for run in runs]
    for listing in listings:
        contents = "damaged" if listing.error else size(listing.summary["bytes"])
        if yes or typer.confirm(visible(f"Remove {listing.id} ({contents})?")):
            remove_run(listing.path)
            open_console().print(f"Removed {listing.id}.", soft_wrap=True)


def _removable(listing: "RunListing") -> "RunListing":
    if listing.read_only:
        raise UserError(
            "What is removed is a run's folder", f"an archive, {listing.path}", "Remove that file yourself"
        )
    return listing
