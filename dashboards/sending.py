"""Messages leave the server at once.

Bokeh sends a message in parts (a header, the content, every array), and Nagle's algorithm holds back the
second until the browser has acknowledged the first, which it may do 40 ms later. Source: the description of
`set_nodelay` in Tornado's documentation of `WebSocketHandler`.
"""

from functools import cache, wraps

from bokeh.server.views.ws import WSHandler


@cache
def send_at_once() -> None:
    """Turns Nagle's algorithm off for every websocket opened from now on; again, it changes nothing."""
    opened = WSHandler.open

    @wraps(opened)
    def at_once(handler: WSHandler) -> None:
        handler.set_nodelay(True)
        opened(handler)

    WSHandler.open = at_once  # type: ignore[method-assign]
