"""Addresses come from anybody: what makes no sense is ignored, and what is long has a short name."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from dashboards.session.address import NOTE, read_address, rows, steps_of, write_address
from dashboards.session.gestures import Cells, Polygon, Samples
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step
from dashboards.session.state import PageState

HUGE = "9" * 401
HOSTILE = [
    "[" * 900,
    '{"a":' * 2000,
    "[" * 100_000 + "]" * 100_000,
    "null",
    "7",
    '"text"',
    "{}",
    "[[]]",
    '[["replace"]]',
    '[["replace","nothing",[]]]',
    '[["conquer","cells",[[0,1]]]]',
    '[["replace","cells",[[0]]]]',
    '[["replace","cells",[[0,-1]]]]',
    '[["replace","cells",[[0,99999999999999999999]]]]',
    '[["replace","cells",[[0,1.5]]]]',
    '[["replace","cells",[[true,false]]]]',
    '[["replace","samples",["1"]]]',
    f'[["replace","samples",[{HUGE}]]]',
    f'[["replace","polygon",{{"map":"m","x":[{HUGE},1,2],"y":[0,1,2]}}]]',
    '[["replace","polygon",{"map":"m","x":[NaN,1,2],"y":[0,1,2]}]]',
    '[["replace","polygon",{"map":"m","x":[1e999,1,2],"y":[0,1,2]}]]',
    '[["replace","polygon",{"map":"m","x":[1,2],"y":[0,1]}]]',
    '[["replace","polygon",{"map":"m","x":{},"y":[]}]]',
    f"{NOTE}../../../etc/passwd",
    f"{NOTE}",
    f"{NOTE}0123456789AB",
    f"{NOTE}0123456789abc",
]


@pytest.fixture
def pages() -> dict[str, PageState]:
    return {"page": PageState()}


@pytest.mark.parametrize("select", HOSTILE, ids=lambda text: text[:40])
def test_a_selection_that_makes_no_sense_is_none(select: str, pages: dict[str, PageState]) -> None:
    address = read_address("?" + urlencode({"select": select}), Navigation(["page"]), pages)
    assert address.steps == ()
    assert address.note == ""


@pytest.mark.parametrize("name", ["focus", "run", "page", "projection", "color", "dark", "select"])
@pytest.mark.parametrize("value", ["", HUGE, "-1", "\x00", "[" * 900, "%ff", "nan", "x" * 60_000])
def test_no_value_of_an_address_raises(name: str, value: str, pages: dict[str, PageState]) -> None:
    address = read_address("?" + urlencode({name: value}), Navigation(["page"]), pages)
    assert address.steps == ()


def test_gestures_survive_json() -> None:
    steps = (
        Step(Mode.REPLACE, Cells(((1, 2),))),
        Step(Mode.ADD, Samples((5, 7))),
        Step(Mode.SUBTRACT, Polygon.drawn("m", [0.0, 1.0, 2.0], [0.5, 1.5, 0.25])),
    )
    kept: Any = json.loads(json.dumps(rows(steps)))
    assert steps_of(kept) == steps


def test_a_name_stands_for_long_gestures(pages: dict[str, PageState]) -> None:
    steps = (Step(Mode.REPLACE, Samples(tuple(range(5000)))),)
    navigation = Navigation(["page"])
    long = write_address(navigation, pages, steps)
    short = write_address(navigation, pages, steps, "0123456789ab")
    assert len(short) < 100 < 8000 < len(long)
    assert read_address(long, navigation, pages).steps == steps
    assert read_address(short, navigation, pages).note == "0123456789ab"
