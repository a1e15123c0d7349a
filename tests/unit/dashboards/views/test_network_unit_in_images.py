"""A unit in one image, without a browser: what is stored is shown where nothing is computed, and said."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from looks import PIXEL, column, commit_layers, layers_group, unit_arrays, with_maps
from sessions import Settle, in_session, settled_until

from dashboards.kit.elements import Element, walk, words
from dashboards.kit.pictures import Heat
from dashboards.session import computing
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.network.maps.view import MapsView
from dashboards.views.network.occlusion import OcclusionView
from dashboards.views.network.state import NetworkState
from deepvid.store import open_writer

RUN = "toy-0123abcd"
REFUSAL = "This server computes nothing."
COLUMNS = (
    column("pixels", shape=[2, 2, 1], parameters=0, units=0, receptive_field=PIXEL),
    column("conv", shape=[2, 1, 2], units=2, receptive_field=PIXEL),
    column("pool", shape=[2], parameters=0, units=0),
    column("logits", shape=[2], units=0),
)
SAMPLES = np.arange(2, 6)  # the test images; of the last one no maps are stored
MAPS = np.zeros((3, 49, 2))
MAPS[:, 0, 0] = [1, 2, 6]
MAPS[:, 1, 1] = [1, 1, 2]


class Seen(NamedTuple):
    """Both views of a session."""

    session: Session
    maps: MapsView
    occlusion: OcclusionView
    settle: Settle

    @property
    def state(self) -> NetworkState:
        state = self.session.pages["network"]
        assert isinstance(state, NetworkState)
        return state

    @property
    def card(self) -> Element:
        return self.maps.component.shown

    @property
    def words(self) -> str:
        """All that the card of maps says."""
        return words(self.card)

    @property
    def samples(self) -> list[int]:
        """Of the images that are compared."""
        return [int(each.data["sample"]) for each in walk(self.card) if "sample" in each.data]

    @property
    def channels(self) -> list[Element]:
        return [each for each in walk(self.card) if each.look == "channel"]

    def heats(self, channel: int) -> list[Heat]:
        return [each for each in walk(self.channels[channel]) if isinstance(each, Heat)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """A commit waits for all views, in threads."""
        assert await settled_until(self.session.document, holds)

    async def say(self, action: str, value: Any = None) -> None:
        self.maps.component._handle_msg({"action": action, "value": value})
        await self.settle()


def layered(columns: Any = COLUMNS) -> xr.Dataset:
    responses = {1: np.arange(8.0).reshape(4, 2)}
    group = layers_group(np.zeros((len(columns), 4)), SAMPLES, columns=columns)
    return group.assign(unit_arrays(responses))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two training images, and four test images, of which the second, sample 3, is wrong."""
    monkeypatch.setattr(computing, "refusal", lambda: REFUSAL)
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
    with open_writer(tmp_path, RUN, config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
        writer.finish()
    return tmp_path


def of(store: Path, group: xr.Dataset, search: str, work: Callable[[Seen], Awaitable[None]]) -> None:
    commit_layers(store, RUN, group)
    build = lambda session, settle: Seen(session, MapsView(session), OcclusionView(session), settle)  # noqa: E731
    in_session(store, f"?page=network&column=conv{search}", build, work)


def mapped() -> xr.Dataset:
    return with_maps(layered(), SAMPLES[:3], MAPS, {"conv": [2, 1]})


def test_stored_maps_are_shown_where_nothing_is_computed_and_others_are_named(store: Path) -> None:
    async def work(seen: Seen) -> None:
        await seen.settle()
        # the focus, a cat taken for a dog; then a recognized cat and a recognized dog
        assert seen.samples == [3, 2, 4]
        assert [channel.data["unit"] for channel in seen.channels] == [0, 1]
        first, second = (
            np.stack([np.frombuffer(heat.values, "f4") for heat in seen.heats(channel)]) for channel in (0, 1)
        )
        np.testing.assert_allclose(first, [[2, 0], [1, 0], [6, 0]], rtol=1e-6)
        np.testing.assert_allclose(second, [[0, 1], [0, 1], [0, 2]], rtol=1e-6)
        assert [seen.heats(channel)[0].end for channel in (0, 1)] == pytest.approx([6, 2])
        seen.session.focus(5)
        await seen.until(lambda: "#5" in seen.words)
        assert f"The maps of #5 are not stored. {REFUSAL}" in seen.words
        cells = [each for each in walk(seen.channels[0]) if each.look == "unknown" or isinstance(each, Heat)]
        assert [each.look for each in cells] == ["unknown", ""]
        text = words(seen.occlusion.component.shown)
        assert (
            text == f"What covering an image changes is not stored, but computed with the teacher. {REFUSAL}"
        )

    of(store, mapped(), "&focus=3", work)


def test_the_first_of_the_selection_are_offered(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert seen.samples == [3, 2, 4]
        seen.session.select(Step(Mode.REPLACE, Samples((4, 5))))
        await seen.until(lambda: seen.samples == [4, 5])
        assert seen.samples == [4, 5]  # the first of a selection is studied

    of(store, mapped(), "&focus=3", work)


def test_images_are_kept_and_let_go_and_what_no_page_sends_changes_nothing(store: Path) -> None:
    async def work(seen: Seen) -> None:
        for sample in (2, 3, 4, 5):
            seen.session.focus(sample)
            await seen.until(partial(lambda sample: sample in seen.samples, sample))
            await seen.say("keep", sample)
        assert seen.state.mapped == "2,3,4,5"
        await seen.say("keep", 3)
        assert seen.state.mapped == "2,4,5"
        before = seen.state.to_query()
        for action in ("keep", "study", "unit", "scale", "layer"):
            for value in (None, 0, -1, 10**30, 1.5, True, "x", [], {}, {"number": 1, "unit": 9}, {"unit": 0}):
                await seen.say(action, value)
        assert seen.state.to_query() == before
        await seen.say("unit", {"number": 1, "unit": 1})
        assert seen.state.unit == 1

    of(store, mapped(), "&focus=4", work)


@pytest.mark.parametrize(
    ("name", "why"),
    [("pixels", "Pixels are no units"), ("pool", "pool has no places"), ("logits", "Logits have no places")],
)
def test_d_7_what_has_no_maps_says_so_and_names_what_has(store: Path, name: str, why: str) -> None:
    async def work(seen: Seen) -> None:
        assert seen.words == f"{why}: there are no maps to compare. These layers have some:conv"
        await seen.say("layer", "conv")
        assert seen.state.column == "conv"
        assert seen.channels

    of(store, mapped(), f"&focus=4&column={name}", work)


def test_a_run_of_an_earlier_version_says_what_to_do(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert seen.maps._lacks is not None
        assert "by an earlier version" in seen.maps._lacks.text
        assert seen.maps._lacks.command.text.startswith(f"deepvid network {RUN}")

    of(store, layered(), "&focus=4", work)


def test_a_network_without_maps_says_so(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert seen.maps._lacks is not None
        assert seen.maps._lacks.title == "No maps in this network"

    dense = (COLUMNS[0], column("conv", shape=[2], units=2), COLUMNS[3])
    of(store, layered(dense), "&focus=4", work)
