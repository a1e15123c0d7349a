"""Two images side by side: pinned by a key, on one scale, in the link."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


def pair(page: Page, session: Session, made: Any) -> None:
    page.keyboard.press("p")
    expect(page.locator(".focus-card")).to_have_count(2)
    session.schedule(lambda: session.focus(made.fitted[2]))
    expect(page.locator(".focus-card").nth(1)).to_contain_text(f"#{made.fitted[2]}")


def ends(page: Page) -> list[Any]:
    """The ends of the axis and of the colors in each of the two cards."""
    axes = page.locator(".explain-card .axis .zero").evaluate_all("all => all.map(one => one.style.cssText)")
    scales = page.locator(".explain-card .scale").evaluate_all("all => all.map(one => one.title)")
    return [*zip(axes, scales, strict=True)]


def test_a_pinned_image_stays_beside_the_next_one_on_one_scale(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    alone = ends(page)
    assert len(page.locator(".explain-card .method").all()) == 5
    pair(page, session, made)
    expect(page.locator(".focus-card").nth(0)).to_contain_text(f"#{made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_have_count(2)
    expect(page.locator(".explain-card").nth(1).locator(".method")).to_have_count(3)
    expect(page.locator(".explain-card").nth(1).get_by_text("Student", exact=True)).to_be_visible()
    wait_until(lambda: len(ends(page)) == 2)
    first, second = ends(page)
    assert first == second
    assert [first] != alone
    expect(page).to_have_url(re.compile(f"pin={made.fitted[1]}"))


def test_a_link_has_the_pair_and_the_key_lets_it_go(page: Page, session: Session, made: Any) -> None:
    pair(page, session, made)
    expect(page).to_have_url(re.compile(f"focus={made.fitted[2]}&pin={made.fitted[1]}"))
    page.reload()
    expect(page.locator(".focus-card").nth(1)).to_contain_text(f"#{made.fitted[2]}")
    expect(page.locator(".focus-card").nth(0)).to_contain_text(f"#{made.fitted[1]}")
    expect(page.locator(".explain-card .methods")).to_have_count(2)
    page.keyboard.press("p")
    expect(page.locator(".focus-card:visible")).to_have_count(1)
    expect(page.locator(".focus-card:visible")).to_contain_text(f"#{made.fitted[2]}")
    expect(page.locator(".explain-card:visible .method")).to_have_count(5)
    expect(page).not_to_have_url(re.compile("pin="))


def test_a_button_does_it_too_and_a_letter_in_a_field_does_not(
    page: Page, session: Session, made: Any
) -> None:
    page.get_by_placeholder("#index").press_sequentially("p")
    page.get_by_role("button", name="Pin").click()
    expect(page.locator(".focus-card")).to_have_count(2)
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(".focus-card:visible")).to_have_count(1)


def test_what_is_not_beside_anything_prepares_nothing(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    views = len(session.linker.views)
    pair(page, session, made)
    assert len(session.linker.views) == views + 2
    page.keyboard.press("p")
    expect(page.locator(".focus-card:visible")).to_have_count(1)
    prepared = []
    for view in session.linker.views[views:]:
        view.prepare = lambda scene, view=view: prepared.append(view)  # type: ignore[method-assign]
    session.schedule(lambda: session.focus(made.fitted[3]))
    expect(page.locator(".focus-card:visible")).to_contain_text(f"#{made.fitted[3]}")
    assert not prepared


@pytest.mark.fresh
def test_the_open_tab_of_a_narrow_bar_is_seen(
    page: Page, serve_app: Callable[..., Session], made: Any
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    serve_app(made.path, f"?focus={made.fitted[0]}&pin={made.fitted[1]}&tab=path")
    tabs = page.get_by_role("tab", name="Path")
    expect(tabs).to_have_count(2)
    for tab in tabs.all():
        inside = "e => e.getBoundingClientRect().right <= e.parentNode.getBoundingClientRect().right + 1"
        page.wait_for_function(inside, arg=tab.element_handle())
