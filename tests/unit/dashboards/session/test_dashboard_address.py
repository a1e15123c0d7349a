"""The address bar says the state, and a link gives it back."""

import numpy as np
import pytest

from dashboards.session.address import read_address, write_address
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Gesture, Mode, Step

STEPS = (
    Step(Mode.REPLACE, Gesture("polygon", {"map": "tsne", "x": [0.0, 1.0, 2.5], "y": [0.0, 1.0, -3.25]})),
    Step(Mode.ADD, Gesture("cells", [[0, 6], [6, 0]])),
    Step(Mode.SUBTRACT, Gesture("samples", [4711])),
)


def test_what_is_written_is_read_back() -> None:
    place = Navigation(
        run="demo-1a2b", page="archive", focus=4711, projection="tsne", color="error", dark=True,
        chosen="demo-3c4d", tab="compare", other="demo-5e6f",
    )  # fmt: skip
    address = read_address(write_address(place, STEPS))
    assert address.steps == STEPS
    assert address.navigation == {
        "run": "demo-1a2b", "page": "archive", "focus": 4711, "projection": "tsne",
        "color": "error", "dark": True, "chosen": "demo-3c4d", "tab": "compare", "other": "demo-5e6f",
    }  # fmt: skip


def test_only_the_archive_page_says_what_is_chosen_there() -> None:
    place = Navigation(run="a", page="archive", chosen="b", tab="verify", other="c")
    assert write_address(place, ()) == "?run=a&page=archive&chosen=b&tab=verify"  # compared with nothing
    place.page = "diagnose"
    assert write_address(place, ()) == "?run=a"
    assert read_address("?page=archive&tab=nonsense").navigation["tab"] == "provenance"


def test_defaults_are_left_out() -> None:
    assert write_address(Navigation(run="a"), ()) == "?run=a"


def test_polygons_are_rounded_whatever_holds_their_corners() -> None:
    corners = np.array([1 / 3, 2 / 3, 1e-9])
    polygon = Step(Mode.REPLACE, Gesture("polygon", {"map": "m", "x": corners, "y": corners}))
    (step,) = read_address(write_address(Navigation(), (polygon,))).steps
    assert step.gesture.value["x"] == [0.33333, 0.66667, 1e-9]


@pytest.mark.parametrize(
    "query",
    [
        "select=[",
        'select=[["replace","polygon",{"map":"m","x":[1,2],"y":[1,2]}]]',
        'select=[["replace","polygon",{"map":"m","x":[1,2,NaN],"y":[1,2,3]}]]',
        'select=[["replace","cells",[[0,-1]]]]',
        'select=[["replace","samples",["0"]]]',
        'select=[["sideways","samples",[0]]]',
        'select=[["replace","magic",[0]]]',
        "focus=-1&page=nowhere&color=blue",
        "focus=999999999999999999",
    ],
)
def test_nonsense_is_ignored(query: str) -> None:
    address = read_address("?" + query)
    assert address.steps == ()
    assert (address.navigation["focus"], address.navigation["page"], address.navigation["color"]) == (
        None, "diagnose", "label",
    )  # fmt: skip
