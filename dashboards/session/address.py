"""The address bar: a session's state as a query string, and back. A link reproduces the view."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dashboards.session.gestures import GESTURES
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step, Steps
from dashboards.session.state import PageState

SELECT = "select"


class Address(NamedTuple):
    """What a link says: values for `Navigation`, for the state of its page, and the selection's gestures."""

    navigation: dict[str, Any]
    state: dict[str, Any]
    steps: Steps


def write_address(navigation: Navigation, pages: Mapping[str, PageState], steps: Steps) -> str:
    """The query string, `?` included; what has its default value is left out."""
    values = navigation.to_query() | pages[navigation.page].to_query()
    if steps:
        values[SELECT] = _steps_to_json(steps)
    return "?" + urlencode(values)


def read_address(search: str, navigation: Navigation, pages: Mapping[str, PageState]) -> Address:
    """Reads a query string; what is absent gets its default, what makes no sense is ignored."""
    query = dict(parse_qsl(search.removeprefix("?")))
    values = navigation.from_query(query)
    state = pages[values["page"]].from_query(query)
    return Address(values, state, _steps_from_json(query.get(SELECT, "")))


def _steps_to_json(steps: Steps) -> str:
    rows = [[step.mode.value, step.gesture.kind, step.gesture.to_json()] for step in steps]
    return json.dumps(rows, separators=(",", ":"))


def _steps_from_json(text: str) -> Steps:
    try:
        rows = json.loads(text) if text else []
        return tuple(Step(Mode(mode), GESTURES[kind].parse(value)) for mode, kind, value in rows)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()
