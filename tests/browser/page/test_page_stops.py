"""The Tab key leads through a page: every stop has a name, and the focus is seen there."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tab_stops import tab_stops

from dashboards.pages.diagnose import READINGS, TABS
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
SELECTED = '[["replace","cells",[[0,1]]]]'


def check(page: Page) -> list[str]:
    """The names of its stops."""
    page.wait_for_timeout(1000)  # until the views are drawn
    stops = tab_stops(page)
    assert [stop for stop in stops if not stop.told] == []
    assert [stop for stop in stops if not stop.seen] == []
    return [stop.name for stop in stops]


@pytest.mark.parametrize("tab", [tab.name for tab in TABS])
def test_every_stop_of_diagnose_is_named_and_seen(serve_app: Serve, made: Any, page: Page, tab: str) -> None:
    index = [known.name for known in TABS].index(tab)
    reading = READINGS[index % len(READINGS)]
    first, second = made.fitted[:2]
    serve_app(made.path, f"?tab={tab}&reading={reading.name}&focus={first}&pin={second}&select={SELECTED}")
    expect(page.get_by_role("button", name=f"What {reading.title} shows")).to_be_visible()
    names = check(page)
    assert f"What {TABS[index].title} shows" in names
    assert sum(name.startswith("Images as points: arrow keys") for name in names) == 1


@pytest.mark.parametrize("tab", ["provenance", "download", "verify", "compare", "delete"])
def test_every_stop_of_archive_is_named_and_seen(serve_app: Serve, made: Any, page: Page, tab: str) -> None:
    serve_app(made.path, f"?page=archive&tab={tab}")
    expect(page.get_by_role("tab", name=tab.capitalize())).to_be_visible()
    assert made.run in check(page)
