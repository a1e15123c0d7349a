"""Elements as data, and what a card does of what it is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dashboards.kit.charts import (
    Bars,
    Chart,
    Counts,
    Course,
    Dot,
    Head,
    Histogram,
    Matrix,
    Scatter,
    Way,
)
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Choice, Element, Search, Slider, row, text, walk, words
from dashboards.kit.forms import Check, Entry, Line, Progress, Sheet, Upload
from dashboards.kit.menus import KeyButton, Menu, Nav, Query, Window
from dashboards.kit.pictures import Heat, Windows
from dashboards.kit.river import River

AT = {"at": [1, 2]}
CHART = Chart((Course((0.0, 1.0)),), 4, (0.0, 1.0), hints=("a", "b"), act="go", first=1)
CHOICE = Choice("choose", (("a", "A", ""), ("b", "B", "")), "a")
SLIDER = Slider("move", "blur", "Blur", 1.0, "1", 4.0, 0.5)

MATRIX = Matrix(
    "open", "conv", "unit", (5, 7), ("", ""), (), b"", b"", bars=False, end=1, reach=1, at=0, widest=9
)
HISTOGRAM = Histogram("open", "unit 1", (0, 1, 2), (3, 4))
WAY = Way("open", 7, "", "", "", b"", (1, 1, 1), (0, 1), ("", ""), (0, 1), (), ())
SEARCH = Search("go", ("cat", "dog"), "", "find a class")
KEYS = {"shift": False, "ctrl": True}
HEADS = (Head("cat", "cat", "", "", ""), Head("dog", "dog", "", "", ""))
COUNTS = Counts("go", ("true", "predicted"), HEADS, bytes(4))
RIVER = River(
    "go",
    (),
    (((0, 2, 2),), ((0, 1, 1), (1, 1, 1))),
    (((0, 1, 2, 2),),),
    (),
    2,
    partial=False,
    pressed=(),
    at=0,
)
BARS = Bars("open", "unit 1", (0, 0.5, 2), ("right", "wrong"), ((3, 4), (1, 0)), ("", ""), "distance")
SCATTER = Scatter("open", (Dot(0, 0, {"texts": {"band": "1"}}, ""),), (), (), (), ())
RANGE = {"name": "unit 1", "low": 0.5, "high": 2, "shift": False, "ctrl": True}


def test_a_message_names_what_is_not_empty_and_nests() -> None:
    tree = row(text("one", hint="more"), Button(("two",), "go", {"at": 1}, pressed=False), None, look="wide")
    message = tree.message()
    assert message["kind"] == "box"
    assert message["look"] == "row wide"
    one, two, nothing = message["children"]
    assert (one["tag"], one["hint"], one["children"]) == ("span", "more", ["one"])
    assert (two["kind"], two["value"], two["pressed"]) == ("button", {"at": 1}, False)
    assert "label" not in two
    assert nothing is None
    assert [each.kind for each in walk(tree)] == ["box", "box", "button"]
    assert words(tree) == "onetwo"


def test_records_in_elements_are_sent_by_name() -> None:
    heat = Heat(b"", (1, 1), 1.0, windows=Windows((0,), (2,), 3, (4, 5)))
    assert heat.message()["windows"] == {"top": [0], "left": [2], "side": 3, "shape": [4, 5]}


@pytest.fixture
def ask() -> Callable[[Element, str, Any], list[Any]]:
    def asked(tree: Element, action: str, value: Any) -> list[Any]:
        done: list[Any] = []
        component = CardComponent(
            dict.fromkeys(("go", "choose", "move", "open", "cancel"), done.append), "any"
        )
        component.draw(tree)
        component._handle_msg({"action": action, "value": value})
        return done

    return asked


@pytest.mark.parametrize(
    ("tree", "action", "value", "done"),
    [
        (Entry("go", "", most=3), "go", {"text": "abc", "entered": True}, True),
        (Entry("go", "", most=3), "go", {"text": "abcd", "entered": True}, False),
        (Entry("go", "", button="Keep"), "go", {"text": " ", "entered": True}, False),
        (Entry("go", "", disabled=True), "go", {"text": "a", "entered": True}, False),
        (Check((), "go", "a", True), "go", {"name": "a", "checked": False}, True),
        (Check((), "go", "a", True), "go", {"name": "b", "checked": False}, False),
        (Line((), "go", "a"), "go", {"value": "a", "twice": False}, True),
        (Line((), "go", "a"), "go", {"value": "b", "twice": False}, False),
        (Upload((), "go"), "go", {"file": "a.zip", "fault": "cut"}, True),
        (Upload((), "go"), "go", {"file": "a.zip", "path": "/"}, False),
        (Upload((), "go", disabled=True), "go", {"file": "a.zip"}, False),
        (KeyButton((), "go", 7), "go", 7, True),
        (KeyButton((), "go", 7, disabled=True), "go", 7, False),
        (Menu((), (), "go"), "go", True, True),
        (Menu((), (), "go"), "go", 1, False),
        (Nav("go", (("a", "A"),), "a"), "go", "a", True),
        (Nav("go", (("a", "A"),), "a"), "go", "b", False),
        (Query("go", "words", ""), "go", "wrong", True),
        (Query("go", "words", ""), "go", None, False),
        (Window("go", "", dark=False, run="", shortcuts={}), "go", {"go": "?run=a"}, True),
        (Window("go", "", dark=False, run="", shortcuts={}), "go", {"library": True, "go": 1}, False),
        (Button((), "go", 7), "go", 7, True),
        (Box((Box((Button((), "go", 7),)),)), "go", 7, True),
        (Button((), "go", 7), "go", 8, False),
        (Button((), "go", 7), "cancel", None, True),
        (Button((), "go", 7), "leave", 7, False),
        (Button((), "go", 7, disabled=True), "go", 7, False),
        (
            Button((), "go", AT, keys=True),
            "go",
            {**AT, "shift": True, "ctrl": False},
            True,
        ),
        (Button((), "go", {"at": [1, 0]}), "go", {"at": [True, 0]}, False),
        (Button((), "go", AT, keys=True), "go", {**AT, "shift": 1, "ctrl": False}, False),
        (
            Button((), "go", AT, keys=True),
            "go",
            {"at": [1, 3], "shift": True, "ctrl": False},
            False,
        ),
        (Button((), "go", {"at": 1}, keys=True), "go", {"at": 1}, False),
        (CHOICE, "choose", "b", True),
        (CHOICE, "choose", "c", False),
        (replace(CHOICE, disabled=("b",)), "choose", "b", False),
        (SLIDER, "move", {"name": "blur", "value": 3}, True),
        (SLIDER, "move", {"name": "blur", "value": 5}, False),
        (SLIDER, "move", {"name": "blur", "value": float("nan")}, False),
        (SLIDER, "move", {"name": "sharp", "value": 3}, False),
        (Button((), "go", 1), "go", True, False),
        (CHART, "go", 2, True),
        (CHART, "go", 0, False),
        (CHART, "go", 3, False),
        (CHART, "go", True, False),
        (MATRIX, "open", {"name": "conv", "value": 5}, True),
        (MATRIX, "open", {"name": "conv", "value": 0}, False),
        (MATRIX, "open", {"name": "pool", "value": 5}, False),
        (MATRIX, "open", {"name": "conv", "value": "5"}, False),
        (HISTOGRAM, "open", RANGE, True),
        (HISTOGRAM, "open", RANGE | {"high": "1"}, False),
        (HISTOGRAM, "open", RANGE | {"low": float("nan")}, False),
        (HISTOGRAM, "open", RANGE | {"name": "unit 2"}, False),
        (BARS, "open", RANGE, True),
        (BARS, "open", RANGE | {"high": 1}, False),
        (BARS, "open", RANGE | {"high": 0.5}, False),
        (BARS, "open", RANGE | {"low": False}, False),
        (WAY, "open", {"sample": 7, "step": 1}, True),
        (WAY, "open", {"sample": 7, "step": None}, True),
        (WAY, "open", {"sample": 7, "step": 2}, False),
        (WAY, "open", {"sample": 8, "step": 1}, False),
        (SEARCH, "go", "", True),
        (SEARCH, "go", "1", True),
        (SEARCH, "go", "2", False),
        (SEARCH, "go", 1, False),
        (COUNTS, "go", {"row": 1, "column": 0, **KEYS}, True),
        (COUNTS, "go", {"row": None, "column": 0, **KEYS}, True),
        (COUNTS, "go", {"row": None, "column": None, **KEYS}, False),
        (COUNTS, "go", {"row": 2, "column": 0, **KEYS}, False),
        (COUNTS, "go", {"row": 1, "column": 0}, False),
        (RIVER, "go", {"places": [[1, 1]], **KEYS}, True),
        (RIVER, "go", {"places": [[0, 1]], **KEYS}, False),
        (RIVER, "go", {"places": [[0, 0], [1, 1]], **KEYS}, True),
        (RIVER, "go", {"places": [[0, 0], [1, 0]], **KEYS}, False),
        (RIVER, "go", {"places": [[-1, 0]], **KEYS}, False),
        (SCATTER, "open", {"texts": {"band": "1"}}, True),
        (SCATTER, "open", {"texts": {"band": "2"}}, False),
        (Sheet("open"), "open", None, True),
        (Progress("curve", "open"), "open", None, True),
        (Progress("curve", "open"), "open", 1, False),
        (Box(), "go", 7, False),
    ],
)
def test_only_what_the_tree_offers_is_done(
    ask: Callable[..., list[Any]], tree: Element, action: str, value: Any, done: bool
) -> None:
    assert ask(tree, action, value) == ([value] if done else [])
