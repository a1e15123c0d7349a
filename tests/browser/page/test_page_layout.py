"""Cards fill the screen and share it as a person likes; the page is there before it is drawn."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path, "?reading=pairs")
    expect(page.locator(".pairs-card .pair").first).to_be_visible()
    return session


def filled(page: Page) -> bool:
    return bool(page.evaluate("() => document.fullscreenElement !== null"))


def test_a_double_click_on_its_title_fills_the_screen_and_escape_lets_it_go(
    page: Page, session: Session, wait_until: Wait
) -> None:
    step = Step(Mode.REPLACE, Samples(tuple(session.population.samples[:3].tolist())))  # type: ignore[union-attr]
    session.schedule(lambda: session.select(step))
    wait_until(lambda: session.selection.count == 3)
    title = page.locator(".pairs-card .title")
    title.dblclick()
    wait_until(lambda: filled(page))
    assert page.locator(".pairs-card").bounding_box()["width"] > 1200  # type: ignore[index]
    page.keyboard.press("Escape")
    wait_until(lambda: not filled(page))
    assert session.selection.count == 3  # Escape was for the card
    expect(title).to_be_visible()


def test_f_does_so_where_the_focus_is_and_not_where_a_person_types(
    page: Page, session: Session, wait_until: Wait
) -> None:
    page.locator(".pairs-card .pair").first.focus()
    page.keyboard.press("f")
    wait_until(lambda: filled(page))
    page.keyboard.press("f")
    wait_until(lambda: not filled(page))
    page.get_by_role("spinbutton").or_(page.get_by_placeholder("#index")).first.focus()
    page.keyboard.press("f")
    page.locator(".pairs-card .pair").first.dblclick()  # a button's own
    page.wait_for_timeout(200)
    assert not filled(page)


def test_a_page_that_is_asked_for_is_named_at_once(page: Page, session: Session) -> None:
    pages = page.get_by_role("navigation", name="Pages").get_by_role("button")
    pages.filter(has_text="Archive").evaluate(
        "button => { button.click(); window.named = button.getAttribute('aria-current') }"
    )
    assert page.evaluate("() => window.named") == "page"
    expect(pages.filter(has_text="Archive")).to_have_attribute("aria-current", "page")
    expect(page.locator("[aria-current=page]")).to_have_count(1)


def test_outlines_stand_where_nothing_is_drawn_yet(page: Page, session: Session) -> None:
    """The style sheet that comes with the document has them."""
    script = "() => { const {content, backgroundImage} = getComputedStyle(document.body, '::before')"
    look = page.evaluate(f"{script}; return [content, backgroundImage] }}")
    assert look[0] == '"DeepVID"'
    assert look[1].count("linear-gradient") == 5


def edges(page: Page) -> list[float]:
    """The right edge of the map's card, the lower edge of it, and the left edge of the card beside it."""
    return list(
        page.locator(".dv-card").evaluate_all(
            "cards => [cards[0], cards[3]].map((card) => card.getBoundingClientRect()).flatMap((box, at) => "
            "at ? [box.left] : [box.right, box.bottom])"
        )
    )


def test_what_lies_between_cards_is_dragged(page: Page, session: Session, wait_until: Wait) -> None:
    right, below, left = edges(page)
    middle = (right + left) / 2
    page.mouse.move(middle, 400)
    page.mouse.down()
    page.mouse.move(middle + 90, 400, steps=3)
    page.mouse.up()
    assert edges(page) == pytest.approx([right + 90, below, left + 90], abs=1)
    page.mouse.move(300, below + 4)
    page.mouse.down()
    page.mouse.move(300, 0, steps=3)
    page.mouse.up()
    assert page.locator(".dv-card").first.bounding_box()["height"] == pytest.approx(160, abs=3)  # type: ignore[index]
    page.mouse.dblclick(middle + 90, 400)
    assert edges(page)[::2] == pytest.approx([right, left], abs=1)


def test_keys_give_room_to_the_card_with_the_focus(page: Page, session: Session) -> None:
    page.locator(".pairs-card .pair").first.focus()
    card = page.locator(".dv-card", has=page.locator(".pairs-card"))
    before = card.bounding_box()["width"]  # type: ignore[index]
    page.keyboard.press("]")
    assert card.bounding_box()["width"] == pytest.approx(before + 40, abs=1)  # type: ignore[index]
    page.keyboard.press("[")
    assert card.bounding_box()["width"] == pytest.approx(before, abs=1)  # type: ignore[index]
    assert not session.selection.steps
