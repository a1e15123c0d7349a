"""Images asked for in words: typed, completed, refused, in the link, and undone."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path)
    expect(box(page)).to_be_visible()
    return session


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Query")


def ask(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def selected(session: Session) -> list[int]:
    assert session.population is not None
    return sorted(session.population.samples[np.flatnonzero(session.selection.mask)].tolist())


def test_the_box_shows_what_may_be_asked(page: Page, session: Session) -> None:
    expect(box(page)).to_have_attribute("placeholder", 'true == "…" and confidence > 0.9')


def test_query_selects_in_every_view_and_in_the_link(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    name = session.population.class_names[1]  # type: ignore[union-attr]
    page.keyboard.press("/")
    page.keyboard.type(f'true == "{name}" and wrong')
    page.keyboard.press("Enter")
    expected = sorted(int(sample) for sample in made.wrong if made.label[sample] == 1)
    wait_until(lambda: session.selection.steps)
    assert selected(session) == expected
    expect(page.get_by_text(f"{len(expected)} images where true").first).to_be_visible()
    expect(page).to_have_url(re.compile("query"))
    page.reload()
    expect(box(page)).to_have_value(f'true == "{name}" and wrong')
    expect(page.get_by_text(f"{len(expected)} images where true").first).to_be_visible()
    page.get_by_role("button", name="Clear the selection").click()
    expect(box(page)).to_have_value("")


def test_c_q4_query_is_combined_and_undone_like_any_gesture(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    ask(page, "wrong")
    wait_until(lambda: session.selection.count == len(made.wrong))
    page.get_by_role("button", name="Subtract from the selection (Ctrl)").click()
    ask(page, "confidence > 0.6")
    wait_until(lambda: 0 < session.selection.count < len(made.wrong))
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: session.selection.count == len(made.wrong))


def test_query_that_means_nothing_is_marked_where_it_does(page: Page, session: Session) -> None:
    ask(page, "wrong and confidnce > 0.5")
    fault = page.locator(".top-bar .fault")
    expect(fault.locator("mark")).to_have_text("confidnce")
    expect(fault).to_contain_text("did you mean confidence?")
    assert not session.selection.steps
    ask(page, "<img src=x onerror=alert(1)>")
    expect(fault.locator("code")).to_have_text("<img src=x onerror=alert(1)>")
    expect(fault.locator("img")).to_have_count(0)
    box(page).press_sequentially("x")
    expect(fault).to_be_empty()


def test_query_is_completed(page: Page, session: Session, wait_until: Wait) -> None:
    name = session.population.class_names[0]  # type: ignore[union-attr]
    box(page).press_sequentially("pred")
    expect(page.locator(".words [role=option]")).to_have_count(1)
    box(page).press("Tab")
    expect(box(page)).to_have_value("predicted ")
    box(page).press_sequentially(f'== "{name[:2]}')
    box(page).press("ArrowDown")
    box(page).press("Enter")
    expect(box(page)).to_have_value(f'predicted == "{name}" ')
    expect(page.locator(".words [role=option]")).to_have_count(0)
    box(page).press("Enter")
    wait_until(lambda: session.selection.steps)


def test_link_with_a_query_of_another_run_says_so(page: Page, serve_app: Any, made: Any) -> None:
    serve_app(made.path, '?select=[["replace","query","true == \'Zebra\'"]]')
    expect(page.get_by_text("Zebra").first).to_be_visible()
    expect(page.locator(".explain-card .methods")).to_be_visible()  # the page works


@pytest.mark.fresh
def test_a_gesture_does_not_send_the_words_again(page: Page, session: Session, wait_until: Wait) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    page.reload()
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.wait_for_timeout(500)
    frames.clear()
    ask(page, "wrong")
    expect(page.get_by_text("images where wrong").first).to_be_visible()
    assert any("selected" in frame for frame in frames)
    assert not any("cross-entropy" in frame for frame in frames)  # the meaning of a word
