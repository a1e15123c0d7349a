"""No page breaks a rule of accessibility that a program can check."""

from collections.abc import Callable
from typing import Any

import pytest
from accessible import violations
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.pages.diagnose import READINGS, TABS, THERE
from dashboards.pages.tabbed import parts_of
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_of_diagnose(serve_app: Serve, made: Any, page: Page, theme: str) -> None:
    serve_app(made.path, f"?focus={made.fitted[0]}&color=trust&theme={theme}")
    broken, readings = {}, [reading for reading in READINGS if reading.name not in THERE]
    for index, tab in enumerate(TABS, 1):
        page.keyboard.press(str(index))
        seen = next((part for part in parts_of(tab) if part.name not in THERE), tab)
        reading = readings[(index - 1) % len(readings)]
        page.get_by_role("tab", name=reading.title, exact=True).click()
        for title in (seen.title, (parts_of(reading) or (reading,))[0].title):
            expect(page.get_by_role("button", name=f"What {title} shows")).to_be_visible()
        rested(page)
        broken[tab.name, reading.name] = violations(page, stylesheets=False)
    page.keyboard.press("?")
    page.get_by_role("button", name="Save the selection").click()
    rested(page)
    broken["help", "save"] = violations(page)
    assert {tab: rules for tab, rules in broken.items() if rules} == {}


def test_every_tab_of_archive(serve_app: Serve, made: Any, page: Page) -> None:
    serve_app(made.path, "?page=archive")
    broken = {}
    for tab in ("provenance", "download", "verify", "compare", "delete"):
        page.get_by_role("tab", name=tab.capitalize(), exact=True).click()
        expect(page.get_by_role("tab", name=tab.capitalize(), exact=True, selected=True)).to_be_visible()
        rested(page)
        broken[tab] = violations(page, stylesheets=tab == "delete")
    assert {tab: rules for tab, rules in broken.items() if rules} == {}


def test_an_empty_store(serve_app: Serve, page: Page, tmp_path: Any) -> None:
    serve_app(tmp_path)
    expect(page.get_by_text("No run to show yet").first).to_be_visible()
    assert violations(page) == []
