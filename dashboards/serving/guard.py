"""The door of a served dashboard, which every request passes."""

import socket
import sys
from collections.abc import Iterable
from functools import cache, partial, wraps
from ipaddress import ip_address
from typing import Any

from bokeh.server.auth_provider import NullAuth
from bokeh.server.server import BaseServer
from bokeh.server.util import check_allowlist
from bokeh.settings import settings
from panel.io.server import ComponentResourceHandler
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerRequest
from tornado.web import HTTPError, OutputTransform

from dashboards.serving.admission import Admission, Answer, Refusal, forget_token, refusal
from deepvid.errors import UserError
from deepvid.permissions import TOKEN, permissions, require_long

FRAMING = "frame-ancestors 'self'"  # no foreign page shows ours inside its own, where clicks can be stolen
SESSION = ("bokeh-session-id", "bokeh-token")  # a link that names a session opens another's


@cache
def guard_servers() -> None:
    """Guards every server that starts in this process from now on; again, it changes nothing."""
    start = BaseServer.start

    @wraps(start)
    def start_guarded(server: BaseServer) -> None:
        guard(server)
        start(server)

    BaseServer.start = start_guarded  # type: ignore[assignment, method-assign]


def guard(server: Any) -> None:
    """Guards a Bokeh server. Raises UserError where others can reach it and it asks nobody who they are."""
    application, admission = server._tornado, Admission(require_long(permissions().token), server.port)
    listening = [each.getsockname() for each in server._http._sockets.values() if _is_network(each)]
    login = not isinstance(application.auth_provider, NullAuth)
    if not (admission.token or login or all(ip_address(name[0]).is_loopback for name in listening)):
        raise UserError(
            "A dashboard that other machines can reach authenticates its visitors",
            f"It would listen on {listening[0][0]} without a token or a login",
            f"Add --address localhost, set {TOKEN}, or use Panel's --basic-auth or --oauth-provider",
        )
    hosts = _hosts(application.websocket_origins, listening)
    find = application.find_handler

    def find_guarded(request: HTTPServerRequest, **options: Any) -> HTTPMessageDelegate:
        answer = _of_a_stranger(request, hosts) or admission.answer(request)
        _forget_session(request)
        forget_token(request)
        if answer is not None and answer.handler is Refusal:
            request.uri = request.path  # a token that is not written as one may stand in the query
        delegate: HTTPMessageDelegate = (
            find(request, **options)
            if answer is None
            else application.get_handler_delegate(request, answer.handler, answer.settings)
        )
        return delegate

    application.find_handler = find_guarded
    application.transforms.append(partial(_Framing, getattr(server, "framed_by", ())))


def _is_network(listener: socket.socket) -> bool:
    return listener.family in (socket.AF_INET, socket.AF_INET6)


def _hosts(origins: Iterable[str], listening: Iterable[tuple[Any, ...]]) -> set[str]:
    """NAME:PORT by which the server is known: the allowed origins of its websocket, and its addresses."""
    own = {f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}" for name in listening}
    return {host.lower() for host in (*origins, *(settings.allowed_ws_origin() or ()), *own)}


def _of_a_stranger(request: HTTPServerRequest, hosts: set[str]) -> Answer | None:
    """Refuses a name that is not ours: any site can let its own name point to this machine (DNS rebinding),
    and then its pages are of one origin with what answers here.
    """
    host = request.headers.get("Host", "")
    if host and check_allowlist(host.lower(), list(hosts)):
        return None
    return refusal(
        "This dashboard answers under the names that it was started with.",
        f"It was asked as {host or 'nobody'!r}; its names are {', '.join(sorted(hosts))}.",
        "Open one of these, or start it with --allow-origin HOST:PORT.",
    )


def _forget_session(request: HTTPServerRequest) -> None:
    """The session of a page is the one made for it: who knows the id of one drives and sees it."""
    for name in SESSION:
        for arguments in (request.arguments, request.query_arguments):
            arguments.pop(name, None)
    request.headers.pop("Bokeh-Session-Id", None)


class _Framing(OutputTransform):
    """On every answer; pages of these origins may frame it, too."""

    def __init__(self, framed_by: Iterable[str], request: HTTPServerRequest) -> None:
        self._framing = " ".join((FRAMING, *framed_by))

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        headers["Content-Security-Policy"] = self._framing
        return status_code, headers, chunk


@cache
def import_nothing() -> None:
    """Keeps the route from importing what an address names; again, it changes nothing.

    Panel 1.9.4 imports the module named in `/components/MODULE/CLASS/...` before it checks anything, so that
    any address, an image of a foreign page too, could run any module there is. See
    docs/decisions/component_route.md.
    """
    parse = ComponentResourceHandler.parse_url_path

    @wraps(parse)
    def parse_known(handler: ComponentResourceHandler, path: str) -> str:
        module, _, rest = path.partition("/")
        if not _is_component(module, rest.partition("/")[0]):
            raise HTTPError(404, "no component of a page: %s", path)
        return parse(handler, path)

    ComponentResourceHandler.parse_url_path = parse_known  # type: ignore[assignment, method-assign]


def _is_component(module: str, name: str) -> bool:
    """Whether a loaded module defines this class, and the class is Panel's or made from one of Panel's.

    The module's own names are looked up, for `getattr` can import as well.
    """
    component = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if not isinstance(component, type) or component.__module__ != module:
        return False
    return any(base.__module__.partition(".")[0] == "panel" for base in component.__mro__)
