"""Views of units, by a session and by messages of a browser."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from looks import column, commit_layers, layers_group, unit_arrays, with_groups
from sessions import Settle, in_session, settled_until

from dashboards.kit.charts import Histogram, Matrix
from dashboards.kit.elements import Button, walk, words
from dashboards.session.gestures import GroupResponse, Response
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.network.comparing import KEPT
from dashboards.views.network.state import NetworkState
from dashboards.views.network.unit.view import UnitView
from dashboards.views.network.units import UnitsView
from deepvid.store import open_writer

COLUMNS = (
    column("pixels", shape=[2, 2, 1], units=0),
    column("first", shape=[2], units=2),
    column("second", shape=[2], units=2),
    column("logits", shape=[2], units=0),
)
RESPONSE = np.array([[0, 3], [1, 2], [2, 1], [3, 0]])  # test images 2 to 5


class Seen(NamedTuple):
    """Both views of a session, without a browser."""

    session: Session
    units: UnitsView
    unit: UnitView
    settle: Settle

    @property
    def state(self) -> NetworkState:
        state = self.session.pages["network"]
        assert isinstance(state, NetworkState)
        return state

    @property
    def matrix(self) -> Matrix:
        (matrix,) = (each for each in walk(self.units.component.shown) if isinstance(each, Matrix))
        return matrix

    @property
    def responses(self) -> Histogram:
        (found,) = (each for each in walk(self.unit.component.shown) if isinstance(each, Histogram))
        return found

    def buttons(self, act: str) -> list[Button]:
        """Those of the unit in full."""
        buttons = (each for each in walk(self.unit.component.shown) if isinstance(each, Button))
        return [each for each in buttons if each.act == act]

    def told(self, view: UnitsView | UnitView) -> str:
        return words(view.component.shown)

    async def until(self, holds: Callable[[], bool]) -> None:
        """The first gesture of a process waits for kernels that are compiled."""
        assert await settled_until(self.session.document, holds)

    async def say(self, view: UnitsView | UnitView, action: str, value: Any) -> None:
        view.component._handle_msg({"action": action, "value": value})
        await self.settle()

    async def brush(self, low: Any, high: Any) -> None:
        ends = {"name": self.responses.name, "low": low, "high": high}
        await self.say(self.unit, "brush", ends | {"shift": False, "ctrl": False})

    async def extreme(self, *, least: bool, shift: bool) -> None:
        asked = {"name": self.responses.name, "least": least}
        await self.say(self.unit, "extreme", asked | {"shift": shift, "ctrl": False})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two training images, and four test images, of which 3 is wrong."""
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((6, 2, 2, 1), "u1")),
            "label": ("sample", np.array([0, 1, 0, 0, 1, 1], "i4")),
            "test": ("sample", np.arange(6) >= 2),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )
    logits = np.eye(2, dtype="f4")[[0, 1, 0, 1, 1, 1]]
    teacher = xr.Dataset({"logits": (("sample", "class"), logits)}, attrs={"class_names": ["cat", "dog"]})
    with open_writer(tmp_path, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
    silenced = {"images": 4, "of_class": [2, 2]}
    group = layers_group(np.zeros((4, 4), int), np.arange(2, 6), columns=COLUMNS, silenced=silenced)
    driven = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0.5, -0.25, 0, 0], [0, 0, 0, 0]])
    arrays = unit_arrays({1: RESPONSE, 2: RESPONSE}, silenced=np.zeros((4, 2, 2)), unit_input=driven)
    members = np.array([[0.9, 0, 0.1], [0, 1, 0]])  # of three units, of which the last is not kept
    group = with_groups(group.assign(arrays), {2: RESPONSE}, {2: members}, classes=2)
    commit_layers(tmp_path, "toy-0123abcd", group)
    return tmp_path


def on_the_page(store: Path, work: Callable[[Seen], Awaitable[None]], query: str = "") -> None:
    """Does `work` on the page of a new session."""

    def build(session: Session, settle: Settle) -> Seen:
        return Seen(session, UnitsView(session), UnitView(session), settle)

    in_session(store, f"?run=toy-0123abcd&page=network{query}", build, work)


def test_an_input_opens_in_the_layer_before(store: Path) -> None:
    async def work(seen: Seen) -> None:
        first = seen.buttons("source")[0]
        assert (first.value, words(first)) == ({"layer": "first", "unit": 0}, "0 +0.50")
        await seen.say(seen.unit, "source", {"layer": "first", "unit": 1})
        assert (seen.state.column, seen.state.unit) == ("first", 1)
        assert seen.buttons("source") == []

    on_the_page(store, work, "&unit=0")


def test_responses_select_as_keys_say(store: Path) -> None:
    async def work(seen: Seen) -> None:
        await seen.brush(0.5, 2.5)
        first = Step(Mode.REPLACE, Response("second", 0, 0.5, 2.5))
        await seen.until(lambda: seen.session.selection.count == 2)
        assert seen.session.selection.steps == (first,)
        await seen.extreme(least=False, shift=True)
        await seen.until(lambda: seen.session.selection.count == 3)
        assert seen.session.selection.steps[0] == first
        assert seen.responses.band == (0.5, 2.5)

    on_the_page(store, work, "&unit=0")


def test_groups_are_shown_by_a_switch_and_a_unit_of_one_opens(store: Path) -> None:
    async def work(seen: Seen) -> None:
        for wrong in ("both", True, None):
            await seen.say(seen.units, "grouped", wrong)
        assert not seen.state.grouped
        await seen.say(seen.units, "grouped", "groups")
        await seen.until(lambda: seen.matrix.word == "group")
        await seen.say(seen.units, "group", {"name": "second", "value": 0})
        assert (seen.state.unit_group, seen.state.unit) == (0, None)
        assert seen.told(seen.unit).startswith("Group 0 of second")
        sources = seen.buttons("source")
        assert [(one.value["unit"], one.disabled) for one in sources] == [(0, False), (2, True)]
        for unit in (2, 1, "0", None):  # none of its units, or one that is not kept
            await seen.say(seen.unit, "source", {"layer": "second", "unit": unit})
        assert seen.state.grouped
        await seen.say(seen.unit, "source", {"layer": "second", "unit": 0})
        assert (seen.state.grouped, seen.state.column, seen.state.unit) == (False, "second", 0)

    on_the_page(store, work)


def test_answers_of_a_group_select_as_keys_say(store: Path) -> None:
    async def work(seen: Seen) -> None:
        await seen.brush(2.5, 0.5)
        await seen.until(lambda: seen.session.selection.count == 2)
        assert seen.session.selection.steps == (Step(Mode.REPLACE, GroupResponse("second", 0, 0.5, 2.5)),)
        await seen.until(lambda: seen.responses.band == (0.5, 2.5))
        await seen.extreme(least=True, shift=False)
        await seen.until(lambda: seen.session.selection.count == 1)
        (step,) = seen.session.selection.steps
        assert isinstance(step.gesture, GroupResponse)

    on_the_page(store, work, "&grouped=yes&unit_group=0")


def test_a_selection_is_kept_to_compare_with_and_let_go(store: Path) -> None:
    async def work(seen: Seen) -> None:
        await seen.say(seen.units, "keep", None)  # nothing is selected
        assert seen.state.compare == ""
        seen.session.select(Step(Mode.REPLACE, Response("second", 0, 2, 3)))
        await seen.until(lambda: seen.session.selection.count == 2)
        await seen.say(seen.units, "keep", None)
        assert seen.state.compare.startswith(KEPT)
        seen.session.select(Step(Mode.REPLACE, Response("second", 0, 0, 1)))
        await seen.until(lambda: "against 2 images kept before" in seen.told(seen.units))
        await seen.say(seen.units, "keep", None)
        assert seen.state.compare == ""

    on_the_page(store, work)


def test_a_link_to_what_is_not_there_is_told(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert "no unit 7 of second" in seen.told(seen.units)
        assert seen.told(seen.unit).startswith(("Unit 0 of second", "Unit 1 of second"))

    on_the_page(store, work, "&unit=7&patches=class:99&compare=class:99")


def test_what_no_page_of_ours_says_changes_nothing(store: Path) -> None:
    async def work(seen: Seen) -> None:
        for view, action, values in (
            (seen.units, "unit", (None, 7, [], {}, {"name": "second"}, {"name": "second", "value": 9})),
            (seen.units, "unit", ({"name": "first", "value": 1}, {"name": "second", "value": "1"})),
            (seen.units, "order", ("nonsense", 7)),
            (seen.units, "keep", ("nothing",)),
            (seen.units, "compare", (7,)),
            (seen.unit, "source", (None, [], {}, {"layer": "first"}, {"layer": "first", "unit": 7})),
            (seen.unit, "study", (None, "2", -1, 99, 0, {})),  # 0 is a training image, and has no row
            (seen.unit, "brush", (None, 7, {}, {"name": "none", "low": 0, "high": 1})),
            (seen.unit, "extreme", (None, 7, {}, {"name": "none", "least": True})),
            (seen.unit, "patches", (None, [], 7, "nothing")),
        ):
            for value in values:
                await seen.say(view, action, value)
        for low, high in ((None, 1), (0, "1"), (float("nan"), 1)):
            await seen.brush(low, high)
        assert seen.session.notice == ""
        assert seen.session.selection.steps == ()
        assert (seen.state.unit, seen.state.column, seen.state.order) == (None, "", "difference")

    on_the_page(store, work)
