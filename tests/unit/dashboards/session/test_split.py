"""The training images of a run in the place of its test images."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from sessions import Settle, in_session, settled_until

import dashboards.data.population as module
from dashboards.data.population import TEST, TRAINING
from dashboards.session.gestures import Query
from dashboards.session.notes import NamedSelection, samples_named
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.header.view import HeaderView
from deepvid.errors import DamagedError
from deepvid.store import import_archive, kept_named, open_run

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
"""Training images 0 to 19, test images 20 to 35."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_archive(GOLDEN, tmp_path_factory.mktemp("runs")).parent


class Opened(NamedTuple):
    session: Session
    settle: Settle


def test_a_selection_is_made_among_the_images_shown_and_back_again(store: Path) -> None:
    label = open_run(GOLDEN).stages["dataset"].open()["label"].to_numpy()

    async def work(opened: Opened) -> None:
        session, settle = opened
        name = session.population.class_names[label[0]]  # type: ignore[union-attr]
        session.select(Step(Mode.REPLACE, Query(f'true == "{name}"')))
        await settle()
        of_test = session.selection.mask
        focus = session.navigation.focus
        session.show_split(TRAINING)
        await settle()
        table, mask = session.population, session.selection.mask
        assert table is not None
        assert mask is not None
        assert table.samples[mask].tolist() == np.flatnonzero(label[:20] == label[0]).tolist()
        assert session.navigation.focus in table.samples  # what is offered is one of these
        session.show_split(TEST)
        await settle()
        np.testing.assert_array_equal(session.selection.mask, of_test)
        assert session.navigation.focus == focus

    in_session(store, "?run=golden", Opened, work)


def test_who_studies_a_training_image_sees_the_training_images(store: Path) -> None:
    async def work(opened: Opened) -> None:
        session, settle = opened
        session.navigation.pin = 25
        session.focus(3)
        await settle()
        assert (session.navigation.split, session.navigation.focus) == (TRAINING, 3)
        assert session.navigation.pin is None  # it is none of them
        assert session.linker.scene.row == 3
        session.focus_asked(36)
        session.focus_asked("4")
        assert session.navigation.focus == 3
        session.focus(21)
        await settle()
        assert (session.navigation.split, session.navigation.focus) == (TEST, 21)

    in_session(store, "?run=golden", Opened, work)


def test_a_named_selection_is_one_of_the_images_that_it_was_made_among(
    store: Path,
) -> None:
    label = open_run(GOLDEN).stages["dataset"].open()["label"].to_numpy()

    async def work(opened: Opened) -> None:
        session, settle = opened
        name = session.population.class_names[label[0]]  # type: ignore[union-attr]
        steps = (Step(Mode.REPLACE, Query(f'true == "{name}"')),)
        session.named_selections.put("odd", NamedSelection(steps, TRAINING))
        assert await settled_until(session.document, lambda: bool(kept_named(session.run)))  # type: ignore[arg-type]
        assert samples_named(session.run, "odd") == np.flatnonzero(label[:20] == label[0]).tolist()  # type: ignore[arg-type]
        HeaderView(session, [["diagnose", "Diagnose"]], ["diagnose"])._have("odd")
        await settle()
        assert session.navigation.split == TRAINING
        assert session.selection.steps == steps

    in_session(store, "?run=golden", Opened, work)


def test_features_that_cannot_be_read_leave_what_is_shown(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise DamagedError("A file is as it was committed", "another one", "Restore it")

    async def work(opened: Opened) -> None:
        session = opened.session
        monkeypatch.setattr(module, "alike", damaged)
        module._tables._answers.clear()
        before = session.population
        session.show_split(TRAINING)
        assert (session.navigation.split, session.population) == (TEST, before)
        assert "another one" in session.notice

    in_session(store, "?run=golden", Opened, work)


def test_a_link_shows_them(store: Path) -> None:
    async def work(opened: Opened) -> None:
        session = opened.session
        assert (session.navigation.split, session.navigation.focus) == (TRAINING, 7)
        assert session.notice == ""
        assert "split=training" in session.address

    in_session(store, "?run=golden&split=training&focus=7", Opened, work)
