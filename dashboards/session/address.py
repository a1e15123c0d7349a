"""The address bar: a session's state as a query string, and back. A link reproduces the view."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dashboards.session.gestures import GESTURES
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step, Steps
from dashboards.session.state import PageState

SELECT = "select"
NOTE = "note:"
"""Before the name of a selection that is too long for an address and was kept in the run's notes."""

SHORT, LONGEST = 8_000, 60_000  # letters: what every program passes on, and what the server still takes
_NAME = re.compile(re.escape(NOTE) + "([0-9a-f]{12})")


class Address(NamedTuple):
    """What a link says: values for `Navigation`, for the state of its page, and the selection's gestures."""

    navigation: dict[str, Any]
    state: dict[str, Any]
    steps: Steps
    note: str = ""  # the name of the selection, where the address has no steps
    misread: Mapping[str, str] = MappingProxyType({})  # what it says by name, and makes no sense


def write_address(
    navigation: Navigation, pages: Mapping[str, PageState], steps: Steps, note: str = ""
) -> str:
    """The query string, `?` included; what has its default value is left out.

    `note` is the name that stands for the steps.
    """
    values = navigation.to_query() | pages[navigation.page].to_query()
    if steps:
        values[SELECT] = f"{NOTE}{note}" if note else json.dumps(rows(steps), separators=(",", ":"))
    return "?" + urlencode(values)


def read_address(search: str, navigation: Navigation, pages: Mapping[str, PageState]) -> Address:
    """Reads a query string; what is absent gets its default, what makes no sense is ignored."""
    query = dict(parse_qsl(search.removeprefix("?")))
    values = navigation.from_query(query)
    state = pages[values["page"]].from_query(query)
    selected = query.get(SELECT, "")
    named, steps = _NAME.fullmatch(selected), _steps_from_json(selected)
    misread = [*navigation.misread(query), *pages[values["page"]].misread(query)]
    if selected and not (named or steps):
        misread.append(SELECT)
    wrong = {name: query[name] for name in misread}
    return Address(values, state, steps, named.group(1) if named else "", wrong)


def rows(steps: Steps) -> list[list[Any]]:
    """Gestures as JSON has them."""
    return [[step.mode.value, step.gesture.kind, step.gesture.to_json()] for step in steps]


def steps_of(rows: Any) -> Steps:
    """The inverse of `rows`; none where they make no sense, for they come from outside."""
    try:
        return tuple(Step(Mode(mode), GESTURES[kind].parse(value)) for mode, kind, value in rows)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()


def _steps_from_json(text: str) -> Steps:
    try:
        return steps_of(json.loads(text) if text else [])
    except (ValueError, RecursionError):
        return ()
