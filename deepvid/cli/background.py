"""A dashboard in a child process, so that a page is there while a run computes."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from deepvid.cli.reach import check_port
from deepvid.cli.serving import ADDRESS, link, run_server
from deepvid.errors import DeepVIDError
from deepvid.pipeline.lifetime import end_with_parent


@contextmanager
def serving_in_background(store: Path, *, port: int, run: str) -> Iterator[Callable[[], None]]:
    """Serves the store until the context is left. Yields a function that waits for Ctrl-C."""
    check_port(ADDRESS, port)
    store.mkdir(parents=True, exist_ok=True)
    server = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(store, port), name="dashboard", daemon=True
    )
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
