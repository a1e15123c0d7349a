"""The dashboard in a thread of a notebook, a prompt or a script, whose models it can ask."""

import asyncio
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Any

from bokeh.server.server import Server
from panel.io.server import get_server

from dashboards.serving import transfer
from dashboards.serving.computations import computations
from dashboards.serving.plugin import prepare_servers
from dashboards.serving.process import prepare_process
from dashboards.session import computing

Page = Callable[[], Any]


class Background:
    """A server that listens from its making until `stop`."""

    def __init__(self, page: Page, *, port: int, names: Sequence[str], framed_by: Sequence[str]) -> None:
        """`page()` builds a session's window. It answers under `names`, each `host:port`, and pages of the
        origins `framed_by` may show it inside.

        Raises OSError where it cannot listen.
        """
        prepare_process()
        prepare_servers()
        self._page, self._ready = page, Event()
        self._error: BaseException | None = None
        self._end: Callable[[], Any] = lambda: None
        self._thread = Thread(target=self._run, args=(port, names, framed_by), name="dashboard", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error

    def wait(self) -> None:
        """Until it was stopped."""
        while self._thread.is_alive():
            self._thread.join(0.2)  # a join without end would not hear of Ctrl-C on Windows

    def stop(self) -> None:
        """Ends its pages and what they compute. Again, it changes nothing."""
        computing.close()
        computations.close()
        self._end()
        self._thread.join()

    def _run(self, port: int, names: Sequence[str], framed_by: Sequence[str]) -> None:
        try:
            asyncio.run(self._serve(port, names, framed_by))
        except BaseException as error:
            self._error = error
        self._ready.set()

    async def _serve(self, port: int, names: Sequence[str], framed_by: Sequence[str]) -> None:
        server: Server = get_server(
            {"app": self._page},
            port=port,
            address="localhost",
            title="DeepVID",
            websocket_origin=list(names),
            extra_patterns=transfer.ROUTES,
            exclude_cookies=[f"deepvid-{port}"],
        )
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        server.framed_by = tuple(framed_by)  # type: ignore[attr-defined]
        server.start()
        self._end = lambda: loop.is_closed() or loop.call_soon_threadsafe(ended.set)
        self._ready.set()
        await ended.wait()
        server.stop()
