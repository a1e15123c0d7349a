"""The address bar: a session's state as a query string, and back, and what a link names that is not there."""

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dashboards.data.class_groups import ALL, class_of
from dashboards.data.decision import BLACK, GRADIENT, OCCLUSION, STUDENT
from dashboards.data.explanations import methods
from dashboards.data.hierarchy import HEAD
from dashboards.data.image_orders import image_order, is_known
from dashboards.data.levels import numbers
from dashboards.data.orders import groupings, is_order
from dashboards.data.own_axes import axes_of
from dashboards.data.population import Population
from dashboards.data.students import StudentTable, settings_keys
from dashboards.data.values import categories
from dashboards.session.gestures import GESTURES
from dashboards.session.navigation import Navigation
from dashboards.session.old_links import renewed
from dashboards.session.selection import Mode, Step, Steps
from dashboards.session.state import PageState
from deepvid.errors import DeepVIDError, UserError
from deepvid.store import Run

SELECT = "select"
NOTE = "note:"
"""Before the name of a selection that is too long for an address and was kept in the run's notes."""

SHORT, LONGEST = 8_000, 60_000  # letters: what every program passes on, and what the server still takes
_NAME = re.compile(re.escape(NOTE) + "([0-9a-f]{12})")


class Address(NamedTuple):
    """Content of a link: values for `Navigation`, for the state of its page, and the selection's gestures."""

    navigation: dict[str, Any]
    state: dict[str, Any]
    steps: Steps
    note: str = ""  # the name of the selection, where the address has no steps
    misread: Mapping[str, str] = MappingProxyType({})  # what it says by name, and makes no sense


def write_address(
    navigation: Navigation, pages: Mapping[str, PageState], steps: Steps, note: str = ""
) -> str:
    """The query string with its `?`, without defaults; `note` is the name that stands for the steps."""
    values = navigation.to_query() | pages[navigation.page].to_query()
    if steps:
        values[SELECT] = f"{NOTE}{note}" if note else json.dumps(rows(steps), separators=(",", ":"))
    return "?" + urlencode(values)


def read_address(search: str, navigation: Navigation, pages: Mapping[str, PageState]) -> Address:
    """Reads a query string; what is absent gets its default, what makes no sense is ignored."""
    query = renewed(dict(parse_qsl(search.removeprefix("?"), keep_blank_values=True)))
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


_HELD = {STUDENT, BLACK, GRADIENT, OCCLUSION}  # explanations that a student itself may hold
_LONGEST = 40  # letters of what a link says, in a sentence


def missing_now(table: Population, values: Mapping[str, Any]) -> dict[str, str]:
    """Values for a `Navigation` that no stage will bring to the run: name -> words for it."""
    lacks = {
        name: f"no image #{values[name]} among the {table.split} images"
        for name in ("focus", "pin")
        if values[name] is not None and table.row_of(values[name]) is None
    }
    sort, classes = values["sort"], values["classes"]
    if sort and not _sorts(table, sort):
        lacks["sort"] = no_such("order", sort)
    if classes not in ("", ALL) and class_of(classes, table.class_count) is None:
        lacks["classes"] = no_such("class of the number", classes)
    return lacks


def missing_yet(
    table: Population, run: Run, fitted: StudentTable, values: Mapping[str, Any]
) -> dict[str, str]:
    """Values that a stage would bring, and none has; `fitted` are the students that one session has."""
    lacks = {}
    projection, color, tree = values["projection"], values["color"], values["tree"]
    overlay, student = values["overlay"], values["student"]
    if projection not in {"": None, **table.maps, **table.maps_3d} and axes_of(projection) is None:
        lacks["projection"] = no_such("map", projection)
    if not _colors(table, run, color):
        lacks["color"] = no_such("color", color)
    if values["group"] and values["group"] not in groupings(table):
        lacks["group"] = no_such("group", values["group"])
    if tree != HEAD and table.hierarchy(tree) is None:
        lacks["tree"] = no_such("tree", tree)
    try:
        keys = settings_keys(run, fitted)
        if overlay and overlay not in methods(run) | (_HELD if keys else set()):
            lacks["overlay"] = no_such("explanation", overlay)
        if student and student not in keys:
            lacks["student"] = no_such("student", student)
    except DeepVIDError:
        pass  # the views say what cannot be read
    return lacks


def no_such(kind: str, text: str) -> str:
    """The words for something that is not there."""
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"no {kind} {shown!r}"


def link_error(misread: Mapping[str, str], lacks: Iterable[str]) -> UserError:
    """Says both: what makes no sense anywhere, and what the run lacks."""
    unknown = [
        "a selection that cannot be read" if name == SELECT else no_such(name, text)
        for name, text in misread.items()
    ]
    return UserError(
        "A link names only what the run has",
        ", ".join([*unknown, *lacks]),
        "Use the rest, which is shown, or ask the sender for a new link",
    )


def _colors(table: Population, run: Run, color: str) -> bool:
    """Colors of trust are known once there are students, which are judged later."""
    if color in ("trust", "fidelity") and run.batches("students"):
        return True
    if color == "error":
        return table.wrong is not None
    if color == "predicted":
        return table.predicted is not None
    return color == "label" or color in numbers(table) or color in categories(table)


def _sorts(table: Population, sort: str) -> bool:
    of_image = image_order(sort)
    return is_order(table, sort) if of_image is None else is_known(table, of_image)
