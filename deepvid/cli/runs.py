"""`deepvid list`, `show` and `rm`: the runs of a store, and what each of them has, in words.

The store is imported inside the commands: xarray takes a second, which `--help` need not wait for.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from deepvid.cli.options import (
    DEFAULT_STORE,
    READ_STORE,
    Json,
    ReadRun,
    ReadStore,
    Store,
    print_json,
    require_address,
)
from deepvid.cli.printing import (
    Row,
    ago,
    duration,
    metrics_line,
    moment,
    number,
    open_console,
    print_table,
    visible,
)
from deepvid.errors import UserError
from deepvid.wording import command, size

if TYPE_CHECKING:
    from deepvid.store import Run as StoredRun
    from deepvid.store import RunListing, Stage

COLUMNS = ("run", "data", "stages", "test accuracy", "students", "size", "last commit", "state")
LEAST = ("stages", "size", "students", "last commit", "data", "test accuracy")  # the least useful first
LATEST = 20  # runs that a terminal shows
LONGEST = 40  # letters of a run's name on one line of a table
STATE_STYLE = {
    "finished": "green",
    "running": "cyan",
    "failed": "red",
    "interrupted": "yellow",
    "stopped": "yellow",
    "damaged": "red",
    "empty": "red",
}


def list_(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATH|URL]", help="A store or an archive, instead of --store.", parser=require_address
        ),
    ] = None,
    store: ReadStore = READ_STORE,
    everything: Annotated[
        bool, typer.Option("--all", help=f"On a terminal, too: all runs, not only the latest {LATEST}.")
    ] = False,
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
    shown = listings[:LATEST] if console.is_terminal and not everything else listings
    print_table(console, COLUMNS, [_row(listing) for listing in shown], least=LEAST, right=COLUMNS[2:6])
    for listing in shown:
        if listing.error:
            console.print(f"{listing.id}: {listing.error}", style="red", soft_wrap=True)
    if more := len(listings) - len(shown):
        console.print(f"{more:,} earlier: {command('list', str(store), '--all')}")


def _row(listing: "RunListing") -> Row:
    name = {"run": _folded(listing.id)}
    if listing.error:
        state = "empty" if listing.state == "empty" else "damaged"
        return {**dict.fromkeys(COLUMNS, ""), **name, "state": _styled(state)}
    summary = listing.summary
    metrics = summary.get("metrics", {})
    accuracy = metrics.get("test_accuracy")
    return {
        **name,
        "data": str(summary.get("source", "")),
        "stages": str(len([name for name in summary.get("stages", {}) if "/" not in name])),
        "test accuracy": "" if accuracy is None else f"{accuracy:.1%}",
        "students": str(metrics.get("students", "")),
        "size": size(summary.get("bytes", 0)),
        "last commit": ago(listing.time),
        "state": _styled(listing.state),
    }


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
    columns: Sequence[str] = ("stage", "key", "committed", "took", "metrics")
    print_table(console, columns, _stages(stored), least=("key", "took", "committed"))
    if epochs := stored.series("teacher"):
        columns, rows = _epochs(epochs.metrics)
        console.print()
        print_table(console, columns, rows, least=columns[:1:-1], right=columns[1:])


def _stages(run: "StoredRun") -> list[Row]:
    rows: list[Row] = []
    summaries = run.summary.get("stages", {})
    for name, stage in whole_stages(run).items():
        took = summaries.get(name, {}).get("seconds")
        cells = {"stage": name, "key": stage.key, "committed": moment(stage.time)}
        metrics = metrics_line(stage.metrics)
        rows.append({**cells, "took": "" if took is None else duration(took), "metrics": metrics})
    for family, batches in batches_by_family(run).items():
        text = f"{family_total(family, batches)} in {len(batches)} batches"
        committed = moment(batches[-1].time)
        rows.append({"stage": family, "key": "", "committed": committed, "took": "", "metrics": text})
    return rows


def _epochs(metrics: list[dict[str, Any]]) -> tuple[list[str], list[Row]]:
    """Columns and rows; an epoch has the metrics of the first."""
    names = {name: name.replace("_", " ") for name in (metrics[0] if metrics else ())}
    rows: list[Row] = [
        {"epoch": str(epoch), **{heading: number(row[name]) for name, heading in names.items()}}
        for epoch, row in enumerate(metrics, 1)
    ]
    return ["epoch", *names.values()], rows


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
            "A run to remove is a folder",
            f"an archive, {listing.path}",
            "Delete that file yourself",
        )
    return listing


def whole_stages(run: "StoredRun") -> dict[str, "Stage"]:
    """The stages that are one group, by name."""
    return {name: stage for name, stage in run.stages.items() if stage.family == name}


def batches_by_family(run: "StoredRun") -> dict[str, list["Stage"]]:
    """The batches of every family that grows by them: students."""
    families = dict.fromkeys(stage.family for name, stage in run.stages.items() if stage.family != name)
    return {family: run.batches(family) for family in families}


def family_total(family: str, batches: list["Stage"]) -> str:
    """As "1,171 students"."""
    return f"{sum(batch.metrics.get(family, 0) for batch in batches):,} {family}"


def run_contents(path: Path) -> str:
    """Contents of a stopped run, as "dataset, teacher (3 of 6 epochs), 64 students"."""
    from deepvid.store import open_run

    if not (path / "journal.jsonl").exists():
        return "nothing yet"
    run = open_run(path)
    names = list(whole_stages(run))
    for name in run.summary.get("epochs", {}):
        series = run.series(name)
        if series and name not in names:
            names.append(f"{name} ({series.epochs} of {series.planned} epochs)")
    totals = [family_total(*entry) for entry in batches_by_family(run).items()]
    return ", ".join([*names, *totals]) or "nothing yet"
