"""Nothing that is sent to a page waits for the page to acknowledge what came before."""

import asyncio
import socket

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.client import pull_session
from bokeh.server.server import Server
from loops import in_own_loop
from tornado.ioloop import IOLoop

from dashboards.sending import send_at_once


async def nodelay() -> int:
    """TCP_NODELAY of the websocket of a session with a real server."""
    server = Server({"/": Application(FunctionHandler(lambda _: None))}, port=0, io_loop=IOLoop.current())
    server.start()
    try:
        client = await asyncio.to_thread(pull_session, url=f"http://localhost:{server.port}/")
        (session,) = server.get_sessions("/")
        (connection,) = session._subscribed_connections
        stream = connection._socket.ws_connection.stream
        found = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await asyncio.to_thread(client.close)
        return int(found)
    finally:
        server.stop()


def test_a_websocket_sends_at_once() -> None:
    send_at_once()
    send_at_once()
    assert in_own_loop(nodelay)
