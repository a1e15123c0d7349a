"""Big files between a browser and the server, beside the websocket: streamed, never held in memory.

A file has a link of its own that nobody can guess and that ends with the session, so it is as private as
the session is. A server has the route when it is started with `--plugins dashboards.serving.plugin`, as
`deepvid serve` does.
"""

import secrets
import shutil
from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple, TypedDict, TypeVar
from urllib.parse import quote

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from dashboards.serving.scratch import scratch_folder

PREFIX = "transfer"  # of a link, relative to the page's
BLOCK = 2**20  # bytes read at a time
_TYPES = {".zip": "application/zip", ".csv": "text/csv; charset=utf-8"}  # by the end of a file's name
LARGEST = 2**44  # bytes of an upload; the disk is what limits it


class _Offer(NamedTuple):
    path: Path
    name: str


class _Expected(NamedTuple):
    path: Path
    arrived: Callable[[Path], None]
    failed: Callable[[str], None]
    most: int  # bytes


L = TypeVar("L", _Offer, _Expected)
A = TypeVar("A")
R = TypeVar("R")

_links: dict[str, _Offer | _Expected] = {}


def offer(path: Path, name: str) -> str:
    """The link, relative to the page, under which a file can be saved as `name` until `withdraw`."""
    return _link(_Offer(path, name))


def expect(
    path: Path, arrived: Callable[[Path], None], failed: Callable[[str], None], most: int = LARGEST
) -> str:
    """The link to which one file of at most so many bytes can be posted. In the server's thread either
    `arrived(path)` is called, or, where the file did not arrive whole and nothing of it is left, `failed`
    with what was found; after `withdraw` neither is.
    """
    return _link(_Expected(path, arrived, failed, most))


def withdraw(link: str) -> None:
    """Ends a link; ending it twice is harmless."""
    _links.pop(link.rpartition("/")[2], None)


def refusal() -> str:
    """Why no file passes between browser and server, for a disabled control; empty where they do."""
    return "" if _Transfer.served else "This server passes no files on: start it with deepvid serve."


def _link(what: _Offer | _Expected) -> str:
    token = secrets.token_urlsafe(24)
    _links[token] = what
    return f"{PREFIX}/{token}"


@stream_request_body
class _Transfer(RequestHandler):
    served = False  # whether a server has asked for the route
    _file: BinaryIO | None = None  # open while it arrives
    _expected: _Expected | None = None

    def check_xsrf_cookie(self) -> None:
        """The link is the secret."""

    def prepare(self) -> None:
        if self.request.method != "POST":
            return
        expected = self._expected = self._find(_Expected)
        self.request.connection.set_max_body_size(LARGEST)  # type: ignore[union-attr]
        try:
            size = int(self.request.headers.get("Content-Length", 0))
            free = shutil.disk_usage(expected.path.parent).free
            if size > free:
                raise OSError(f"it has {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free for it")
            if size > expected.most:
                raise OSError(
                    f"it has {size / 1e6:,.0f} MB, and at most {expected.most / 1e6:,.0f} MB are taken"
                )
            self._file = expected.path.open("wb")
        except (OSError, ValueError) as error:
            self._refuse(error)

    async def data_received(self, chunk: bytes) -> None:
        if self._file is None or self._expected is None:
            return
        try:
            await _aside(self._file.write, chunk)
        except (OSError, ValueError) as error:  # ValueError: the browser went away and the file was closed
            self._refuse(error)

    async def post(self, token: str) -> None:
        expected = self._find(_Expected)
        assert self._file is not None
        try:
            self._file.close()  # what is buffered can still find the disk full
        except OSError as error:
            self._refuse(error)
            return
        self._expected = None
        withdraw(token)
        expected.arrived(expected.path)

    async def get(self, token: str) -> None:
        offered = self._find(_Offer)
        try:
            size = offered.path.stat().st_size
        except FileNotFoundError as error:
            raise HTTPError(410, reason="The file is no longer kept; prepare it again") from error
        self.set_header("Content-Type", _TYPES.get(Path(offered.name).suffix, "application/octet-stream"))
        self.set_header("Content-Length", str(size))
        self.set_header("Content-Disposition", _attachment(offered.name))
        self.set_header("Cache-Control", "no-store")
        with offered.path.open("rb") as file:
            while block := await _aside(file.read, BLOCK):
                try:
                    self.write(block)
                    await self.flush()  # waits for a slow browser: one block is in memory, not the file
                except StreamClosedError:
                    return

    def on_connection_close(self) -> None:
        self._give_up("the connection ended before the file was whole")

    def on_finish(self) -> None:
        self._give_up("its link has ended")

    def _refuse(self, error: Exception) -> None:
        """Answers before the rest of the body is read; a browser that still sends may never see it."""
        if self._expected is not None:
            self._give_up(str(error) or type(error).__name__)
            self.send_error(507, reason="The file was not kept")

    def _give_up(self, found: str) -> None:
        """Leaves nothing of a file that did not arrive whole, and says so while its link holds."""
        expected, self._expected = self._expected, None
        if expected is None:
            return  # it has arrived, or was given up
        if self._file is not None:
            with suppress(OSError):  # what is buffered finds the disk full once more
                self._file.close()
        expected.path.unlink(missing_ok=True)
        if _links.pop(self.path_args[0], None) is expected:
            expected.failed(found)

    def _find(self, kind: type[L]) -> L:
        linked = _links.get(self.path_args[0])
        if not isinstance(linked, kind):
            raise HTTPError(404, reason="This link has ended; ask the page for another")
        return linked


def __getattr__(name: str) -> Any:
    """`ROUTES` is what Panel asks its plug-ins for: whoever asks serves the links from then on."""
    if name != "ROUTES":
        raise AttributeError(name)
    _Transfer.served = True
    return [(rf"/(?:.*/)?{PREFIX}/([\w-]+)", _Transfer)]


async def _aside(work: Callable[[A], R], argument: A) -> R:
    """In a thread: a slow disk holds up no other page."""
    return await get_running_loop().run_in_executor(None, work, argument)


def _attachment(name: str) -> str:
    """Name that a browser saves a file under. Headers are Latin-1; RFC 6266 has a form for other names."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace('"', "_").replace("\\", "_")
    value = f'attachment; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


class Download(TypedDict):
    """A file for a person to save."""

    link: str
    name: str


class Export:
    """A file under a link of the session's; one at a time."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._link, self._made = "", 0

    def path(self, suffix: str) -> Path:
        """Where the next file is to be written; the last one goes, and its link ends."""
        withdraw(self._link)
        self._folder = self._folder or scratch_folder()
        for file in Path(self._folder.name).iterdir():
            file.unlink()
        self._made += 1
        return Path(self._folder.name) / f"{self._made}{suffix}"

    def offer(self, path: Path, name: str) -> Download:
        """Where the file can be saved from."""
        self._link = offer(path, name)
        return {"link": self._link, "name": name}

    def close(self) -> None:
        """Ends the link, and removes the file."""
        withdraw(self._link)
        if self._folder is not None:
            self._folder.cleanup()
