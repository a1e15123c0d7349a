"""The address bar: a session's state as a query string, and back. A link reproduces the view."""

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from dashboards.session.navigation import TABS, Navigation
from dashboards.session.selection import Gesture, Mode, Step, Steps

DIGITS = 5  # of a polygon's coordinates: a hundred-thousandth of a map's width


class Address(NamedTuple):
    """What a link says: values for `Navigation`, and the gestures that make the selection."""

    navigation: dict[str, Any]
    steps: Steps


def write_address(navigation: Navigation, steps: Steps) -> str:
    """The query string, `?` included; what has its default value is left out."""
    values = {
        "run": navigation.run,
        "page": "" if navigation.page == "diagnose" else navigation.page,
        "focus": "" if navigation.focus is None else str(navigation.focus),
        "projection": navigation.projection,
        "color": "" if navigation.color == "label" else navigation.color,
        **(_archive(navigation) if navigation.page == "archive" else {}),
        "theme": "dark" if navigation.dark else "",
        "select": _steps_to_json(steps) if steps else "",
    }
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _archive(navigation: Navigation) -> dict[str, str]:
    """What only the Archive page shows."""
    return {
        "chosen": "" if navigation.chosen == navigation.run else navigation.chosen,
        "tab": "" if navigation.tab == TABS[0] else navigation.tab,
        "other": navigation.other if navigation.tab == "compare" else "",
    }


def read_address(search: str) -> Address:
    """Reads a query string; what is absent gets its default, what makes no sense is ignored."""
    query = dict(parse_qsl(search.removeprefix("?")))
    pages, colors = (Navigation.param[name].objects for name in ("page", "color"))
    focus = query.get("focus", "")
    navigation = {
        "run": query.get("run", ""),
        "page": query["page"] if query.get("page") in pages else "diagnose",
        "focus": int(focus) if focus.isdecimal() and len(focus) < 12 else None,
        "projection": query.get("projection", ""),
        "color": query["color"] if query.get("color") in colors else "label",
        "chosen": query.get("chosen", ""),
        "tab": query["tab"] if query.get("tab") in TABS else TABS[0],
        "other": query.get("other", ""),
        "dark": query.get("theme") == "dark",
    }
    return Address(navigation, _steps_from_json(query.get("select", "")))


def _steps_to_json(steps: Steps) -> str:
    rows = [[step.mode.value, step.gesture.kind, _rounded(step.gesture.value)] for step in steps]
    return json.dumps(rows, separators=(",", ":"))


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if hasattr(value, "tolist"):
        return _rounded(value.tolist())
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def _steps_from_json(text: str) -> Steps:
    try:
        rows = json.loads(text) if text else []
        return tuple(Step(Mode(mode), _gesture(kind, value)) for mode, kind, value in rows)
    except (ValueError, TypeError, KeyError):
        return ()


def _gesture(kind: str, value: Any) -> Gesture:
    """Checks what came from outside. Raises `ValueError`, `TypeError` or `KeyError`."""
    if kind == "samples":
        return Gesture(kind, [_whole(item) for item in value])
    if kind == "cells":
        return Gesture(kind, [[_whole(true), _whole(predicted)] for true, predicted in value])
    if kind != "polygon":
        raise ValueError(kind)
    x, y = ([float(item) for item in value[axis]] for axis in ("x", "y"))
    if len(x) != len(y) or len(x) < 3 or not all(map(math.isfinite, x + y)):
        raise ValueError("a polygon has three finite corners or more")
    return Gesture(kind, {"map": str(value["map"]), "x": x, "y": y})


def _whole(item: Any) -> int:
    if not isinstance(item, int) or item < 0:
        raise ValueError(item)
    return item
