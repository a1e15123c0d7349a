"""The map colored by trust: its legend and its bars select, and a link keeps what they selected."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Query, Trusted
from dashboards.session.session import Session
from deepvid.trust import Verdict

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".scale-card")).to_be_hidden()
    page.get_by_label("color", exact=True).select_option("trust")
    expect(page.locator(".scale-card .chip")).to_have_text(
        ["explained3", "weak3", "cannot tell0", "no student394"]
    )
    return session


def test_the_legend_selects_and_lets_go(page: Page, session: Session, made: Any, wait_until: Wait) -> None:
    explained = page.get_by_role("button", name="explained")
    explained.click()
    wait_until(lambda: session.selection.count == 3)
    assert {step.gesture for step in session.selection.steps} == {Trusted(Verdict.EXPLAINED)}
    for title in page.get_by_text("3 explained errors").all():
        expect(title).to_be_visible()
    expect(explained).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".scale-card .chip")).to_have_text(
        ["explained3", "weak0", "cannot tell0", "no student0"]
    )
    assert session.navigation.focus in made.fitted[::2]

    page.get_by_role("button", name="weak").click(modifiers=["Shift"])
    wait_until(lambda: session.selection.count == 6)
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.count == 3)
    expect(explained).to_have_attribute("aria-pressed", "true")
    explained.click()
    wait_until(lambda: session.selection.mask is None)


def test_a_bar_selects_and_a_link_to_it_shows_the_same(
    page: Page, session: Session, serve_app: Callable[..., Session], made: Any, wait_until: Wait
) -> None:
    # All six agree on 83 % at least where guessing reaches 71 %.
    bar = page.get_by_role("button", name="6 errors 10–15 points beyond guessing")
    bar.click()
    wait_until(lambda: session.selection.count == 6)
    expect(page.locator(".image-grid h2")).to_have_text(bar.get_attribute("aria-label") or "")
    wait_until(lambda: "trust" in parse_qs(urlsplit(page.url).query).get("select", [""])[0])

    again = serve_app(made.path, "?" + urlsplit(page.url).query)
    wait_until(lambda: again.selection.count == 6)
    assert again.navigation.color == "trust"
    expect(bar).to_have_attribute("aria-pressed", "true")


def test_a_number_colors_the_map_and_its_bars_select(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_label("color", exact=True).select_option("confidence")
    bars = page.locator(".scale-card .bin:enabled")
    expect(page.locator(".scale-card .chips")).to_be_hidden()
    highest = bars.last
    said = highest.get_attribute("aria-label") or ""
    highest.click()
    wait_until(lambda: session.selection.count)
    (step,) = session.selection.steps
    assert step.gesture == Query("confidence >= 0.9")
    assert said == f"{session.selection.count} images where confidence >= 0.9"
    assert session.population.confidence[session.selection.mask].min() >= 0.9
    expect(highest).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: "color=confidence" in page.url)
    highest.click()
    wait_until(lambda: session.selection.mask is None)
