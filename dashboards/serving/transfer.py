"""Big files between a browser and the server, beside the websocket: streamed, never held in memory.

A file has a link of its own that nobody can guess and that ends with the session, so it is as private as
the session is.
"""

import secrets
from asyncio import get_running_loop
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from bokeh.document import Document
from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

PREFIX = "transfer"  # of a link, relative to the page's
BLOCK = 2**20  # bytes read at a time
LARGEST = 2**44  # bytes of an upload; the disk is what limits it


class _Offer(NamedTuple):
    path: Path
    name: str


class _Expected(NamedTuple):
    path: Path
    arrived: Callable[[Path], None]


L = TypeVar("L", _Offer, _Expected)
A = TypeVar("A")
R = TypeVar("R")

_links: dict[str, _Offer | _Expected] = {}


def offer(document: Document, path: Path, name: str) -> str:
    """The link, relative to the page, under which a file can be saved as `name` until `withdraw`."""
    return _open(document, _Offer(path, name))


def expect(document: Document, path: Path, arrived: Callable[[Path], None]) -> str:
    """The link to which one file can be posted; `arrived(path)` is called in the server's thread."""
    return _open(document, _Expected(path, arrived))


def withdraw(link: str) -> None:
    """Ends a link; ending it twice is harmless."""
    _links.pop(link.rpartition("/")[2], None)


def _open(document: Document, what: _Offer | _Expected) -> str:
    _attach(document)
    token = secrets.token_urlsafe(24)
    _links[token] = what
    return f"{PREFIX}/{token}"


def _attach(document: Document) -> None:
    """Adds the route to the server of a document, once.

    At run time, because a script that is served runs after its server began; by way of the page's
    websocket, because Bokeh says of a session which sockets it has, but not which server.
    """
    context = document.session_context
    session: Any = getattr(context, "session", None)
    if session is None:
        return  # the document is in no server
    for connection in list(session._subscribed_connections):
        server: Application = connection._socket.application
        if not getattr(server, "_deepvid_transfer", False):
            server._deepvid_transfer = True  # type: ignore[attr-defined]
            server.add_handlers(".*", [(rf"{server.prefix}/(?:.*/)?{PREFIX}/([\w-]+)", _Transfer)])  # type: ignore[attr-defined]


@stream_request_body
class _Transfer(RequestHandler):
    _file: BinaryIO | None = None

    def check_xsrf_cookie(self) -> None:
        """The link is the secret."""

    def prepare(self) -> None:
        if self.request.method != "POST":
            return
        expected = self._find(_Expected)
        self.request.connection.set_max_body_size(LARGEST)  # type: ignore[union-attr]
        self._file = expected.path.open("wb")

    async def data_received(self, chunk: bytes) -> None:
        if self._file is not None:
            await _aside(self._file.write, chunk)

    async def post(self, token: str) -> None:
        expected = self._find(_Expected)
        withdraw(token)
        self._close()
        expected.arrived(expected.path)

    async def get(self, token: str) -> None:
        found = self._find(_Offer)
        try:
            size = found.path.stat().st_size
        except FileNotFoundError as error:
            raise HTTPError(410, reason="The archive is no longer kept; prepare it again") from error
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Length", str(size))
        self.set_header("Content-Disposition", f'attachment; filename="{found.name}"')
        self.set_header("Cache-Control", "no-store")
        with found.path.open("rb") as file:
            while block := await _aside(file.read, BLOCK):
                try:
                    self.write(block)
                    await self.flush()  # waits for a slow browser: one block is in memory, not the file
                except StreamClosedError:
                    return

    def on_connection_close(self) -> None:
        self._close()

    def on_finish(self) -> None:
        self._close()

    def _find(self, kind: type[L]) -> L:
        found = _links.get(self.path_args[0])
        if not isinstance(found, kind):
            raise HTTPError(404, reason="This link has ended; ask the page for another")
        return found

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


async def _aside(work: Callable[[A], R], argument: A) -> R:
    """In a thread: a slow disk holds up no other page."""
    return await get_running_loop().run_in_executor(None, work, argument)
