"""`deepvid serve`: the dashboard over a store, in this process, and who reaches it by which names."""

import errno
import importlib.util
import os
import runpy
import secrets
import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from deepvid.cli.options import READ_STORE, Model, Weights, named_model, port, require_address
from deepvid.errors import UserError
from deepvid.permissions import TOKEN, Permissions, permissions, require_long
from deepvid.wording import command

PORT, ADDRESS = 5006, "localhost"
Port = Annotated[int, typer.Option(parser=port, metavar="PORT", help="Where the dashboard listens.")]


def serve(
    store: Annotated[
        str,
        typer.Argument(
            envvar="DEEPVID_STORE",
            parser=require_address,
            metavar="[PATH|URL]",
            help="A store of runs, one archive, or a URL of either.",
        ),
    ] = READ_STORE,
    port: Port = PORT,
    address: Annotated[
        str,
        typer.Option(
            help="The network name or address it listens on. Where other machines reach it, visitors need "
            "the link that is printed, with a token ($DEEPVID_TOKEN, or a new one each time)."
        ),
    ] = ADDRESS,
    show: Annotated[
        bool, typer.Option("--show/--no-show", help="Open a browser, where no token is asked for.")
    ] = True,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Let nobody import, delete, fit or start anything.")
    ] = False,
    allow_paths: Annotated[
        bool,
        typer.Option(
            "--allow-paths", help="Import archives from any path of this machine, not only the store's."
        ),
    ] = False,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST[:PORT]", help="Another name it is reached by, as behind a proxy; repeatable."
        ),
    ] = None,
    model: Model = None,
    weights: Weights = None,
) -> None:
    """Serve the dashboard until Ctrl-C."""
    check_port(address, port)
    _check_store(store)
    _tell(model, weights)
    token = token_of(address)
    Permissions(token, read_only, allow_paths).announce()
    text = f"DeepVID on {link(address, port)}  (Ctrl-C stops it)"
    options = ("--show",) if show and not token else ()
    origins = tuple(allow_origin or ())
    run_server(store, port=port, address=address, origins=origins, options=options, text=text)


def _tell(model: str | None, weights: Path | None) -> None:
    named = named_model(model, weights)
    if named is not None:
        from deepvid.pipeline.user_model import registered_models

        registered_models.append(named)


def link(address: str, port: int, query: str = "") -> str:
    """Address that a person opens: with the token, where one is asked for."""
    token = permissions().token
    query = "&".join(filter(None, (query, f"token={quote(token)}" if token else "")))
    return f"http://{in_url(names_of(address)[0])}:{port}/app" + (f"?{query}" if query else "")


def run_server(
    store: str | Path,
    *,
    port: int,
    address: str = ADDRESS,
    origins: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    text: str = "",
) -> None:
    """`panel serve` of the dashboard in this process; returns when it is stopped.

    Panel is started by name, for the command line imports no dashboard. `origins` are names of the server
    beside those that follow from its address. A `text` is printed once it listens.
    """
    from tornado.ioloop import IOLoop

    from deepvid.store import absolute

    if text:
        IOLoop.current().add_callback(typer.echo, text)  # the loop runs once Panel listens

    known = [f"{name}:{port}" for name in names_of(address) if ":" not in name]  # Bokeh takes no IPv6 here
    sys.argv = [
        "panel",
        "serve",
        str(dashboard()),
        f"--port={port}",
        f"--address={address}",
        *(f"--allow-websocket-origin={origin}" for origin in (*known, *origins)),
        "--log-level=warning",
        f"--setup={dashboard().with_name('serving') / 'warm.py'}",
        "--plugins=dashboards.serving.plugin",
        f"--exclude-cookies=deepvid-{port}",
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
            "A dashboard serves a folder of runs, an archive or a URL",
            f"nothing at {store}",
            f"Check the path, or make a first run there: {command('demo', '--store', store)}",
        )


def dashboard() -> Path:
    """The script that is served; found without importing what it imports."""
    spec = importlib.util.find_spec("dashboards")
    assert spec is not None  # both packages come in one wheel
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "app.py"


LOOPBACK = ("localhost", "127.0.0.1")
LOGINS = ("PANEL_BASIC_AUTH", "PANEL_OAUTH_PROVIDER")  # Panel's own variables: it asks who a visitor is


def check_port(address: str, port: int, another: str = "another: --port PORT") -> None:
    """Raises `UserError` where something listens already, or the address is not ours."""
    try:
        family, *_, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise UserError(
            "The dashboard listens on a free port of this machine",
            f"{address}:{port} is taken" if taken else f"{address}:{port}: {error.strerror}",
            f"Stop what listens there, or give {another}" if taken else "Give another --address",
        ) from error


def token_of(address: str) -> str:
    """Token of visitors: $DEEPVID_TOKEN, else a new one where other machines reach the address and
    nobody logs in; empty: everybody is let in. Raises UserError for one that can be guessed.
    """
    named = require_long(os.environ.get(TOKEN, ""))
    if named or _is_loopback(address) or any(os.environ.get(name) for name in LOGINS):
        return named
    return secrets.token_urlsafe(24)


def names_of(address: str) -> tuple[str, ...]:
    """Names and addresses under which browsers ask for what listens on `address`; the one to print first."""
    if _is_loopback(address):
        return tuple(dict.fromkeys((address, *LOOPBACK)))
    if not ip_address(_resolved(address)).is_unspecified:
        return (address,)
    name = socket.gethostname()
    return tuple(dict.fromkeys((name, *_addresses(name), *LOOPBACK)))


def in_url(name: str) -> str:
    """A name as it stands in an address: IPv6 in brackets."""
    return f"[{name}]" if ":" in name else name


def _is_loopback(address: str) -> bool:
    return ip_address(_resolved(address)).is_loopback


def _resolved(address: str) -> str:
    return str(socket.getaddrinfo(address, None)[0][4][0])


def _addresses(name: str) -> list[str]:
    """IPv4 addresses of this machine: those of its name, and the one it would reach a network from."""
    known: list[str] = []
    try:
        known += socket.gethostbyname_ex(name)[2]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing: RFC 5737 keeps this network for documents
            known.append(probe.getsockname()[0])
    except OSError:
        pass  # no network, or a name that nobody knows: localhost remains
    return known
