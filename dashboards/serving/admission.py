"""A token that opens a served dashboard to whoever has its link, and to nobody else."""

import secrets
from hmac import compare_digest
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler, stream_request_body

PARAMETER = "token"


class Answer(NamedTuple):
    """What answers a request in the place of the handler that it asks for."""

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
        self._admitted = secrets.token_urlsafe(32)

    def answer(self, request: HTTPServerRequest) -> Answer | None:
        """What is answered instead of what was asked for; None for those who may have that."""
        if not self.token:
            return None
        if _has(request.query_arguments.get(PARAMETER, []), self.token) and request.method == "GET":
            return Answer(Welcome, {"name": self.cookie, "value": self._admitted})
        cookie = request.cookies.get(self.cookie)
        if cookie is not None and _equal(cookie.value.encode(), self._admitted):
            return None
        return refusal(
            "This dashboard is shown to those who have its link.",
            "The address names no token, or another server's.",
            "Open the link that deepvid serve printed when it started.",
        )


def refusal(must: str, found: str, action: str) -> Answer:
    """Status 403 and why."""
    return Answer(Refusal, {"text": f"{must}\n{found}\n{action}\n"})


class Welcome(RequestHandler):
    """Keeps a visitor's cookie and leads to the page itself, so that the token leaves the address bar."""

    def initialize(self, name: str, value: str) -> None:
        """The cookie."""
        self._cookie = (name, value)

    def get(self) -> None:
        query = [pair for pair in parse_qsl(self.request.query) if pair[0] != PARAMETER]
        self.set_cookie(*self._cookie, httponly=True, samesite="Lax", secure=self.request.protocol == "https")
        self.set_header("Cache-Control", "no-store")
        path = "/" + self.request.path.lstrip("/")  # with two slashes it would name another host
        self.redirect(f"{path}?{urlencode(query)}" if query else path)


@stream_request_body
class Refusal(RequestHandler):
    """Answers before any body is read; to a websocket too."""

    def initialize(self, text: str) -> None:
        """What the visitor reads."""
        self._text = text

    def prepare(self) -> None:
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Connection", "close")
        self.finish(self._text)

    def data_received(self, chunk: bytes) -> None:
        """What is posted is not kept."""


def _has(values: list[bytes], token: str) -> bool:
    return any(_equal(value, token) for value in values)


def _equal(said: bytes, secret: str) -> bool:
    return compare_digest(said, secret.encode())
