"""A page, added as CONTRIBUTING.md says, is in the header, in the address, and says what it lacks."""

import os
from pathlib import Path
from typing import Any

import pytest
from additions import Edit, added
from playwright.sync_api import Page, expect

from deepvid.store import import_archive

pytestmark = pytest.mark.browser

PAGE = '''"""What the run is, in large letters."""

import panel as pn
import param

from dashboards.pages.page import Page
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.session.state import PageState


class PosterState(PageState):
    words: str = param.String("hello")


def build(session: Session) -> pn.viewable.Viewable:
    state = session.pages["poster"]
    text = pn.pane.HTML(f"<h1>{state.words}</h1>")
    session.showing.watch(state, "words", lambda *_: text.param.update(object=f"<h1>{state.words}</h1>"))
    more = pn.widgets.Button(name="more")
    more.on_click(lambda _: state.param.update(words=state.words + "!"))
    return pn.Column(text, more)


PAGE = Page("poster", "Poster", build, PosterState, needs=(needs.RUN,))
'''
CHANGE = {
    "dashboards/pages/poster.py": PAGE,
    "dashboards/pages/catalogue.py": (
        Edit(
            "import archive, diagnose, network, playground, time_travel, training\n",
            "import archive, diagnose, network, playground, poster, time_travel, training\n",
        ),
        Edit("    archive.PAGE,\n", "    archive.PAGE,\n    poster.PAGE,\n"),
    ),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    packages = added("a page", CHANGE, tmp_path_factory.mktemp("packages"))
    return {**os.environ, "PYTHONPATH": str(packages)}


def test_a_page_is_a_file_and_a_line(
    page: Page, environment: dict[str, str], serve_command: Any, tmp_path: Path
) -> None:
    store, empty = tmp_path / "store", tmp_path / "empty"
    empty.mkdir()
    import_archive(Path(__file__).parents[1] / "golden" / "version_1.zip", store)
    with serve_command(store, env=environment, cwd=tmp_path) as served:
        page.goto(served.address)
        page.get_by_role("button", name="Poster").click()
        expect(page.get_by_role("heading", name="hello")).to_be_visible()
        page.get_by_role("button", name="more").click()
        expect(page.get_by_role("heading", name="hello!")).to_be_visible()
        page.wait_for_function(
            "location.search.includes('page=poster') && location.search.includes('words=hello')"
        )
        page.goto(f"{served.address}?page=poster&words=linked")
        expect(page.get_by_role("heading", name="linked")).to_be_visible()
    with serve_command(empty, env=environment, cwd=tmp_path) as served:
        page.goto(f"{served.address}?page=poster")
        expect(page.get_by_text("No run to show yet")).to_be_visible()
