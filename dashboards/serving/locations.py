"""Where a page says that it is, read from the request for it: whatever a browser can ask for."""

from functools import cache, wraps
from typing import Any

from panel.io import location


@cache
def read_any_address() -> None:
    """From now on; again, it changes nothing.

    Panel 1.9.4 expects one colon in a host and one question mark in an address. A page of `[::1]`, or of a
    link with another link inside, is then never built and stays white. The browser says the host itself.
    It also takes `²` and any number of digits for a number; `session.address` reads what an address says.
    """
    _read_any_digits()
    read = getattr(location, "_get_location_params", None)
    if read is None:  # a later Panel, which goes about it in another way
        return

    @wraps(read)
    def read_any(protocol: str | None, host: str | None, uri: str | None) -> dict[str, str]:
        path, mark, query = (uri or "").partition("?")
        quoted = query.replace("?", "%3F").replace("#", "%23")
        known: dict[str, str] = read(
            protocol, None if host and host.startswith("[") else host, path + mark + quoted
        )
        return known

    location._get_location_params = read_any


def _read_any_digits() -> None:
    parse = getattr(location, "parse_query", None)
    if parse is None:
        return

    @wraps(parse)
    def parse_any(query: str) -> dict[str, Any]:
        try:
            known: dict[str, Any] = parse(query)
        except ValueError:  # of `int`
            return {}
        return known

    location.parse_query = parse_any
