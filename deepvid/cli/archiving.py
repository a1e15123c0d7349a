"""`deepvid archive`, `push`, `import`, `import-dvi`, `verify` and `compare`: runs as files, and copies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deepvid.cli.console import working
from deepvid.cli.options import (
    DEFAULT_STORE,
    READ_STORE,
    Json,
    ReadRun,
    ReadStore,
    Run,
    Store,
    print_json,
    require_address,
    require_compute,
)
from deepvid.cli.printing import number, open_console
from deepvid.errors import StoreError
from deepvid.wording import command, quantity, size

if TYPE_CHECKING:
    from deepvid.compare import Comparison
    from deepvid.store import Run as StoredRun
    from deepvid.store import RunVerification

AMISS = 1  # exit code: damage, or a difference
SHOWN = 20  # names of files in a list for people


def archive(
    run: Run,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The archive to write.")],
    store: Store = DEFAULT_STORE,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Leave a stage out, or `images`; may be given more than once."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="STAGE", help="Leave out every other stage; may be given more than once."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write RUN as one file that opens anywhere: the same run gives the same bytes."""
    from deepvid.store import write_archive

    stored = _find(run, store)
    with working("archive") as progress:
        write_archive(stored, output, without=without or (), only=only or (), force=force, progress=progress)
    count = output.stat().st_size
    if as_json:
        print_json({"run": stored.id, "file": output, "bytes": count})
        return
    open_console().print(f"Archived {stored.id} as {output} ({size(count)}).", soft_wrap=True)


def push(
    run: Run,
    bucket: Annotated[
        str, typer.Argument(metavar="s3://BUCKET/FOLDER", help="The store there.", show_default=False)
    ],
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """Copy RUN into a bucket, or what it has more by now. Its readers never see a part of a commit."""
    from deepvid.store import push as push_run

    stored = _find(run, store)
    with working("push") as progress:
        pushed = push_run(stored, bucket, progress=progress)
    if as_json:
        print_json({"run": stored.id, **pushed._asdict()})
        return
    console, kept = (
        open_console(),
        f"; {quantity(pushed.unchanged, 'file')} were there" if pushed.unchanged else "",
    )
    sent = f"{quantity(pushed.sent, 'file')} ({size(pushed.bytes)})"
    console.print(f"Pushed {sent} to {pushed.url}{kept}.", soft_wrap=True)
    console.print(f"Look at it: {command('serve', bucket)}", soft_wrap=True)


def import_(
    file: Annotated[Path, typer.Argument(help="An archive.")],
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """Make an archive a run of the store again, verified byte by byte."""
    from deepvid.store import import_archive

    with working("import") as progress:
        path = import_archive(file, store, progress=progress)
    if as_json:
        print_json({"run": path.name, "path": path})
        return
    open_console().print(f"Imported {path.name} into {store}.", soft_wrap=True)


def verify(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET", help="A run, an archive's file, or a store's folder.", parser=require_address
        ),
    ],
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """Read every byte and say what is damaged, missing or extra. Exits 1 where something is."""
    from deepvid.store import find_listing, is_listed
    from deepvid.store import verify as verify_target

    path = Path(target)
    if not path.exists():
        if (path.name != target or path.suffix == ".zip") and not is_listed(store, target):
            raise StoreError(
                "The file or folder to verify exists",
                f"nothing at {target}",
                "Check the path, or give the id of a run: deepvid list",
            )
        path = Path(find_listing(store, target).path)
    with working("verify") as progress:
        verification = verify_target(path, progress=progress)
    if as_json:
        runs = [{"ok": run.ok, **run._asdict()} for run in verification.runs]
        print_json(
            {"target": verification.target, "ok": verification.ok, "bytes": verification.bytes, "runs": runs}
        )
    else:
        console = open_console()
        for run in verification.runs:
            _tell(console, run)
        if len(verification.runs) > 1:
            sound = sum(run.ok for run in verification.runs)
            total = f"{verification.files} files, {size(verification.bytes)}"
            console.print(f"{sound} of {len(verification.runs)} runs are whole; {total}")
    if not verification.ok:
        raise typer.Exit(AMISS)


def _tell(console: Console, run: "RunVerification") -> None:
    unread = run.unread and not (run.damaged or run.missing or run.unfit or run.journal_error)
    verdict = ("whole", "green") if run.ok else ("not read" if unread else "damaged", "red")
    console.print(
        Text.assemble((run.run, "bold"), "  ", verdict, f"  {run.files} files, {size(run.bytes)}"),
        soft_wrap=True,
    )
    if run.journal_error:
        console.print(f"  journal   {run.journal_error}", style="red", soft_wrap=True)
    lists = (
        *(("damaged", run.damaged), ("missing", run.missing), ("unfit", run.unfit)),
        *(("unread", run.unread), ("extra", run.extra)),
    )
    for word, names in lists:
        for name in names[:SHOWN]:
            console.print(
                f"  {word:<8}  {name}", style="yellow" if word == "extra" else "red", soft_wrap=True
            )
        if len(names) > SHOWN:
            console.print(f"  {word:<8}  and {len(names) - SHOWN} more")
    if run.extra and run.ok:
        console.print("  What is extra counts for nothing: an interrupted writer left it.", style="dim")
    if not run.ok:
        console.print(f"  good      {', '.join(run.good) or 'nothing'}", soft_wrap=True)
        console.print(f"  bad       {', '.join(run.bad) or 'nothing that is committed'}", soft_wrap=True)


def compare(
    first: ReadRun,
    second: ReadRun,
    store: ReadStore = READ_STORE,
    as_json: Json = False,
) -> None:
    """Compare two runs: settings, metrics, and McNemar's test of their teachers on the same test images."""
    from deepvid.compare import compare_runs
    from deepvid.store import find_address, open_run

    comparison = compare_runs(*(open_run(find_address(store, run)) for run in (first, second)))
    if as_json:
        print_json(_record(comparison))
        return
    console = open_console()
    console.print(_rows("setting", comparison, comparison.config))
    console.print()
    console.print(_rows("metric", comparison, comparison.metrics))
    console.print()
    console.print(_test(comparison), soft_wrap=True)


def _rows(what: str, comparison: "Comparison", rows: Any) -> Table | str:
    if not rows:
        return f"No {what} differs."
    table = Table(what, comparison.first, comparison.second, box=None, pad_edge=False, header_style="dim")
    for name, first, second in rows:
        table.add_row(name, *("" if value is None else number(value) for value in (first, second)))
    return table


def _test(comparison: "Comparison") -> str:
    test = comparison.mcnemar
    if test is None:
        return f"The teachers are not compared image by image: {comparison.why_not}."
    return (
        f"Of {sum(test[:4])} test images both teachers have {test.both_right} right, only {comparison.first} "
        f"{test.only_first}, only {comparison.second} {test.only_second}, neither {test.both_wrong}.\n"
        f"McNemar's test ({test.method}): statistic {number(test.statistic)}, p = {test.p_value:.3g}."
    )


def _record(comparison: "Comparison") -> dict[str, Any]:
    return {
        "first": comparison.first,
        "second": comparison.second,
        "config": [row._asdict() for row in comparison.config],
        "metrics": [row._asdict() for row in comparison.metrics],
        "mcnemar": None if comparison.mcnemar is None else comparison.mcnemar._asdict(),
        "why_not": comparison.why_not,
    }


def _find(run: str, store: Path) -> "StoredRun":
    from deepvid.store import find_run, open_run

    return open_run(find_run(store, run))


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
