"""`serve`: the dashboard of a run, from Python."""

import html
import importlib
import sys
import webbrowser
from functools import partial
from typing import Any

from deepvid.cli.serving import ADDRESS, PORT, check_port, link, names_of
from deepvid.store import Address, Run

_NOTEBOOKS = ("http://localhost:*", "http://127.0.0.1:*", "https://localhost:*", "vscode-webview:")
"""Pages that may show the dashboard inside: notebooks of this machine."""


class Server:
    """A dashboard that is being served; a notebook shows it below the cell."""

    def __init__(self, url: str, background: Any) -> None:
        self.url = url
        """Address of the run's page."""
        self._background = background

    def stop(self) -> None:
        """Ends the server, and whatever its pages compute. Again, it changes nothing."""
        for place, background in list(_running.items()):
            if background is self._background:
                del _running[place]
        self._background.stop()

    def wait(self, text: str = "") -> None:
        """Serves until Ctrl-C, or until it is stopped elsewhere. Prints a `text` first."""
        try:
            if text:
                print(text, flush=True)  # noqa: T201 - for who started it
            self._background.wait()
        except KeyboardInterrupt:
            self.stop()

    def __repr__(self) -> str:
        return f"Server({self.url!r})"

    def _repr_html_(self) -> str:
        url = html.escape(self.url)
        return (
            f'<iframe src="{url}" width="100%" height="800" style="border: 1px solid #8884"></iframe>'
            f'<a href="{url}" target="_blank">{url}</a>'
        )


def serve(run: Run, *, port: int = PORT, show: bool | None = None, block: bool | None = None) -> Server:
    """The dashboard of the run's store, in a thread of this process; a model that `explain` was given can be
    asked on.

    `show` opens a browser; None: only where a script runs. `block` waits for Ctrl-C before it returns; None:
    only where a script runs, which would end otherwise. In a notebook, or at a prompt, the same call again
    is the same server. Raises UserError where something else listens at `port`.
    """
    script = not _is_interactive()
    store = run.address if run.read_only else run.path.parent
    place = (store, port)
    background = _running.get(place)
    if background is None:
        check_port(ADDRESS, port, "another port: deepvid.serve(run, port=5007)")
        make = importlib.import_module("dashboards.serving.background").Background
        names = [f"{name}:{port}" for name in names_of(ADDRESS)]
        page = partial(importlib.import_module("dashboards.shell").shell, store)
        background = make(page, port=port, names=names, framed_by=() if script else _NOTEBOOKS)
        _running[place] = background
    server = Server(link(ADDRESS, port, f"run={run.id}"), background)
    if script if show is None else show:
        webbrowser.open(server.url)
    if script if block is None else block:
        server.wait(f"DeepVID on {server.url}  (Ctrl-C stops it)")
    return server


_running: dict[tuple[Address, int], Any] = {}
"""Servers of this process by store and port."""


def _is_interactive() -> bool:
    """Whether a person types here, into a notebook or at a prompt, and this process goes on by itself."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None or hasattr(sys, "ps1") or bool(sys.flags.interactive)
