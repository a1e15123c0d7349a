"""What a session sees of a store in which runs appear."""

import shutil
from pathlib import Path

from bokeh.document import Document
from loops import in_own_loop

from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.views.archive.state import ArchiveState, archive_state
from deepvid.store import import_archive

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
    """What the Archive page asks about, of which run, when a poll is first to see that one is gone."""
    store = tmp_path / "store"
    first = import_archive(GOLDEN, store)
    shutil.copytree(first, store / "second-0123abcd")
    session = Session(store, Document(), {"first": PageState, "archive": ArchiveState})
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
