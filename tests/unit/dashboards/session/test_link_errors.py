"""A link to what is not there says so, and the rest of it is shown."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bokeh.document import Document
from loops import in_own_loop

from dashboards.data.population import population
from dashboards.data.students import StudentTable
from dashboards.session.address import missing_yet
from dashboards.session.navigation import Navigation
from dashboards.session.session import Session
from deepvid.store import import_archive, open_run

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
"""Test images 20 to 35, ten classes."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("runs")
    import_archive(GOLDEN, store)
    return store


async def _opened(store: Path, query: dict[str, str]) -> tuple[str, dict[str, object]]:
    session = Session(store, Document())
    session.go("?" + urlencode({"run": "golden", **query}))
    return session.notice, {name: getattr(session.navigation, name) for name in query if name != "select"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("page", "nowhere", "no page 'nowhere'"),
        ("color", "<b>blue</b>", "no color '<b>blue</b>'"),
        ("focus", "x", "no focus 'x'"),
        ("focus", "19", "no image #19 among the test images"),
        ("pin", "999999999999", "no image #999999999999 among the test images"),
        ("projection", "tsne" * 50, f"no map '{('tsne' * 10)[:39]}…'"),
        ("sort", "distance:36", "no order 'distance:36'"),
        ("sort", "alike:20", "no order 'alike:20'"),
        ("split", "validation", "no split 'validation'"),
        ("sort", "sideways", "no order 'sideways'"),
        ("tree", "soft", "no tree 'soft'"),
        ("overlay", "cam", "no explanation 'cam'"),
        ("student", "0123abcd", "no student '0123abcd'"),
        ("classes", "10", "no class of the number '10'"),
        ("select", '[["conquer","cells",[[0,1]]]]', "a selection that cannot be read"),
    ],
)
def test_what_a_link_names_and_is_not_there_is_said(store: Path, name: str, text: str, told: str) -> None:
    notice, shown = in_own_loop(lambda: _opened(store, {name: text, "theme": "dark"}))
    assert f"Found: {told}. Use the rest" in notice
    assert shown["theme"] == "dark"
    assert name == "select" or str(shown[name]) != text


def test_nothing_is_colored_by_what_the_run_does_not_know(store: Path) -> None:
    run = open_run(next(store.glob("golden-*")))
    table = population(run)
    assert table is not None
    values = {**Navigation(["page"]).from_query({}), "color": "error"}
    assert missing_yet(table, run, StudentTable(), values) == {}
    taught = replace(table, predictions=None)
    assert missing_yet(taught, run, StudentTable(), values) == {"color": "no color 'error'"}


def test_what_is_there_is_not_told(store: Path) -> None:
    said = {"focus": "20", "pin": "35", "sort": "distance:30", "classes": "9", "rings": "no"}
    notice, shown = in_own_loop(lambda: _opened(store, said))
    assert notice == ""
    assert shown == {"focus": 20, "pin": 35, "sort": "distance:30", "classes": "9", "rings": False}
    held = {"overlay": "student", "student": "41d7493b", "color": "trust", "tree": "head"}
    assert in_own_loop(lambda: _opened(store, held)) == ("", held)
    assert (
        "among the test images" not in in_own_loop(lambda: _opened(store, {"run": "gone", "focus": "9"}))[0]
    )
