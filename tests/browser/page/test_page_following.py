"""A gesture on the left takes the right half along, until a person has chosen an image that it selects."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.data.orders import ordered, to_study
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".focus-card h2 .index")).to_be_visible()
    return session


def first(session: Session) -> int:
    """The sample of the selection to look at first."""
    assert session.population is not None
    row = to_study(session.population, session.selection.mask)
    return int(session.population.samples[row])


def third(session: Session) -> int:
    """Another one of the selection."""
    assert session.population is not None
    row = ordered(session.population, "worst", session.selection.mask).rows()[2]
    return int(session.population.samples[row])


def test_a_gesture_takes_the_right_half_along_until_one_of_its_images_is_chosen(
    page: Page, session: Session, cell: Callable[..., Any], wait_until: Wait
) -> None:
    index = page.locator(".focus-card h2 .index")
    expect(index).to_have_text(f"#{first(session)}")

    for place in ((0, 0), (1, 1)):
        before = session.selection.mask
        cell(*place).click()
        wait_until(lambda before=before: session.selection.mask is not before)
        expect(index).to_have_text(f"#{first(session)}")

    chosen = third(session)
    session.schedule(lambda: session.focus(chosen))
    expect(index).to_have_text(f"#{chosen}")
    page.keyboard.down("Shift")
    cell(0, 0).click()  # adds: what was chosen is still among it
    page.keyboard.up("Shift")
    wait_until(lambda: len(session.selection.steps) == 2)
    page.wait_for_timeout(300)
    expect(index).to_have_text(f"#{chosen}")

    cell(2, 2).click()  # it is not any more
    wait_until(lambda: len(session.selection.steps) == 1)
    expect(index).to_have_text(f"#{first(session)}")


@pytest.mark.fresh
def test_the_right_half_comes_in_the_gestures_own_message(
    page: Page, session: Session, cell: Callable[..., Any], wait_until: Wait
) -> None:
    frames: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.reload()
    expect(page.locator(".focus-card h2 .index")).to_be_visible()
    index = page.locator(".focus-card h2 .index")
    before = index.inner_text()
    page.wait_for_timeout(500)
    frames.clear()
    cell(0, 0).click()
    expect(index).not_to_have_text(before)
    page.wait_for_timeout(300)
    patches = [frame for frame in frames if isinstance(frame, str) and '"msgtype":"PATCH-DOC"' in frame]
    assert len(patches) <= 2, patches  # the gesture, then the address that it leads to


def test_a_link_shows_the_image_that_it_names_whatever_it_selects(
    page: Page, serve_app: Callable[..., Session], made: Any, wait_until: Wait
) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[0]}&select=[[%22replace%22,%22samples%22,[40,41]]]")
    wait_until(lambda: session.selection.count == 2)
    page.wait_for_timeout(300)
    expect(page.locator(".focus-card h2 .index")).to_have_text(f"#{made.fitted[0]}")


def test_an_image_that_a_link_names_is_chosen_also_where_it_would_be_offered(
    page: Page, session: Session, serve_app: Callable[..., Session], made: Any
) -> None:
    """An offer may change when more students are judged; an image that a link names may not."""
    offered = session.navigation.focus
    assert session.opening.offers(offered)
    linked = serve_app(made.path, f"?focus={offered}")
    expect(page.locator(".focus-card h2 .index")).to_have_text(f"#{offered}")
    assert not linked.opening.offers(offered)
