"""Nothing that is sent to a page waits for the page to acknowledge what came before."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.client import ClientSession, pull_session
from bokeh.server.server import Server
from loops import in_own_loop
from tornado.ioloop import IOLoop

from dashboards.serving.process import send_at_once


def connect(url: str) -> ClientSession:
    """A client with an event loop of its own, whatever earlier tests made of asyncio's defaults."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    return pull_session(url=url)


async def nodelay() -> int:
    """TCP_NODELAY of the websocket of a session with a real server."""
    loop = asyncio.get_running_loop()
    server = Server({"/": Application(FunctionHandler(lambda _: None))}, port=0, io_loop=IOLoop.current())
    server.start()
    with ThreadPoolExecutor(1) as its_own:  # all of a client happens in the thread of its loop
        client = await loop.run_in_executor(its_own, connect, f"http://localhost:{server.port}/")
        (session,) = server.get_sessions("/")
        (connection,) = session._subscribed_connections
        stream = connection._socket.ws_connection.stream
        found = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await loop.run_in_executor(its_own, client.close)
    server.stop()
    return int(found)


def test_a_websocket_sends_at_once() -> None:
    send_at_once()
    send_at_once()
    assert in_own_loop(nodelay)
