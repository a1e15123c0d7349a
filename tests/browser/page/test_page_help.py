"""A "?" on each card, and one for the keys."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Query
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]
OPEN = ".help:popover-open"


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


def test_each_card_says_what_it_shows(page: Page, session: Session) -> None:
    for card, words in {
        "this plot": "placed so that images that are near",
        "Cells": "one row each",
        "this grid": "The frame has the color of the true class",
        "this card": "Why the image under study is wrong",
        "Student": "the difference of two logits",
    }.items():
        page.get_by_role("button", name=f"What {card} shows").click()
        expect(page.locator(OPEN)).to_contain_text(words)
        expect(page.locator(OPEN)).to_contain_text("Beware")
    expect(page.locator(OPEN)).to_have_count(1)  # one closes the other


def test_the_help_of_tabs_is_that_of_the_open_one(page: Page, session: Session) -> None:
    page.keyboard.press("2")
    page.get_by_role("button", name="What Nearest shows").click()
    expect(page.locator(OPEN)).to_contain_text("sees as most alike")


def test_escape_closes_the_help_and_keeps_the_selection(
    page: Page, session: Session, wait_until: Wait
) -> None:
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    expect(page.get_by_role("button", name="Clear the selection")).to_be_enabled()
    page.get_by_role("button", name="What this grid shows").click()
    expect(page.locator(OPEN)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(OPEN)).to_have_count(0)
    expect(page.get_by_role("button", name="What this grid shows")).to_be_focused()
    page.keyboard.press("Escape")
    wait_until(lambda: not session.selection.steps)


TWICE = """() => {
  const escape = () => new KeyboardEvent("keydown", {key: "Escape", bubbles: true, cancelable: true})
  for (let time = 0; time < 2; time++) document.body.dispatchEvent(escape())
}"""


def test_two_escapes_in_a_row_close_the_help_and_clear(
    page: Page, session: Session, wait_until: Wait
) -> None:
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    expect(page.get_by_role("button", name="Clear the selection")).to_be_enabled()
    page.get_by_role("button", name="What this grid shows").click()
    expect(page.locator(OPEN)).to_have_count(1)
    page.evaluate(TWICE)
    expect(page.locator(OPEN)).to_have_count(0)
    wait_until(lambda: not session.selection.steps)


def test_a_help_that_its_card_took_away_keeps_no_escape(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    expect(page.get_by_role("button", name="Clear the selection")).to_be_enabled()
    page.get_by_role("button", name="What this card shows").click()
    expect(page.locator(OPEN)).to_have_count(1)
    other = next(int(sample) for sample in made.wrong if sample != session.navigation.focus)
    session.schedule(lambda: session.focus(other))
    expect(page.locator(OPEN)).to_have_count(0)  # the card is drawn anew
    page.keyboard.press("Escape")
    wait_until(lambda: not session.selection.steps)


def test_a_question_mark_tells_the_keys_of_the_page(page: Page, session: Session) -> None:
    page.keyboard.press("?")
    expect(page.locator(OPEN)).to_contain_text("mark its label as wrong")
    keys = page.locator(OPEN).locator("dt").all_inner_texts()
    declared = page.locator("[aria-keyshortcuts]").evaluate_all(
        "(all) => all.map((each) => each.getAttribute('aria-keyshortcuts'))"
    )
    assert declared
    words = {word for key in keys for word in (key, *key.split())} | set("12345" if "1 … 5" in keys else "")
    assert set(declared) <= words
    page.keyboard.press("?")
    expect(page.locator(OPEN)).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("?")
    expect(page.locator(OPEN)).to_have_count(0)  # in a field it is a letter
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("button", name="What this table shows").click()
    expect(page.locator(OPEN)).to_contain_text("The runs of the store")
