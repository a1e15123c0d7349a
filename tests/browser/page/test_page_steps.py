"""The gestures that a selection is made of, each in its own words."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Query, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page, wait_until: Wait) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    for step in (Step(Mode.REPLACE, Query("wrong")), Step(Mode.ADD, Samples((40, 41)))):
        session.schedule(lambda step=step: session.select(step))
        wait_until(lambda step=step: session.selection.steps[-1:] == (step,))
    return session


def test_each_gesture_is_told_and_can_be_taken_out(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.locator(".top-bar .selected").click()
    steps = page.locator(".top-bar .step")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text(f"{len(made.wrong)} images where wrong")
    expect(steps.nth(1)).to_contain_text("+")
    steps.nth(0).get_by_role("button").click()
    wait_until(lambda: session.selection.count == 2)
    expect(page.locator(".top-bar .steps")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: len(session.selection.steps) == 2)


def test_escape_closes_the_list_and_then_clears(page: Page, session: Session, wait_until: Wait) -> None:
    page.locator(".top-bar .selected").click()
    expect(page.locator(".top-bar .steps")).to_be_visible()
    expect(page.locator(".top-bar .step button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".top-bar .steps")).to_be_hidden()
    assert session.selection.steps
    page.keyboard.press("Escape")
    wait_until(lambda: not session.selection.steps)
    expect(page.locator(".top-bar .selected")).to_be_disabled()
