"""`deepvid serve`: the dashboard over a store, in this process."""

import errno
import importlib.util
import runpy
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from deepvid.cli.options import READ_STORE
from deepvid.commands import command
from deepvid.errors import UserError

PORT, ADDRESS = 5006, "localhost"
Port = Annotated[int, typer.Option(min=1, max=65535, help="Where the dashboard listens.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command()(serve)


def serve(
    store: Annotated[
        str,
        typer.Argument(
            envvar="DEEPVID_STORE",
            metavar="[PATH|URL]",
            help="A store of runs, one archive, or a URL of either.",
        ),
    ] = READ_STORE,
    port: Port = PORT,
    address: Annotated[str, typer.Option(help="The network name or address it listens on.")] = ADDRESS,
    show: Annotated[bool, typer.Option("--show/--no-show", help="Open a browser.")] = True,
) -> None:
    """Serve the dashboard until Ctrl-C."""
    check_port(address, port)
    _check_store(store)
    typer.echo(f"DeepVID on http://{address}:{port}/app  (Ctrl-C stops it)")
    run_server(store, port=port, address=address, options=("--show",) if show else ())


def run_server(
    store: str | Path, *, port: int, address: str = ADDRESS, options: tuple[str, ...] = ()
) -> None:
    """`panel serve` of the dashboard in this process; returns when it is stopped.

    Panel is started by name, for the command line imports no dashboard.
    """
    from deepvid.store import absolute

    origins = (f"{address}:{port}", f"localhost:{port}", f"127.0.0.1:{port}")
    sys.argv = [
        "panel",
        "serve",
        str(dashboard()),
        f"--port={port}",
        f"--address={address}",
        *(f"--allow-websocket-origin={origin}" for origin in dict.fromkeys(origins)),
        "--log-level=warning",
        f"--setup={dashboard().with_name('serving') / 'warm.py'}",
        "--plugins=dashboards.serving.transfer",
        *options,
        "--args",
        str(absolute(store)),
    ]
    runpy.run_module("panel", run_name="__main__", alter_sys=True)


def _check_store(store: str) -> None:
    """Raises, before a server starts, what keeps a store, an archive or a URL from being read."""
    from deepvid.store import is_archive, is_url, list_runs, open_run

    if is_archive(store):
        open_run(store)
    elif is_url(store):
        list_runs(store)
    elif not Path(store).is_dir():
        raise UserError(
            "What is served is a folder of runs, an archive or a URL",
            f"nothing at {store}",
            f"Check the path, or make a first run there: {command('demo', '--store', store)}",
        )


def dashboard() -> Path:
    """The script that is served; found without importing what it imports."""
    spec = importlib.util.find_spec("dashboards")
    assert spec is not None  # both packages come in one wheel
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "app.py"


def check_port(address: str, port: int) -> None:
    """Raises `UserError` where something listens already, or the address is not ours."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise UserError(
            "The dashboard listens on a free port of this machine",
            f"{address}:{port} is taken" if taken else f"{address}:{port}: {error.strerror}",
            "Stop what listens there, or give another: --port PORT" if taken else "Give another --address",
        ) from error
