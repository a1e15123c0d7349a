"""One card says why an image is wrong and how far to believe it, with the image and its maps in it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from accessible import violations
from diagnosed import causes_group
from playwright.sync_api import Page, ViewportSize, expect
from resting import rested

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]
FADED = "e => getComputedStyle(e).maskSize.endsWith('100%')"  # a scrolled list, at its end
ALL = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data].join()"


def test_the_headline_steps_through_the_list_and_its_map_is_chosen_laid_over_and_shown_raw(
    page: Page, serve_app: Callable[..., Session], made: Any, wait_until: Wait, monkeypatch: Any
) -> None:
    monkeypatch.setattr("deepvid.map_smoothing.FINEST", 6)  # these images are too small to be smoothed
    session = serve_app(made.path, f"?focus={made.fitted[1]}")
    card = page.locator(".focus-card")
    names = session.population.class_names  # type: ignore[union-attr]
    label, taken = (names[int(of[made.fitted[1]])] for of in (made.label, made.predicted))
    expect(card.locator("h2")).to_contain_text(f"#{made.fitted[1]}labeled {label}, taken for {taken}")
    expect(card.locator(".trust")).to_contain_text(
        "By the one judge asked this map holds here: +3.0 logits beyond chance"
    )
    expect(card.locator(".answers summary")).to_contain_text(re.compile(rf"{taken} \S+ · .*{label}"))

    image, chosen = card.locator(".look canvas"), card.locator(".chosen canvas")
    sides = [each.bounding_box() for each in (image, chosen)]
    assert sides[0]["width"] == pytest.approx(sides[1]["width"], abs=4)  # type: ignore[index]
    alone, smooth = image.evaluate(ALL), chosen.evaluate(ALL)
    methods = card.locator(".method")
    expect(methods.first).to_have_attribute("aria-pressed", "true")
    expect(methods.first.locator(".worth.holds")).to_have_text("+3.0")
    methods.first.focus()
    page.keyboard.press("ArrowRight")  # a radio: the arrow chooses
    expect(methods.nth(1)).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: chosen.evaluate(ALL) != smooth)
    expect(card.locator(".trust")).to_contain_text("second of")
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: chosen.evaluate(ALL) == smooth)
    expect(card.locator(".body > .legend")).to_contain_text("smoothed to 2 px")
    page.keyboard.press("w")
    expect(card.locator(".body > .legend")).to_contain_text("as measured")
    wait_until(lambda: chosen.evaluate(ALL) != smooth)
    assert session.navigation.raw
    card.locator(".chosen").click()
    expect(chosen).to_have_count(0)
    assert image.evaluate(ALL) != alone
    card.get_by_role("button", name="Show it beside the image").click()
    expect(chosen).to_be_visible()
    assert image.evaluate(ALL) == alone

    card.get_by_role("button", name="How do we know?").click()
    expect(card.locator(".popover")).to_contain_text("luck reaches")
    page.keyboard.press("Escape")
    place, count = session.navigation.focus, len(made.wrong)
    expect(card.locator(".steps")).to_contain_text(re.compile(rf"\d+ of {count}"))
    page.keyboard.press(".")
    wait_until(lambda: session.navigation.focus != place)
    assert session.navigation.focus in made.wrong
    page.keyboard.press(",")
    wait_until(lambda: session.navigation.focus == place)
    rested(page)
    assert violations(page) == []


def test_each_cause_has_its_action(
    page: Page, serve_drawn: Callable[..., Session], made: Any, wait_until: Wait
) -> None:
    found = [{"label_doubt": (1.6, 9.2, 0.2), "one_place": (1.2, 8, 0.4, -0.5)}]
    found += [{"overlap": (1.6, 0.2, 0.7, 0.2)}] + [{"overlap": (0.6, 0.2, 0.7, 0.2)}] * (len(made.wrong) - 2)
    session = serve_drawn({"causes": causes_group(made.wrong.tolist(), found)})
    session.schedule(lambda: session.focus(int(made.wrong[0])))
    card = page.locator(".focus-card").last
    expect(card.locator(".cause").first).to_contain_text("Named first, it is right on")
    card.get_by_role("button", name="Mark the label").click()
    names = session.population.class_names  # type: ignore[union-attr]
    expect(card.locator(".remark")).to_have_text(f"should be {names[int(made.predicted[made.wrong[0]])]}")
    card.get_by_role("button", name="Show on the image").click()
    frame, image = card.locator(".place"), card.locator("canvas.picture")
    expect(frame).to_be_visible()
    inner, outer = frame.bounding_box(), image.bounding_box()
    assert inner["width"] == pytest.approx(outer["width"] / 4, abs=3)  # type: ignore[index]
    card.get_by_role("button", name="See them").click()
    expect(page.get_by_role("tab", name="Similar")).to_have_attribute("aria-selected", "true")
    session.schedule(lambda: session.focus(int(made.wrong[1])))
    card.get_by_role("button", name="Compare").click()
    wait_until(lambda: session.navigation.pin is not None)
    assert made.label[session.navigation.pin] == made.label[made.wrong[1]]
    assert made.predicted[session.navigation.pin] == made.label[made.wrong[1]]


@pytest.mark.parametrize(
    "size",
    [
        ViewportSize(width=1440, height=900),
        ViewportSize(width=1920, height=1080),
        ViewportSize(width=960, height=600),
    ],
    ids=lambda size: f"{size['width']}x{size['height']}",
)
def test_the_headline_shows_all_its_maps_or_fades_where_there_are_more(
    page: Page, serve_app: Callable[..., Session], made: Any, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    serve_app(made.path, f"?focus={made.fitted[1]}")
    maps = page.locator(".focus-card .methods")
    expect(maps.locator(".method").first).to_be_visible()
    rested(page)
    list_, last = maps.bounding_box(), maps.locator(".method").last.bounding_box()
    assert list_ is not None
    assert last is not None
    assert last["y"] + last["height"] <= list_["y"] + list_["height"] + 1
    assert not maps.evaluate(FADED)
    maps.evaluate("e => { e.style.height = '70px' }")
    assert maps.evaluate(FADED)
    maps.evaluate("e => { e.scrollTop = e.scrollHeight }")
    page.wait_for_timeout(100)
    assert not maps.evaluate(FADED)
