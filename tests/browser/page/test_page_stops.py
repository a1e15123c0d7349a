"""The Tab key leads through a page: every stop has a name, and the focus is seen there."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from resting import rested
from tab_stops import tab_stops

from dashboards.pages.diagnose import READINGS, TABS, THERE
from dashboards.pages.tabbed import parts_of
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
SELECTED = '[["replace","cells",[[0,1]]]]'
FROM_ITS_START = """() => {
  document.body.tabIndex = -1
  document.body.focus()
  document.body.removeAttribute("tabindex")
}"""


def stops(page: Page) -> tuple[list[str], list[str]]:
    """The names of the stops of a page, and what is wrong with them."""
    rested(page)
    page.evaluate(FROM_ITS_START)
    found = tab_stops(page)
    unnamed = [f"without a name: {stop.html}" for stop in found if not stop.told]
    unseen = [f"not seen: {stop.html}" for stop in found if not stop.seen]
    return [stop.name for stop in found], unnamed + unseen


def test_every_stop_of_diagnose_is_named_and_seen(serve_app: Serve, made: Any, page: Page) -> None:
    serve_app(made.path, f"?focus={made.fitted[0]}&select={SELECTED}")
    told, wrong, seen = {}, {}, {}
    readings = [reading for reading in READINGS if reading.name not in THERE]
    for index, tab in enumerate(TABS):
        reading = readings[index % len(readings)]
        page.keyboard.press(str(index + 1))
        seen[tab.name] = next((part for part in parts_of(tab) if part.name not in THERE), tab).title
        page.get_by_role("tab", name=reading.title, exact=True).click()
        for title in (seen[tab.name], (parts_of(reading) or (reading,))[0].title):
            expect(page.get_by_role("button", name=f"What {title} shows").first).to_be_visible()
        told[tab.name], wrong[tab.name] = stops(page)
    assert wrong == {tab.name: [] for tab in TABS}
    assert [tab.name for tab in TABS if f"What {seen[tab.name]} shows" not in told[tab.name]] == []
    maps = {
        tab: sum(name.startswith("Images as points: arrow keys") for name in names)
        for tab, names in told.items()
    }
    assert maps == {tab.name: 1 for tab in TABS}


def test_every_stop_of_archive_is_named_and_seen(serve_app: Serve, made: Any, page: Page) -> None:
    serve_app(made.path, "?page=archive")
    told, wrong = {}, {}
    for tab in ("provenance", "download", "verify", "compare", "delete"):
        page.get_by_role("tab", name=tab.capitalize(), exact=True).click()
        expect(page.get_by_role("tab", name=tab.capitalize(), exact=True, selected=True)).to_be_visible()
        told[tab], wrong[tab] = stops(page)
    assert wrong == {tab: [] for tab in told}
    assert [tab for tab, names in told.items() if made.run not in names] == []
