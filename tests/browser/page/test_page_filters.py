"""Filters and their view of an image, watched by an engine that answers what a test says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from accessible import violations
from engines import HeldEngine, cancel_and_begin_again, held
from playwright.sync_api import Page, expect

from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.views.filters.view import FiltersView
from deepvid.engine.requests import FilterResponses, WatchFilters

pytestmark = pytest.mark.browser

CARD = ".filters-card"
LAYERS = (("stem", 4), ("last", 30))
MIDDLE = "e => [...e.getContext('2d').getImageData(6, 6, 1, 1).data.slice(0, 3)]"


def watched(request: WatchFilters) -> FilterResponses:
    """Filter k of n changes the logit of circle by −k / n, so that the last one's share is the largest; its
    map is −k / n in the left half and k / n in the right. Square is the answer without the last two.
    """
    layer = request.layer if request.layer in dict(LAYERS) else "last"
    count = dict(LAYERS)[layer]
    share = np.arange(count, dtype="f4") / count
    occlusion = np.broadcast_to(share[:, None, None], (count, 12, 12)).copy()
    occlusion[:, :, :6] *= -1
    logits = np.array([1.5, 0.0, -1.0, -1.0], "f4")
    change = np.zeros((count, 4), "f4")
    change[:, 0] = -share
    order = np.arange(count)[::-1]
    together = logits + np.cumsum(change[order], axis=0)
    return FilterResponses(
        LAYERS, layer, 500, 2, share, 2 * share, occlusion, (0, 1), logits, logits + change, order, together
    )


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    with held(monkeypatch, watched, "covering patches", go=True) as engine:
        yield engine


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page, watcher: HeldEngine) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=try&part=filters")
    expect(tiles(page)).to_have_count(24)
    return session


def tiles(page: Page) -> Any:
    return page.locator(f"{CARD} .tile")


def test_b_f3_filters_come_by_what_silencing_them_changes(
    page: Page, session: Session, watcher: HeldEngine, made: Any
) -> None:
    (asked,) = watcher.asked
    assert (asked.sample, asked.layer) == (made.fitted[1], "")
    expect(page.locator(f"{CARD} .sentence")).to_have_text(
        "Silencing the 2 filters that speak most for circle (29 and 28) turns it into square."
    )
    expect(tiles(page).first).to_have_attribute("data-number", "29")
    expect(tiles(page).first.locator(".margin")).to_have_text("−.97")
    expect(tiles(page).first).to_have_attribute(
        "aria-label", "Filter 29: activation 1.93, usually .97. Silenced: circle −.97, square .00"
    )
    page.get_by_label("Order of the filters").select_option("number")
    expect(tiles(page).first).to_have_attribute("data-number", "0")
    page.locator(CARD).get_by_role("button", name="6 more of 6").click()
    expect(tiles(page)).to_have_count(30)
    expect(page.locator(f"{CARD} .list .more")).to_have_count(0)


def test_b_f3_all_maps_have_one_scale_of_colors(page: Page, session: Session) -> None:
    """Where covering takes 0 of the activation the map is as the card is; the strongest map alone ends in the
    deepest blue and orange.
    """
    page.get_by_label("Order of the filters").select_option("number")
    expect(tiles(page).first).to_have_attribute("data-number", "0")
    nothing, weak, strong = (tiles(page).nth(at).locator("canvas") for at in (0, 8, 23))
    assert nothing.evaluate(MIDDLE) == [255, 255, 255]
    (weak_red, _, weak_blue), (red, _, blue) = weak.evaluate(MIDDLE), strong.evaluate(MIDDLE)
    assert weak_blue > weak_red > red + 40
    assert blue > red + 40
    red, _, blue = strong.evaluate("e => [...e.getContext('2d').getImageData(2, 6, 1, 1).data]")[:3]
    assert red > blue + 40


def test_b_f3_a_filter_is_opened_with_every_class_and_stands_in_the_address(
    page: Page, session: Session, wait_until: Any
) -> None:
    full = page.locator(f"{CARD} .full")
    expect(full).to_be_hidden()
    tiles(page).nth(1).click()
    expect(full.locator("h4")).to_have_text("Filter 28")
    expect(full.locator("tr")).to_have_count(4)
    expect(full.locator("tr").first).to_have_text(re.compile("circle.*−.93"))
    expect(full.locator(".text")).to_contain_text("Silenced, the answer is still circle")
    wait_until(lambda: "filter=28" in page.url)
    page.keyboard.press("Escape")
    expect(full).to_be_hidden()
    wait_until(lambda: "filter=" not in page.url)
    tiles(page).nth(2).click()
    full.get_by_role("button", name="Close").click()
    expect(full).to_be_hidden()
    expect(tiles(page).nth(2)).to_be_focused()
    assert session.navigation.focus is not None


def test_b_f3_a_link_opens_layer_and_filter(
    page: Page, serve_app: Callable[..., Session], made: Any, watcher: HeldEngine
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=try&part=filters&layer=stem&filter=2")
    expect(tiles(page)).to_have_count(4)
    expect(page.get_by_label("Layer", exact=True)).to_have_value("stem")
    expect(page.locator(f"{CARD} .full h4")).to_have_text("Filter 2")
    page.get_by_label("Layer", exact=True).select_option("last")
    expect(tiles(page)).to_have_count(24)
    expect(page.locator(f"{CARD} .full")).to_be_hidden()  # another layer has other filters
    assert [one.layer for one in watcher.asked if one.sample == made.fitted[1]][-2:] == ["stem", ""]


def test_b_f3_a_link_to_a_layer_that_is_not_there_says_so(
    page: Page, serve_app: Callable[..., Session], made: Any, watcher: HeldEngine, wait_until: Any
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=try&part=filters&layer=stern")
    expect(page.locator(".status-strip")).to_contain_text("no layer 'stern'")
    expect(page.get_by_label("Layer", exact=True)).to_have_value("last")
    wait_until(lambda: "layer=" not in page.url)


def test_b_f3_the_keyboard_reaches_every_filter(page: Page, session: Session) -> None:
    page.get_by_label("Order of the filters").focus()
    page.keyboard.press("Tab")
    expect(tiles(page).first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tiles(page).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"{CARD} .full h4")).to_have_text("Filter 28")
    expect(tiles(page).nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(tiles(page).nth(23)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(f"{CARD} .list .more")).to_be_focused()
    page.keyboard.press("Enter")
    expect(tiles(page).nth(24)).to_be_focused()


def test_of_a_pair_both_show_the_same_filter(
    page: Page, serve_app: Callable[..., Session], made: Any, watcher: HeldEngine
) -> None:
    serve_app(made.path, f"?focus={made.fitted[2]}&pin={made.fitted[1]}&tab=try&part=filters&filter=3")
    expect(page.locator(f"{CARD} .full h4")).to_have_text(["Filter 3", "Filter 3"])
    assert {one.sample for one in watcher.asked} >= set(made.fitted[1:3])
    assert len({*watcher.sessions}) == 2
    assert violations(page, stylesheets=False) == []


def test_watching_is_cancelled_and_begun_again(
    page: Page, serve_app: Callable[..., Session], made: Any, watcher: HeldEngine
) -> None:
    watcher.go.clear()
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=try&part=filters")
    cancel_and_begin_again(page.locator(CARD), watcher, "covering patches", "Watch them")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("turns it into square")


def test_where_nothing_is_computed_it_says_so(
    page: Page, serve_app: Callable[..., Session], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=try&part=filters")
    expect(page.locator(f"{CARD} .empty")).to_contain_text(
        re.compile("not stored.*This server computes nothing")
    )


def test_what_names_no_filter_chooses_none(
    page: Page, session: Session, watcher: HeldEngine, made: Any
) -> None:
    (view,) = (view for view in session.linker.views if isinstance(view, FiltersView))
    numbers: list[Any] = [-1, 30, 10**30, 1.5, float("nan"), "1", True, [1]]
    wrong: list[Any] = [None, 3, "x", [], {}, {"layer": "stem", "number": 1}]
    for value in wrong + [{"layer": "last", "number": number} for number in numbers]:
        for action in ("choose", "layer", "order", "more", "again"):
            view.component._handle_msg({"action": action, "value": value})
        assert session.navigation.filter is None
    assert session.navigation.layer == ""
    assert len(watcher.asked) == 1
    listed = {"action": "choose", "value": {"layer": "last", "number": 6}}
    session.schedule(lambda: view.component._handle_msg(listed))
    expect(page.locator(f"{CARD} .full h4")).to_have_text("Filter 6")
