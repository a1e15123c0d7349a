"""`deepvid fork`: the same training, changed from an epoch on, beside the one without the change."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepvid import config
from deepvid.cli.options import DEFAULT_STORE, Json, Run, Store, print_json, require_compute
from deepvid.cli.printing import Terminal, open_console, print_table
from deepvid.cli.running import run_options
from deepvid.config import AnyChange, Experiment, experiment_from
from deepvid.errors import StoreError, UserError
from deepvid.forks import (
    Fork,
    change_of,
    is_numbers,
    numbers_in,
    outcome,
    placebo_of,
    sentence,
    trained_among,
    with_changes,
    words_of_changes,
)
from deepvid.wording import command

if TYPE_CHECKING:
    from deepvid.store import Run as StoredRun

Layers = list[str] | None


def fork(
    run: Run,
    after: Annotated[int, typer.Option(min=0, metavar="EPOCHS", help="How many epochs stay as they are.")],
    store: Store = DEFAULT_STORE,
    rate: Annotated[
        float | None, typer.Option(metavar="FACTOR", help="Of the schedule's learning rate.")
    ] = None,
    freeze: Annotated[Layers, typer.Option(metavar="LAYER", help="A layer that no step moves.")] = None,
    thaw: Annotated[Layers, typer.Option(metavar="LAYER", help="A layer that was frozen.")] = None,
    reset: Annotated[
        Layers, typer.Option(metavar="LAYER[:1,2]", help="A layer, or units of it, to draw anew.")
    ] = None,
    delete: Annotated[Layers, typer.Option(metavar="LAYER:1,2", help="Units that give 0.")] = None,
    leave_out: Annotated[
        str | None,
        typer.Option(
            metavar="1,2|FILE|NAME",
            help="Training images: their numbers, a CSV file with a column sample, or a selection's name.",
        ),
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Train no further.")] = False,
    placebos: Annotated[
        int, typer.Option(min=0, max=20, help="Forks that change nothing but the order of the images.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Train RUN again with a change after some epochs, as a run of its own, and compare the two.

    Until then its epochs are those of RUN, to the byte. Placebos are runs, too: how far they are from RUN is
    what chance does. Only the teacher is trained; deepvid continue computes the rest of a fork.
    """
    require_compute("deepvid fork")
    from deepvid.store import find_run, open_run

    control = open_run(find_run(store, run))
    _require_trained(control)
    samples = _samples(leave_out, control)
    changes = list(
        changes_from(
            after,
            rate=rate,
            freeze=freeze,
            thaw=thaw,
            reset=reset,
            delete=delete,
            leave_out=samples,
            stop=stop,
        )
    )
    if not changes and not placebos:
        raise UserError("A fork changes something", "no change", "Name one, such as --freeze stem")
    experiment = experiment_from(control.config, origin=control.id)
    console = Terminal(stderr=True) if as_json else open_console()
    forks = [
        Fork(_train(console, with_changes(experiment, made), store, made), tuple(made), after)
        for made in [*([changes] if changes else ()), *map(placebo_of(after), range(1, placebos + 1))]
    ]
    _print(console, control, forks, as_json=as_json)
    if not as_json:
        console.print(f"Look at them, on the page Training: {command('serve', store)}")


def changes_from(
    after: int,
    *,
    rate: float | None = None,
    freeze: Layers = None,
    thaw: Layers = None,
    reset: Layers = None,
    delete: Layers = None,
    leave_out: Sequence[int] = (),
    stop: bool = False,
) -> Iterator[AnyChange]:
    """The changes that options ask for. Raises UserError for units that are no numbers."""
    if rate is not None:
        yield change_of("rate", after, factor=rate)
    for layer in freeze or ():
        yield change_of("freeze", after, layer=layer)
    for layer in thaw or ():
        yield change_of("thaw", after, layer=layer)
    for action, named in (("reset", reset), ("delete", delete)):
        for text in named or ():
            layer, _, units = text.partition(":")
            yield change_of(action, after, layer=layer, units=numbers_in(units))
    if leave_out:
        yield change_of("leave_out", after, samples=tuple(leave_out))
    if stop:
        yield change_of("stop", after)


def _samples(text: str | None, control: "StoredRun") -> tuple[int, ...]:
    """Of a file, and of a selection with a name, the training images."""
    if text is None:
        return ()
    path = Path(text)
    if not path.suffix and not path.exists():
        if is_numbers(text):
            return numbers_in(text)
        from dashboards.session.notes import samples_named  # what a selection means is the page's to say

        return trained_among(control, samples_named(control, text), repr(text))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    words = [row.get("sample") for row in rows]
    if not rows or None in words:
        raise UserError(
            f"{path.name} has a column sample and a line for each image",
            "no line" if not rows else ", ".join(rows[0])[:200],
            "Write it with deepvid doubts RUN -o doubts.csv, or export a selection of the page",
        )
    samples = numbers_in(",".join(str(word) for word in words))
    return trained_among(control, samples, path.name)


def _require_trained(control: "StoredRun") -> None:
    if "dataset" not in control.stages or control.read_only:
        why = "an archive" if control.read_only else "no images yet"
        raise StoreError(
            "A fork begins with a run that has its images and can be written beside",
            f"{control.id}: {why}",
            "Import the archive, or continue the run, first",
        )


def _train(console: Any, experiment: Experiment, store: Path, changes: Sequence[AnyChange]) -> "StoredRun":
    """The run of the experiment, with its teacher."""
    from deepvid.pipeline.identity import identity_for
    from deepvid.pipeline.runner import run_experiment
    from deepvid.store import open_run

    identity = identity_for(experiment, store)
    path = store / identity.id
    console.print(f"Fork {path.name}: {words_of_changes(changes)}")
    with run_options(console, path, stop_after=config.Teacher.stage) as options:
        run_experiment(experiment, store, options, identity)
    return open_run(path)


def _print(console: Any, control: "StoredRun", forks: Sequence[Fork], *, as_json: bool) -> None:
    outcomes = [outcome(control, fork.run) for fork in forks]
    placebos = [one for fork, one in zip(forks, outcomes, strict=True) if fork.is_placebo and one]
    rows = [
        {
            "fork": fork.run.id,
            "change": words_of_changes(fork.changes),
            "placebo": fork.is_placebo,
            **({} if one is None else {**one._asdict(), "difference": one.difference}),
        }
        for fork, one in zip(forks, outcomes, strict=True)
    ]
    if as_json:
        print_json({"control": control.id, "after": forks[0].after, "forks": rows})
        return
    columns = ["fork", "change", "accuracy", "difference", "won", "lost", "p"]
    print_table(console, columns, [_cells(row) for row in rows], right=set(columns[2:]))
    for fork, one in zip(forks, outcomes, strict=True):
        if one is not None and not fork.is_placebo:
            console.print(f"{words_of_changes(fork.changes)}: {sentence(one, placebos)}.")


def _cells(row: dict[str, Any]) -> dict[str, str]:
    cells = {"fork": row["fork"], "change": row["change"]}
    if "accuracy" not in row:
        return cells
    return {
        **cells,
        "accuracy": f"{row['accuracy']:.4f}",
        "difference": f"{row['difference']:+.4f}",
        "won": f"{row['only_fork']:,}",
        "lost": f"{row['only_control']:,}",
        "p": f"{row['p']:.2g}",
    }
