"""Tabs of the image: five, with parts; links to old places; what a part lacks; two images side by side."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from diagnosed import causes_group
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
CUT = """() => [...document.querySelectorAll("*")].length && (function walk(root) {
  return [...root.querySelectorAll("*")].flatMap((one) => [
    ...(one.matches("[role=tab]") && one.scrollWidth > one.clientWidth + 1 ? [one.title] : []),
    ...(one.shadowRoot ? walk(one.shadowRoot) : []),
  ])
})(document)"""


def tab(page: Page, name: str) -> Any:
    return page.get_by_role("tablist", name="The image under study").get_by_role("tab", name=name)


def part(page: Page, name: str) -> Any:
    return page.get_by_role("group", name=re.compile("^Parts of ")).get_by_role("button", name=name)


def test_five_tabs_by_digits_remember_their_part_and_a_link_opens_it(
    page: Page, serve_app: Serve, made: Any
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(tab(page, "")).to_have_text(["Why1", "Similar2", "What would change it3", "Try it4", "Path5"])
    expect(part(page, "Evidence")).to_have_count(0)  # nobody looked for causes in this run
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator(".similar-card .sentence")).to_be_visible()
    part(page, "Influence").click()
    expect(page).to_have_url(re.compile("tab=similar&part=influence"))
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    expect(page).not_to_have_url(re.compile("tab=|part="))
    page.keyboard.press("2")
    expect(part(page, "Influence")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="What Influence shows")).to_be_visible()
    expect(page).to_have_url(re.compile("tab=similar&part=influence"))
    page.reload()
    expect(tab(page, "Similar")).to_have_attribute("aria-selected", "true")
    expect(part(page, "Influence")).to_have_attribute("aria-pressed", "true")


def test_views_that_stood_on_network_say_which_part_of_the_run_they_lack(
    page: Page, serve_app: Serve, made: Any
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=influence")  # not looked into by layers
    expect(page.get_by_text("It shows which training images speak for the answer")).to_be_visible()
    expect(page.locator("code", has_text="deepvid network")).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".strip-card, .placeholder")).not_to_have_count(0)
    part(page, "Distance").click()
    expect(page.get_by_text("It shows how little an image must change")).to_be_visible()
    page.keyboard.press("4")
    expect(page.locator(".what-if-card canvas[data-tool]")).to_be_visible()  # needs no more than the teacher


def test_links_to_old_places_lead_to_the_new_ones(page: Page, serve_app: Serve, made: Any) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=explain")
    places = [
        ("page=network&tab=flip", "What would change it", "Distance"),
        ("tab=filters&filter=2", "Try it", "Filters"),
        ("page=network&tab=whatif&unit=3", "Try it", "What if"),
        ("page=network&tab=superpixels", "Why", "Superpixels"),
    ]
    expect(part(page, "Student")).to_have_attribute("aria-pressed", "true")
    for old, tabbed, opened in places:
        session.schedule(lambda old=old: session.go(f"?focus={made.fitted[1]}&{old}"))  # type: ignore[misc]
        expect(tab(page, tabbed)).to_have_attribute("aria-selected", "true")
        expect(part(page, opened)).to_have_attribute("aria-pressed", "true")
    assert session.navigation.page == "diagnose"
    assert session.notice == ""


def test_evidence_has_every_cause_beside_its_threshold(page: Page, serve_drawn: Any, made: Any) -> None:
    found = [{"label_doubt": (1.6, 9.2, 0.2), "overlap": (0.9, 0.1, 0.8, 0.2)}] * len(made.wrong)
    session = serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})
    session.schedule(lambda: session.focus(int(made.wrong[1])))
    card = page.locator(".evidence-card")
    expect(card.locator("h3")).to_contain_text("is beyond its threshold")
    lines = card.locator(".causes > li")
    expect(lines.first).to_contain_text("Label doubt")
    expect(lines.first).to_contain_text("1.60 of its threshold")
    expect(lines.first).to_contain_text("Look at these labels; named first, it is right on")
    expect(card.get_by_text("could not be looked for in this image").first).to_be_visible()
    right = next(sample for sample in range(20, 420) if sample not in made.wrong)
    session.schedule(lambda: session.focus(right))
    expect(page.get_by_text("No error to explain")).to_be_visible()


def test_two_images_beside_each_other_take_the_room_of_the_matrix(
    page: Page, serve_app: Serve, made: Any
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    serve_app(made.path, f"?focus={made.fitted[1]}")
    matrix = page.locator(".matrix-card")
    expect(matrix).to_be_visible()
    wide = page.locator(".focus-card").bounding_box()
    page.keyboard.press("p")
    expect(page.locator(".focus-card")).to_have_count(2)
    expect(matrix).to_be_hidden()
    expect(page.locator(".image-grid")).to_be_visible()  # where the other one is chosen
    page.wait_for_timeout(300)
    boxes = [one.bounding_box() for one in page.locator(".focus-card").all()]
    assert all(box and wide and box["width"] > 0.7 * wide["width"] for box in boxes)
    assert page.evaluate(CUT) == []
    page.keyboard.press("p")
    expect(matrix).to_be_visible()
