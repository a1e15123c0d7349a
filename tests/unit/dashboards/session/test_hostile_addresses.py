"""Addresses come from anybody: what makes no sense is ignored, and what is long has a short name."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hostile import HUGE, SELECTIONS

from dashboards.session.address import read_address, rows, steps_of, write_address
from dashboards.session.gestures import Cells, Polygon, Samples
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step
from dashboards.session.state import PageState


@pytest.fixture
def pages() -> dict[str, PageState]:
    return {"page": PageState()}


@pytest.mark.parametrize("select", SELECTIONS, ids=lambda text: text[:40])
def test_a_selection_that_makes_no_sense_is_none(select: str, pages: dict[str, PageState]) -> None:
    address = read_address("?" + urlencode({"select": select}), Navigation(["page"]), pages)
    assert address.steps == ()
    assert address.note == ""


@pytest.mark.parametrize("name", ["focus", "run", "page", "projection", "view", "color", "dark", "select"])
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
