"""Who may see a served dashboard: whoever has its link, whose token is known to nobody else."""

import asyncio
import secrets
import time
from collections import Counter
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler, stream_request_body

PARAMETER = "token"


class Answer(NamedTuple):
    """Handler that answers a request in the place of the one that it asks for."""

    handler: type[RequestHandler]
    settings: dict[str, Any]


class Admission:
    """The first visit brings the token in its link and takes a cookie away, which all further requests bring.

    The cookie is another secret than the link's, lives as long as the server, and no script can read it.
    """

    def __init__(self, token: str, port: int | None) -> None:
        """An empty `token` lets everybody in."""
        self.token = token
        self.cookie = f"deepvid-{port}"  # browsers do not tell the ports of a host apart
        self.admitted = secrets.token_urlsafe(32)
        self.guesses = Guesses()

    def answer(self, request: HTTPServerRequest) -> Answer | None:
        """The answer instead of what was asked for; None for those who may have that."""
        if not self.token:
            return None
        tokens = request.query_arguments.get(PARAMETER, [])
        cookie = request.cookies.get(self.cookie)
        known = cookie is not None and _equal(cookie.value.encode(), self.admitted)
        if tokens and request.method == "GET":
            return Answer(Door, {"admission": self, "tokens": tokens, "known": known})
        return None if known else refusal(*STRANGER)


STRANGER = (
    "This dashboard is shown to those who have its link.",
    "The address names no token, or another server's.",
    "Open the link that deepvid serve printed when it started.",
)


def refusal(must: str, found: str, action: str) -> Answer:
    """Status 403 and why."""
    return Answer(Refusal, {"text": f"{must}\n{found}\n{action}\n"})


@stream_request_body
class _Doorkeeper(RequestHandler):
    """Answers before any body is read; to a websocket too."""

    def refuse(self, text: str) -> None:
        """Status 403 and a text, and the connection ends."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Connection", "close")
        self.finish(text)

    def data_received(self, chunk: bytes) -> None:
        """Drops what is posted."""


class Refusal(_Doorkeeper):
    """Refuses whoever comes."""

    def initialize(self, text: str) -> None:
        """The text is for the visitor."""
        self._text = text

    def prepare(self) -> None:
        self.refuse(self._text)


class Door(_Doorkeeper):
    """Keeps a visitor's cookie and leads to the page itself, so that the token leaves the address bar."""

    def initialize(self, admission: Admission, tokens: list[bytes], known: bool) -> None:
        """`known` visitors are let in whatever they say."""
        self._admission, self._tokens, self._known = admission, tokens, known

    async def prepare(self) -> None:
        if self._known or await self._guessed():
            self._welcome()

    async def _guessed(self) -> bool:
        guesses, address = self._admission.guesses, _network(self.request.remote_ip or "")
        if not await guesses.may_try(address):
            self.refuse("Wrong tokens come from this address.\nToo many at once.\nTry again in a minute.\n")
            return False
        if any(_equal(token, self._admission.token) for token in self._tokens):
            return True
        guesses.failed(address)
        self.refuse("\n".join((*STRANGER, "")))
        return False

    def _welcome(self) -> None:
        name, value = self._admission.cookie, self._admission.admitted
        self.set_cookie(name, value, httponly=True, samesite="Lax", secure=self.request.protocol == "https")
        self.set_header("Cache-Control", "no-store")
        page = self.request.path.rpartition("/")[2]  # relative: no path names another host
        self.redirect(f"./{page}?{self.request.query}" if self.request.query else f"./{page}")


class Guesses:
    """Pauses before a token is compared, longer with every wrong one that came from the same address.

    Nobody else waits: neither other addresses nor who has the cookie.
    """

    FREE = 3  # wrong tokens without a pause: a person mistypes
    LONGEST, MEMORY = 2.0, 60.0  # seconds of a pause, and until wrong tokens are forgotten
    AT_ONCE = 8  # tokens of one address that wait; more are refused unseen

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}  # how many, and when the last came; the oldest first
        self._waiting: Counter[str] = Counter()

    def pause(self, address: str) -> float:
        """Seconds that a token from this address waits."""
        number, last = self._wrong.get(address, (0, 0.0))
        if number < self.FREE or time.monotonic() - last > self.MEMORY:
            return 0.0
        return float(min(self.LONGEST, 0.1 * 2 ** min(number - self.FREE, 9)))

    async def may_try(self, address: str) -> bool:
        """Waits; False, at once, where too many do already."""
        if self._waiting[address] >= self.AT_ONCE:
            return False
        self._waiting[address] += 1
        try:
            await asyncio.sleep(self.pause(address))
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]
        return True

    def failed(self, address: str) -> None:
        """A wrong token came from this address."""
        now = time.monotonic()
        number, last = self._wrong.pop(address, (0, now))
        self._wrong[address] = (number + 1 if now - last <= self.MEMORY else 1, now)
        while now - next(iter(self._wrong.values()))[1] > self.MEMORY:
            del self._wrong[next(iter(self._wrong))]


def forget_token(request: HTTPServerRequest) -> None:
    """Takes the token out of a request: no log, no page and no error shows it."""
    if request.query_arguments.pop(PARAMETER, None) is None:
        return
    request.arguments.pop(PARAMETER, None)
    pairs = parse_qsl(request.query, keep_blank_values=True)
    request.query = urlencode([pair for pair in pairs if pair[0] != PARAMETER])
    request.uri = f"{request.path}?{request.query}" if request.query else request.path


def _network(address: str) -> str:
    """The address itself, or the network of an IPv6 address: one machine has all of its addresses."""
    try:
        version = ip_address(address).version
    except ValueError:  # a socket of this machine
        return address
    return address if version == 4 else str(ip_network(f"{address.partition('%')[0]}/64", strict=False))


def _equal(said: bytes, secret: str) -> bool:
    return compare_digest(said, secret.encode())
