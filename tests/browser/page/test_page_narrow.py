"""Small windows and far zooms: one column that scrolls, nothing out of reach."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from dashboards.served import BROWSER
from dashboards.session.session import Session
from dashboards.theme import NARROW

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "size",
    [ViewportSize(width=800, height=600), ViewportSize(width=360, height=225)],  # 1440x900 at 400 %
    ids=["small", "zoomed"],
)
def test_every_card_is_reached_by_scrolling(
    serve_app: Callable[..., Session], made: Any, page: Page, size: ViewportSize, wait_until: Any
) -> None:
    page.set_viewport_size(size)
    serve_app(made.path)
    expect(page.locator(".explain-card .methods")).to_be_attached()
    below = -1.0
    for name in (".image-grid", ".focus-card", ".explain-card"):
        card = page.locator(name).first
        box = card.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
        assert box["y"] > below  # one column
        below = box["y"] + box["height"] - 1
    page.locator(".explain-card").scroll_into_view_if_needed()
    expect(page.locator(".explain-card")).to_be_in_viewport()
    page.get_by_role("button", name="Dark theme").scroll_into_view_if_needed()
    page.get_by_role("button", name="Dark theme").click()
    wait_until(lambda: page.evaluate("document.documentElement.dataset.dvTheme") == "dark")


def test_a_header_that_does_not_fit_has_two_rows_above_the_page(
    serve_app: Callable[..., Session], made: Any, page: Page
) -> None:
    page.set_viewport_size({"width": 960, "height": 600})
    serve_app(made.path)
    card = page.locator(".focus-card")
    expect(card).to_be_visible()
    for name in ("Undo", "Dark theme", "Save the selection"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    undo, top = page.get_by_role("button", name="Undo").bounding_box(), card.bounding_box()
    assert undo is not None
    assert top is not None
    assert undo["y"] + undo["height"] <= top["y"]
    page.get_by_role("button", name="Dark theme").click()  # nothing lies over it


def test_the_map_has_its_lines_above_and_below_in_a_small_window(
    serve_app: Callable[..., Session], made: Any, page: Page
) -> None:
    """Forms that are hidden take no room."""
    page.set_viewport_size({"width": 960, "height": 600})
    serve_app(made.path)
    expect(page.locator(".focus-card")).to_be_visible()
    card = page.locator(".dv-card").first.bounding_box()
    assert card is not None
    helps = page.locator(".dv-card").first.get_by_role("button", name="What th")
    expect(helps).to_have_count(2)
    for help_ in helps.all():
        box = help_.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= card["x"] + card["width"]
        assert box["y"] + box["height"] <= card["y"] + card["height"]


def test_in_a_low_window_cards_keep_their_height_and_the_page_scrolls(
    serve_app: Callable[..., Session], made: Any, page: Page
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    serve_app(made.path)
    card = page.locator(".explain-card")
    expect(card.locator(".methods")).to_be_visible()
    before = card.bounding_box()
    page.set_viewport_size({"width": 1280, "height": 560})
    page.wait_for_timeout(1000)
    after = card.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] == pytest.approx(before["height"], abs=2)
    assert after["x"] == before["x"]  # beside the others
    assert after["y"] + after["height"] > 560
    summary = card.locator("summary").bounding_box()
    assert summary is not None
    assert summary["y"] > 560
    page.mouse.move(after["x"] + 20, 400)
    page.mouse.wheel(0, 800)
    expect(card.locator("summary")).to_be_in_viewport()


def test_a_narrow_grid_keeps_its_help_beside_its_order(
    serve_app: Callable[..., Session], made: Any, page: Page
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    serve_app(made.path)
    grid = page.locator(".image-grid")
    order, help_ = grid.get_by_role("combobox"), grid.get_by_role("button", name="What this grid shows")
    expect(help_).to_be_visible()
    boxes = [each.bounding_box() for each in (order, help_)]
    middle, beside = (box["y"] + box["height"] / 2 for box in boxes if box is not None)
    assert beside == pytest.approx(middle, abs=4)


@pytest.mark.parametrize("width", [960, 1100, 1280])
def test_how_a_tile_is_read_is_whole_or_ends_in_dots_and_is_told(
    serve_app: Callable[..., Session], made: Any, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    serve_app(made.path, "?filters=open")
    note = page.locator(".image-grid .note")
    expect(note).to_contain_text("frame: true class")
    whole, clamped, line = note.evaluate(
        """note => { const {webkitLineClamp, lineHeight} = getComputedStyle(note)
          const how = note.querySelector(".how").getClientRects()[0].top - note.getBoundingClientRect().top
          return [note.scrollHeight <= note.clientHeight, webkitLineClamp, how / parseFloat(lineHeight)] }"""
    )
    assert whole or clamped == "2"
    assert line < 2  # it begins in sight
    assert "frame: true class · corner: predicted, if wrong" in (note.get_attribute("title") or "")


def test_the_header_and_the_page_agree_on_what_is_small() -> None:
    assert NARROW in (BROWSER / "cards" / "top-bar.css").read_text()
