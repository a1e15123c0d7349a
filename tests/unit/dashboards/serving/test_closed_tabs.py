"""Lines in a server's terminal about tabs that closed while something was sent to them."""

import asyncio
import gc
import logging

import pytest
from loops import in_own_loop
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError

from dashboards.serving.process import silence_closed_tabs


def told(error: Exception, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Log when a task and a callback of a real loop raise it and nobody awaits them."""
    caplog.clear()

    async def fail() -> None:
        raise error

    def callback() -> None:
        raise error

    async def main() -> None:
        IOLoop.current().add_callback(callback)
        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0.05)
        del task
        gc.collect()
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        in_own_loop(main)
    return [record.name for record in caplog.records]


@pytest.mark.long
def test_only_closed_tabs_are_silent(caplog: pytest.LogCaptureFixture) -> None:
    assert sorted(told(ValueError("a fault"), caplog)) == ["asyncio", "tornado.application"]
    silence_closed_tabs()
    silence_closed_tabs()
    assert told(WebSocketClosedError(), caplog) == []
    assert sorted(told(ValueError("a fault"), caplog)) == ["asyncio", "tornado.application"]
