"""The command line as a whole: its commands, and how errors leave it."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from deepvid import config
from deepvid.cli import (
    archiving,
    causes,
    doctor,
    doubts,
    evaluating,
    explaining,
    extending,
    forking,
    modes,
    network,
    rates,
    report,
    reproducing,
    running,
    runs,
    serving,
    tuning,
    upgrading,
    worker,
)
from deepvid.cli.options import with_options, with_settings
from deepvid.cli.printing import Terminal
from deepvid.config.sections.network import NETWORK
from deepvid.errors import MOST, Cancelled, DeepVIDError, UserError
from deepvid.wording import shorten

USER_ERROR, FAULT, INTERRUPTED = 2, 1, 130

app = typer.Typer(
    name="deepvid",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Why is my image classifier wrong, and can I believe the explanation?",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"deepvid {version('deepvid')}")
        raise typer.Exit


@app.callback()
def deepvid(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Options before the command hold for all of them; `main` reads them."""


COMMANDS: Mapping[str, Callable[..., None]] = {
    "demo": running.demo,
    "run": running.run,
    "continue": running.continue_,
    "explain": with_options(explaining.explain, explaining.options),
    "check-model": with_options(explaining.check_model, explaining.options),
    "project": with_settings(extending.project, config.Projection),
    "fit-students": with_settings(extending.fit_students, config.Students),
    "fork": forking.fork,
    "find-rate": rates.find_rate,
    "tune": tuning.tune,
    "evaluate": evaluating.evaluate,
    "upgrade": upgrading.upgrade,
    "causes": causes.causes,
    "doubts": doubts.doubts,
    "modes": with_settings(modes.modes, config.Modes),
    "report": report.report,
    "time-travel": with_settings(extending.time_travel, config.TimeTravel),
    "network": with_settings(network.network, *NETWORK.values()),
    "list": runs.list_,
    "show": runs.show,
    "rm": runs.rm,
    "archive": archiving.archive,
    "push": archiving.push,
    "import": archiving.import_,
    "verify": archiving.verify,
    "compare": archiving.compare,
    "import-dvi": archiving.import_dvi,
    "reproduce": reproducing.reproduce,
    "serve": serving.serve,
    "worker": worker.worker,
    "doctor": doctor.doctor,
}
"""In the order in which help lists them."""
for name, command in COMMANDS.items():
    app.command(name)(command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs one command and leaves: 0 done, 2 the user can mend it, 1 a fault of ours, 130 interrupted."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        app(arguments)
    except (Cancelled, KeyboardInterrupt):
        _leave_interrupted()
    except BrokenPipeError:
        sys.exit(FAULT)
    except Exception as error:
        if debug:
            raise
        error = _of_a_file(error)
        _tell(error)
        sys.exit(USER_ERROR if isinstance(error, UserError) else FAULT)
    sys.exit(0)


def _leave_interrupted() -> NoReturn:
    """Ctrl-C once more while threads end is no new error: it ends at once."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    sys.exit(INTERRUPTED)


def _of_a_file(error: Exception) -> Exception:
    """Turns what the system refused of a file into an error that the user can mend."""
    if not isinstance(error, OSError) or error.filename is None:
        return error
    return UserError(
        "A command can read and write the files and folders that it needs",
        str(error),
        "Check the name, its permissions and the free space on its disk",
    )


def _tell(error: Exception) -> None:
    text = (
        str(error) if isinstance(error, DeepVIDError) else shorten(f"{type(error).__name__}: {error}", MOST)
    )
    hint = "" if isinstance(error, UserError) else " Run it again with --debug to see where it was raised."
    Terminal(stderr=True).print(f"Error: {text}{hint}", style="red", soft_wrap=True)
