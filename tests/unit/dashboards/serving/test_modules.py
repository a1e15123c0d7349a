"""Modules of cards, as a server hands them to browsers."""

import pytest
from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.server.server import Server
from loops import in_own_loop
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse
from tornado.ioloop import IOLoop

from dashboards.served import BROWSER, address
from dashboards.serving.process import YEAR, keep_modules


def fetched(path: str) -> HTTPResponse:
    """The answer of a real server."""

    async def fetch() -> HTTPResponse:
        server = Server({"/": Application(FunctionHandler(lambda _: None))}, port=0, io_loop=IOLoop.current())
        server.start()
        try:
            return await AsyncHTTPClient().fetch(f"http://localhost:{server.port}/{path.removeprefix('./')}")
        finally:
            server.stop()

    keep_modules()
    keep_modules()
    return in_own_loop(fetch)


@pytest.mark.parametrize("name", ["kit/card.js", "kit/kit.css", "vendor/preact/preact.mjs"])
def test_a_module_is_served_as_it_is_and_kept_for_a_year(name: str) -> None:
    answer = fetched(address(name))
    assert answer.body == (BROWSER / name).read_bytes()
    assert answer.headers["Cache-Control"] == f"max-age={YEAR}"
    assert any(word in answer.headers["Content-Type"] for word in ("javascript", "css"))


@pytest.mark.parametrize("name", ["../kit/card.py", "../../pyproject.toml", "kit/none.js"])
def test_nothing_else_is(name: str) -> None:
    with pytest.raises(HTTPClientError):
        fetched(address(name))
