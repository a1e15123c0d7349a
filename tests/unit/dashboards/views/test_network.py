"""Views of the Network page, by a session and by messages of a browser."""

import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from looks import commit_layers, layers_group
from sessions import Settle, in_session

from dashboards.kit.elements import walk, words
from dashboards.kit.river import River
from dashboards.session.gestures import LayerPolygon
from dashboards.session.session import Session
from dashboards.views.network.layer_map.table import frame
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.river.view import RiverView
from dashboards.views.network.state import NetworkState
from deepvid.store import open_writer

SAID = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [0, 1, 1, 1]])  # (column, test image)
LAYOUT = np.array([[[0, 0], [1, 0], [1, 1], [0, 1]]] * 3, "f4")


class Seen(NamedTuple):
    """The page of a session, without a browser."""

    session: Session
    river: RiverView
    layer_map: LayerMapView
    settle: Settle

    @property
    def state(self) -> NetworkState:
        state = self.session.pages["network"]
        assert isinstance(state, NetworkState)
        return state

    @property
    def card(self) -> River:
        """Content of the river."""
        (found,) = (each for each in walk(self.river.component.shown) if isinstance(each, River))
        return found

    @property
    def number(self) -> int:
        """By which messages name what the map shows."""
        return int(dict(self.layer_map._acting.component.shown)["number"])  # type: ignore[call-overload]

    async def say(self, view: RiverView | LayerMapView, action: str, value: Any) -> None:
        component = view.component if isinstance(view, RiverView) else view._acting.component
        component._handle_msg({"action": action, "value": value})
        await self.settle()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two training images, and four test images, of which 3 is wrong."""
    images = np.zeros((6, 2, 2, 1), "u1")
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
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
    commit_layers(tmp_path, "toy-0123abcd", layers_group(SAID, np.arange(2, 6), LAYOUT))
    return tmp_path


def on_the_page(store: Path, work: Callable[[Seen], Awaitable[None]], query: str = "") -> None:
    """Does `work` on the page of a new session."""

    def build(session: Session, settle: Settle) -> Seen:
        return Seen(session, RiverView(session), LayerMapView(session), settle)

    in_session(store, f"?run=toy-0123abcd&page=network{query}", build, work)


def test_a_lasso_on_the_map_selects_in_its_layer(store: Path) -> None:
    async def work(seen: Seen) -> None:
        around = {"column": "pixels", "x": [0.5, 1.5, 1.5, 0.5], "y": [-0.5, -0.5, 1.5, 1.5]}
        await seen.say(seen.layer_map, "lasso", around)
        ((_, gesture),) = seen.session.selection.steps
        assert gesture == LayerPolygon.drawn("pixels", around["x"], around["y"])  # type: ignore[arg-type]
        assert seen.session.selection.count == 2
        assert seen.card.total == 2
        assert words(seen.river.component.shown).startswith(
            "2 images in the lasso of pixels, 1 misclassified: what"
        )
        assert seen.layer_map._top.bar["title"].endswith(", 2 selected")

    on_the_page(store, work)


def test_a_layer_that_is_chosen_in_one_view_is_shown_in_both_and_stands_in_the_address(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert (seen.card.at, seen.layer_map._acting.component.at) == (1, 1)
        await seen.say(seen.river, "layer", "pixels")
        assert (seen.card.at, seen.layer_map._acting.component.at) == (0, 0)
        await seen.say(seen.layer_map, "layer", "logits")
        assert (seen.card.at, seen.layer_map._acting.component.at) == (2, 2)
        assert "column=logits" in seen.session.address
        await seen.say(seen.river, "layer", "teacher")  # which has no layer
        assert seen.state.column == "logits"

    on_the_page(store, work)


def test_a_link_names_a_layer_or_is_told_that_there_is_none(store: Path) -> None:
    async def told(seen: Seen) -> None:
        assert "there is no layer 'stem'" in words(seen.river.component.shown)
        assert seen.card.at == 1

    async def shown(seen: Seen) -> None:
        assert seen.card.at == 0

    on_the_page(store, told, "&column=stem")
    on_the_page(store, shown, "&column=pixels")


def test_a_click_on_the_map_studies_its_image(store: Path) -> None:
    async def work(seen: Seen) -> None:
        number = seen.number
        await seen.say(seen.layer_map, "pick", {"number": number, "point": 2})
        assert seen.session.navigation.focus == 4
        assert seen.layer_map._acting.component.focus == 2
        await seen.say(seen.layer_map, "hover", [number, 3])
        assert seen.session.navigation.hover == 5
        assert seen.layer_map._acting.component.ringed == 3
        await seen.say(seen.layer_map, "hover", None)
        assert seen.session.navigation.hover is None

    on_the_page(store, work)


PLACES: tuple[Any, ...] = (
    *(7, [], [[0, 9]], [[9, 0]], [[0, 0], [2, 0]], [["0", 0]], [[-1, 0]], [[0, 0.0]]),
    [[0, 0], [1, 0], [2, 0]],
)
SELECTS: tuple[Any, ...] = (
    *(None, 7, [], {}),
    *({"places": places} for places in PLACES),
    *({"places": places, "shift": False, "ctrl": False} for places in PLACES),
)
LASSOS: tuple[Any, ...] = (
    None,
    7,
    [],
    {},
    {"column": "stem", "x": [0, 1, 1], "y": [0, 0, 1]},
    {"column": ["pixels"]},
)
BROKEN: tuple[Any, ...] = (
    {"column": "pixels"},
    {"column": "pixels", "x": [0, 1], "y": [0, 1]},
    {"column": "pixels", "x": [0, 1, math.nan], "y": [0, 0, 1]},
)


def test_what_no_page_of_ours_says_changes_nothing(store: Path) -> None:
    async def work(seen: Seen) -> None:
        for value in SELECTS:
            await seen.say(seen.river, "select", value)
        for value in LASSOS:
            await seen.say(seen.layer_map, "lasso", value)
        for view in (seen.river, seen.layer_map):
            for name in (None, 7, "stem", ["pixels"]):
                await seen.say(view, "layer", name)
        number = seen.number
        for value in (None, [number], [number, 99], [number, -1], [number - 1, 0], ["a", "b"]):
            await seen.say(seen.layer_map, "hover", value)
        for value in (None, {}, {"number": number, "point": 99}, {"number": None, "point": 0}):
            await seen.say(seen.layer_map, "pick", value)
        assert seen.session.notice == ""
        assert (seen.session.selection.steps, seen.state.column) == ((), "")
        assert seen.session.navigation.hover is None
        for value in BROKEN:
            await seen.say(seen.layer_map, "lasso", value)
            assert "three corners" in seen.session.notice
        assert seen.session.selection.steps == ()

    on_the_page(store, work)


def test_the_frame_leaves_out_what_lies_far_and_is_one_for_all_layers() -> None:
    near = np.random.default_rng(0).uniform(-1, 1, (2, 2000, 2))
    near[1] *= 2
    far = near.copy()
    far[0, 0], far[1, 1] = (50, 0), (0, -80)
    left, bottom, right, top = frame(far)
    assert (-2, -2) < (left, bottom) < (-1.9, -1.9)
    assert (1.9, 1.9) < (right, top) < (2, 2)
    assert frame(np.zeros((2, 0, 2))) == [-1, -1, 1, 1]
    assert frame(np.array([[[3.0, 0], [3, 1]]])) == pytest.approx([2.5, 0, 3.5, 1], abs=0.01)
    one = frame(np.zeros((1, 1, 2)))
    assert one[0] < 0 < one[2]


def test_a_layer_of_one_spot_with_a_tail_does_not_make_the_others_small() -> None:
    """A tenth of the images of the second column lie a hundred times as far as the others."""
    place = np.random.default_rng(0).uniform(-1, 1, (2, 2000, 2))
    place[1, :1800] /= 10
    place[1, 1800:] *= 10
    assert np.abs(frame(place)).max() < 1.01
    assert np.abs(frame(place[:, 1800:])).max() > 9  # without the spot there is no tail


def test_what_keys_come_to_is_said(store: Path) -> None:
    async def work(seen: Seen) -> None:
        await seen.say(seen.layer_map, "hover", [seen.number, 1])
        assert seen.layer_map._acting.component.tip["lines"] == ["#3 cat taken for dog"]
        assert seen.session.navigation.hover == 3
        for nothing in (None, [seen.number + 1, 1], [seen.number, 9], "x"):
            await seen.say(seen.layer_map, "hover", nothing)
            assert seen.session.navigation.hover is None

    on_the_page(store, work)
