"""A session over a store in which runs appear."""

import asyncio
import logging
import shutil
import weakref
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from bokeh.document import Document
from bokeh.server.contexts import BokehSessionContext
from bokeh.server.session import ServerSession
from loops import in_own_loop
from tornado.ioloop import IOLoop

from dashboards.pages.archive import PAGE
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.views.archive.state import archive_state
from dashboards.views.time_travel.state import NAME, TimeTravelState
from deepvid.store import import_archive
from deepvid.trust import Infill

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"


async def _found_after_its_folder(tmp_path: Path) -> list[int]:
    """How many runs are listed before and after the journal of a new run is there."""
    store = tmp_path / "store"
    first = import_archive(GOLDEN, store)
    copy = shutil.copytree(first, tmp_path / "second-0123abcd")
    session = Session(store, Document())
    session.poll()  # opens the first: from then on, only a store that has changed is listed
    (store / copy.name).mkdir()
    session.poll()
    counts = [len(session.runs)]
    for file in copy.iterdir():
        file.rename(store / copy.name / file.name)  # changes the run's folder, not the store's
    session.poll()
    return [*counts, len(session.runs)]


def test_a_run_whose_journal_comes_after_its_folder_is_listed(tmp_path: Path) -> None:
    assert in_own_loop(lambda: _found_after_its_folder(tmp_path)) == [1, 2]


async def _after_deletion(tmp_path: Path) -> tuple[str, str, str]:
    """Question of the Archive page, and its run, when a poll is first to see that one is gone."""
    store = tmp_path / "store"
    first = import_archive(GOLDEN, store)
    shutil.copytree(first, store / "second-0123abcd")
    session = Session(store, Document(), {"first": PageState, PAGE.name: PAGE.state})
    session.poll()
    session.navigation.param.update(run=first.name, page="archive")
    archive_state(session).tab = "delete"
    shutil.rmtree(first)
    session.poll()
    return session.navigation.run, archive_state(session).tab, session.notice


def test_the_next_run_is_not_about_to_be_deleted(tmp_path: Path) -> None:
    run, tab, notice = in_own_loop(lambda: _after_deletion(tmp_path))
    assert (run, tab) == ("second-0123abcd", "provenance")
    assert "was deleted" in notice


async def _moved_and_back(tmp_path: Path, others: int) -> list[tuple[str, str]]:
    """Run and notice of a page when the store, or the run alone, is moved away and back."""
    store, away = tmp_path / "store", tmp_path / "away"
    run = import_archive(GOLDEN, store)
    for number in range(others):
        shutil.copytree(run, store / f"other{number}-0123abcd")
    moved = run if others else store
    session = Session(store, Document())
    session.go(f"?run={run.name}")
    seen = []
    for source, target in ((moved, away), (away, moved)):
        source.rename(target)
        session.poll()
        session.poll()
        seen.append((session.navigation.run, session.notice))
    return seen


def test_a_run_that_comes_back_is_not_said_to_be_deleted(tmp_path: Path) -> None:
    gone = "golden-c263b8b9 was deleted or moved."
    alone = in_own_loop(lambda: _moved_and_back(tmp_path / "a", 0))
    assert alone == [("", gone), ("golden-c263b8b9", "")]
    beside = in_own_loop(lambda: _moved_and_back(tmp_path / "b", 1))
    assert beside == [("other0-0123abcd", gone), ("other0-0123abcd", "")]


async def _schedule_and_go(store: Path) -> list[str]:
    """Calls of what is scheduled before a browser goes for good, and after."""
    document, called = Document(), list[str]()
    context = BokehSessionContext("id", None, document)  # type: ignore[arg-type]
    document._session_context = weakref.ref(context)
    served = ServerSession("id", document, IOLoop.current())
    context._set_session(served)
    session = Session(store, document)
    for word in ("before", "after"):
        session.schedule(partial(called.append, word))
        if word == "after":
            served.destroy()
        await asyncio.sleep(0.01)
    return called


def test_what_comes_after_a_browser_has_gone_is_dropped_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert in_own_loop(lambda: _schedule_and_go(tmp_path)) == ["before"]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def _session_of_two_runs(tmp_path: Path) -> tuple[Session, TimeTravelState, str, str]:
    """On the Time travel page, with its state and the ids of both runs."""
    store = tmp_path / "store"
    first = import_archive(GOLDEN, store)
    second = shutil.copytree(first, store / "second-0123abcd")
    session = Session(store, Document(), {NAME: TimeTravelState})
    state = session.pages[NAME]
    assert isinstance(state, TimeTravelState)
    return session, state, first.name, second.name


async def _epochs_as_runs_are_opened(tmp_path: Path) -> list[str]:
    """The address' form and epoch: as a link names them, of the same run again, and of another one."""
    session, state, first, second = _session_of_two_runs(tmp_path)
    session.go(f"?run={first}&form=layout&epoch=12&trust=yes")
    asked = [f"{state.form} {state.epoch} {state.trust}"]
    for run in (first, second):
        session.navigation.run = run
        asked.append(f"{state.form} {state.epoch} {state.trust}")
    return asked


def test_an_epoch_is_asked_of_the_run_that_is_open_and_of_no_other(tmp_path: Path) -> None:
    asked = in_own_loop(lambda: _epochs_as_runs_are_opened(tmp_path))
    assert asked == ["layout 12 True", "layout 12 True", " None True"]


async def _led_by_two_links(tmp_path: Path) -> list[tuple[str, int | None]]:
    """The run and the epoch after a link, and after one that names another run and an epoch of it."""
    session, state, first, second = _session_of_two_runs(tmp_path)
    asked = []
    for run, epoch in ((first, 12), (second, 3)):
        session.go(f"?run={run}&epoch={epoch}")
        asked.append((session.navigation.run, state.epoch))
    return asked


def test_a_link_names_a_run_and_an_epoch_of_it(tmp_path: Path) -> None:
    (_, first), (run, second) = in_own_loop(lambda: _led_by_two_links(tmp_path))
    assert (first, run, second) == (12, "second-0123abcd", 3)


def _judged(sample: int) -> xr.Dataset:
    """One map of an image of two pixels, which a second judge has seen."""
    one = {"scale": 1.0, "margin_lost": 1.0, "margin_chance": 0.5, "infill_lost": 2.0, "infill_chance": 0.5}
    return xr.Dataset(
        {
            "sample": ("explained", [sample]),
            "map": (("explained", "method", "y", "x"), np.ones((1, 1, 1, 2), "i1")),
            "contrast": (("explained", "side"), [[0, 1]]),
            "infill": ("explained", [int(Infill.JUDGED)]),
            **{name: (("explained", "method"), [[value]]) for name, value in one.items()},
        },
        attrs={"settings_key": "e", "methods": ["occlusion"], "labels": ["Occlusion"]},
    )


async def _seen_by_another(tmp_path: Path) -> list[tuple[int, str]]:
    """The explanations of a session that is opened after another was answered."""
    run = import_archive(GOLDEN, tmp_path / "store")
    asking, later = Session(tmp_path / "store", Document()), Session(tmp_path / "store", Document())
    asking.go(f"?run={run.name}")
    assert asking.run is not None
    asking.take_explanation(asking.run, _judged(3))
    later.go(f"?run={run.name}")
    return [(sample, one.infill.name) for (sample, _), one in later.explained.items()]


def test_what_a_second_judge_said_is_there_for_every_session(tmp_path: Path) -> None:
    assert in_own_loop(lambda: _seen_by_another(tmp_path)) == [(3, "JUDGED")]
