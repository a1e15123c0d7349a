"""The view of training images, by a session and by messages of a browser."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from bokeh.document import Document
from looks import asked_of_training, commit_layers, layers_group
from loops import in_own_loop
from sessions import settled, settled_until

from dashboards.data.training_images import training_images
from dashboards.kit.elements import Button, Choice, Element, Shelf, walk, words
from dashboards.pages.catalogue import PAGES
from dashboards.session.gestures import Probe
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.influence.view import InfluenceView
from deepvid.network.influence import influence, refit
from deepvid.network.training_images import together
from deepvid.store import open_run, open_writer

RUN = "toy-0123abcd"
LABEL = np.array([0, 1, 0, 1, 0, 0, 1, 1], "i4")  # four training images, four test images of which 5 is wrong
FEATURES = np.array([[2, 0], [0, 2], [1.5, 0.4], [0.3, 1.2], [1, 0], [0, 1], [0.1, 1], [0, 1.4]], "f4")
SAID = np.array([0, 1, 0, 1, 0, 1, 1, 1])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((8, 2, 2, 1), "u1")),
            "label": ("sample", LABEL),
            "test": ("sample", np.arange(8) >= 4),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )
    arrays = {
        "logits": (("sample", "class"), np.eye(2, dtype="f4")[SAID]),
        "features": (("sample", "feature"), FEATURES),
    }
    teacher = xr.Dataset(arrays, attrs={"class_names": ["cat", "dog"]})
    with open_writer(tmp_path, RUN, config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("teacher", "b" * 12, teacher)
        series = writer.series("teacher", "b" * 12, epoch(0), 2)
        for number in range(2):
            series.append(epoch(number), metrics={}, state={})
    group = layers_group(np.stack([SAID[4:]] * 3), np.arange(4, 8))
    asked = asked_of_training(group, FEATURES[:4], LABEL[:4], 2).assign(
        snapshot_features=(
            ("snapshot", "training", "feature"),
            np.stack([inputs(0)[:4], inputs(1)[:4]]).astype("f2"),
        ),
        snapshot_logits=(
            ("snapshot", "training", "class"),
            np.stack([answers(0)[:4], answers(1)[:4]]).astype("f2"),
        ),
    )
    told = [{"epoch": 1, "rate": 0.5}, {"epoch": 2, "rate": 0.25}]
    commit_layers(tmp_path, RUN, asked.assign_attrs(snapshots=told))
    return tmp_path


def inputs(number: int) -> np.ndarray:
    """Of all images at an epoch."""
    return np.asarray((number + 1) * FEATURES, "f4")


def answers(number: int) -> np.ndarray:
    return np.asarray(inputs(number) * [0.3, 0.2], "f4")


def epoch(number: int) -> xr.Dataset:
    return xr.Dataset(
        {
            "test_logits": (("sample", "class"), answers(number)[4:]),
            "test_features": (("sample", "feature"), inputs(number)[4:]),
        },
        coords={"sample": np.arange(4, 8, dtype="i4")},
    )


def on_the_page(store: Path, work: Callable[["Seen"], Awaitable[None]], query: str = "") -> None:
    """Does `work` on the page of a new session."""

    async def opened() -> None:
        session = Session(store, Document(), {page.name: page.state for page in PAGES})
        session.poll()
        session.go(f"?run={RUN}&page=network{query}")
        seen = Seen(session)
        await seen.until(lambda: bool(seen.tree) and len(seen.shown) == 2)
        await work(seen)

    in_own_loop(opened)


class Seen:
    """The view in a session without a browser."""

    def __init__(self, session: Session) -> None:
        self.session, self.view = session, InfluenceView(session)

    async def settle(self) -> None:
        await settled(self.session.document)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Work in threads is done."""
        assert await settled_until(self.session.document, holds), "not within 20 seconds"

    async def say(self, action: str, value: Any) -> None:
        self.view.component._handle_msg({"action": action, "value": value})
        await self.settle()

    @property
    def tree(self) -> Element:
        return self.view.component.shown

    @property
    def shelves(self) -> list[Shelf]:
        return [each for each in walk(self.tree) if isinstance(each, Shelf)]

    @property
    def shown(self) -> list[list[int]]:
        """The samples of both sides."""
        return [
            [int(each.data["sample"]) for each in walk(shelf) if "sample" in each.data]
            for shelf in self.shelves
        ]

    def chosen(self, act: str) -> Choice:
        (choice,) = (each for each in walk(self.tree) if isinstance(each, Choice) and each.act == act)
        return choice

    def told(self, look: str) -> list[str]:
        """Words of every element of a look, as they stand."""
        return [words(each) for each in walk(self.tree) if look in each.look.split()]

    @property
    def marked(self) -> list[Any]:
        """Samples whose flags are pressed."""
        buttons = (each for each in walk(self.tree) if isinstance(each, Button))
        return [each.value for each in buttons if each.act == "mark" and each.pressed]


def test_both_sides_are_those_of_influence_and_nobody_is_on_both(store: Path) -> None:
    async def work(seen: Seen) -> None:
        score = influence(refit(FEATURES[:4], LABEL[:4], 2), FEATURES[[5]], SAID[[5]])
        order = np.argsort(-score)
        expected = [[i for i in order if score[i] > 0], [i for i in order[::-1] if score[i] < 0]]
        assert seen.shown == expected
        assert seen.shelves[0].title == "Speak for dog"
        assert seen.told("sentence")[0].startswith("#5, cat taken for dog")
        assert seen.shelves[0].notes[1] == "values in 10⁻³ nats"
        values = seen.told("value")
        assert all(value[0] == "+" for value in values[: len(expected[0])])

    on_the_page(store, work, "&focus=5")


def test_tracin_is_the_sum_over_snapshots_of_products_of_gradients(store: Path) -> None:
    asked, query = training_images(open_run(store / RUN)), 5
    expected = np.zeros(4)
    for number, rate in ((0, 0.5), (1, 0.25)):
        gradients = []
        for image, label in [*enumerate(LABEL[:4]), (query, SAID[query])]:
            logits = answers(number)[image].astype(float)
            change = np.exp(logits) / np.exp(logits).sum() - np.eye(2)[label]
            gradients.append(np.outer(change, [*inputs(number)[image], 1]))
        expected += [rate * (one * gradients[-1]).sum() for one in gradients[:-1]]
    (first, second) = asked.terms("tracin", np.array([query]))
    np.testing.assert_allclose(together([first, second]), expected, rtol=1e-3)


def test_of_a_selection_the_mean_counts_once_it_is_chosen(store: Path) -> None:
    async def work(seen: Seen) -> None:
        assert seen.chosen("whose").chosen == "focus"
        assert seen.chosen("whose").options[0][2] == "Nothing is selected"
        seen.session.select(Step(Mode.REPLACE, Probe((("logits", (1,)),))))
        await seen.until(lambda: not seen.chosen("whose").options[0][2])
        assert seen.chosen("whose").chosen == "focus"
        await seen.say("whose", "selection")
        assert seen.session.selection.count == 3
        score = influence(refit(FEATURES[:4], LABEL[:4], 2), FEATURES[5:], SAID[5:])
        assert seen.shown[0][0] == score.argmax()
        await seen.until(lambda: "of 3 images name #" in seen.told("notes")[0])
        await seen.say("whose", "focus")
        assert seen.chosen("whose").chosen == "focus"
        assert "Asked one by one" not in seen.told("notes")[0]

    on_the_page(store, work, "&focus=5")


@pytest.mark.parametrize("measure", ["tracin", "representer", "similarity"])
def test_every_measure_names_images_of_the_class_for_it(store: Path, measure: str) -> None:
    async def work(seen: Seen) -> None:
        await seen.say("measure", measure)
        assert seen.chosen("measure").chosen == measure
        towards, against = seen.shown
        assert towards
        assert {int(LABEL[sample]) for sample in towards} == {1}
        assert {int(LABEL[sample]) for sample in against} <= {0}
        assert seen.told("notes")[0]

    on_the_page(store, work, "&focus=6")


HOSTILE: tuple[Any, ...] = (None, 7.5, "7", [], {}, -1, 10**12, True, "influence; drop", [[]], float("nan"))


@pytest.mark.parametrize("action", ["measure", "whose", "study", "hover", "mark"])
def test_what_names_nothing_that_is_shown_changes_nothing(store: Path, action: str) -> None:
    async def work(seen: Seen) -> None:
        before, focus = seen.tree, seen.session.navigation.focus
        for value in HOSTILE:
            await seen.say(action, value)
        assert seen.tree == before
        assert seen.session.navigation.focus == focus
        assert seen.session.marks.entries == {}

    on_the_page(store, work, "&focus=5")


def test_a_mark_is_put_and_taken_back(store: Path) -> None:
    async def work(seen: Seen) -> None:
        sample = seen.shown[0][0]
        await seen.say("mark", sample)
        assert list(seen.session.marks.entries) == [sample]
        assert seen.marked == [sample]
        await seen.say("mark", sample)
        assert seen.session.marks.entries == {}

    on_the_page(store, work, "&focus=5")
