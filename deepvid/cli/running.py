"""`deepvid run` and `deepvid demo`: an experiment from its first image to its last student."""

import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from deepvid import resources
from deepvid.cli.archiving import AMISS
from deepvid.cli.console import interruptible, listening
from deepvid.cli.options import DEFAULT_STORE, Data, Run, Scheduler, Store, require_compute
from deepvid.cli.printing import open_console
from deepvid.cli.runs import run_contents
from deepvid.cli.serving import ADDRESS, PORT, Port, check_port, link, run_server
from deepvid.config import Experiment, read_experiment
from deepvid.errors import Cancelled, DeepVIDError
from deepvid.spawning import SPAWN, end_with_parent, without_script
from deepvid.wording import command

if TYPE_CHECKING:
    from deepvid.alarms import Alarm
    from deepvid.pipeline.runner import RunOptions

DEMO = "fashion_mnist_small"
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, as teacher.epochs=2."),
]

ExperimentName = Annotated[
    Path, typer.Argument(help="A TOML file, or the name of an experiment that comes along.")
]


def experiment_file(named: Path) -> Path:
    """The file that a command's argument means. Raises UserError for a name that is none."""
    return named if named.suffix or named.exists() else resources.experiment(str(named))


def demo(
    store: Store = DEFAULT_STORE,
    port: Port = PORT,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Keep a dashboard open on it.")] = True,
) -> None:
    """Train, explain and serve the embedded images: everything at once, nothing to download."""
    require_compute("deepvid demo")
    from deepvid.pipeline.identity import identity_for

    experiment = read_experiment(resources.experiment(DEMO))
    if serve:
        with serving_in_background(store, port=port, run=identity_for(experiment, store).id) as wait:
            _run(experiment, store)
            wait()
    else:
        _run(experiment, store)


def run(
    experiment: ExperimentName,
    store: Store = DEFAULT_STORE,
    overrides: Overrides = None,
    data: Data = None,
    stop_after: Annotated[
        str | None, typer.Option(metavar="STAGE", help="Leave the later stages out.")
    ] = None,
    skip_unreadable: Annotated[
        bool,
        typer.Option("--skip-unreadable", help="Go on without picture files that cannot be read."),
    ] = False,
    scheduler: Scheduler = None,
    fail_on_alarm: Annotated[
        bool, typer.Option("--fail-on-alarm", help="Exit with 1 where the training has rung an alarm.")
    ] = False,
) -> None:
    """Run an experiment; what is committed already is kept."""
    require_compute("deepvid run")
    path = experiment_file(experiment)
    settings = [*(overrides or ()), *(["dataset.skip_unreadable=true"] if skip_unreadable else ())]
    described = read_experiment(path, settings)
    rung = run_named(
        described, store, data=data, stop_after=stop_after, beside=path.parent, scheduler=scheduler
    )
    if rung and fail_on_alarm:
        raise typer.Exit(AMISS)


def continue_(run: Run, store: Store = DEFAULT_STORE, scheduler: Scheduler = None) -> None:
    """Compute what RUN lacks of its experiment, from what RUN holds.

    No file and no program that its configuration names is opened: a run that explains a model of your own, or
    that has not read your own images yet, is continued by the command that began it.
    """
    require_compute("deepvid continue")
    from deepvid.pipeline.continuing import continue_run
    from deepvid.store import find_run

    path = find_run(store, run)
    console = open_console()
    with run_options(console, path, scheduler=scheduler) as options:
        continue_run(path, options)
    console.print(f"Done. Look at it: {command('serve', store)}")


def run_named(experiment: Experiment, store: Path, **wanted: Any) -> "list[Alarm]":
    """Runs it; a classifier that it names is loaded, for the person names it by this very command. Gives the
    alarms of its training.
    """
    from deepvid.pipeline.user_model import named_in

    named = named_in(experiment, wanted.get("beside"))
    return _run(named.of(experiment) if named else experiment, store, user_model=named, **wanted)


def alarms_of(path: Path) -> "list[Alarm]":
    """Those that the training of a run has rung."""
    from deepvid.store import open_run
    from deepvid.stored_training import training_alarms

    return training_alarms(open_run(path)) or []


def _run(experiment: Experiment, store: Path, **wanted: Any) -> "list[Alarm]":
    """`wanted` are fields of an `RunOptions`. Gives the alarms of its training."""
    from deepvid.alarms import RULES
    from deepvid.pipeline.identity import identity_for
    from deepvid.pipeline.runner import run_experiment

    identity = identity_for(experiment, store)
    path = store / identity.id
    console = open_console()
    console.print(f"Run {path.name} in {store}")
    with run_options(console, path, **wanted) as options:
        run_experiment(experiment, store, options, identity)
    rung = alarms_of(path)
    for alarm in rung:
        console.print(f"Alarm: {alarm.sentence} {RULES[alarm.rule].advice}", style="yellow")
    console.print(f"Done. Look at it: {command('serve', store)}")
    return rung


@contextmanager
def run_options(console: Console, path: Path, **wanted: Any) -> Iterator["RunOptions"]:
    """Options with the fields `wanted`: they report to the console and stop on Ctrl-C; then it says what
    is kept."""
    from deepvid.pipeline.runner import RunOptions

    try:
        with interruptible(console) as cancel, listening(console) as listener:
            yield RunOptions(listener, cancel, **wanted)
    except Cancelled:
        console.print(f"Stopped. Kept: {run_contents(path)}.")
        console.print(f"Continue with: {shlex.join(['deepvid', *sys.argv[1:]])}")
        raise


@contextmanager
def serving_in_background(store: Path, *, port: int, run: str) -> Iterator[Callable[[], None]]:
    """Serves the store until the context is left. Yields a function that waits for Ctrl-C."""
    check_port(ADDRESS, port)
    store.mkdir(parents=True, exist_ok=True)
    # Not a daemon, as Python calls it: those may start no processes, and models are asked in some.
    server = SPAWN.Process(target=_serve, args=(store, port), name="dashboard")
    with without_script():
        server.start()
    page = link(ADDRESS, port, f"run={run}")
    typer.echo(f"The dashboard is at {page} and fills in while the run goes on.")

    def wait() -> None:
        typer.echo(f"Serving {page} until Ctrl-C.")
        try:
            server.join()
        except KeyboardInterrupt:
            return
        raise DeepVIDError("The dashboard runs until Ctrl-C", "its process ended", "See its messages above")

    try:
        yield wait
    finally:
        server.terminate()
        server.join(timeout=5)


def _serve(store: Path, port: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then ends this process
    end_with_parent()
    run_server(store, port=port)
