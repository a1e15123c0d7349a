"""Forms in popovers, keys of the page, and what the browser chooses alone."""

import numpy as np
import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.elements import (
    Alternatives,
    Button,
    Choice,
    Field,
    Form,
    Popover,
    Submit,
    column,
    row,
    text,
)
from dashboards.kit.pictures import Overlay

pytestmark = pytest.mark.browser

OPTIONS = ("", "not known"), ("1", "coat")


def popover(about: str) -> Popover:
    remark = Field("remark", "", most=4, label="Remark")
    label = Field("label", "1", "It should be", OPTIONS, label="It should be")
    form = Form("mark", {"sample": 3}, (remark, label, Submit("Mark")), label="A mark")
    more = Button(("More",), "more"), Button(("Away",), "away")
    return Popover("M0 0", (form, *more), about, ("mark", "away"), "M", label="Mark it", look="flag")


def test_a_form_is_opened_filled_and_sent_by_keys(show: Show) -> None:
    card = show(popover("one"))
    card.page.keyboard.press("m")
    remark = card.page.get_by_label("Remark")
    expect(remark).to_be_focused()
    card.page.keyboard.type("mmmmm")
    assert violations(card.page) == []
    card.page.get_by_label("It should be").select_option("not known")
    remark.press("Enter")
    assert card.said == [["mark", {"sample": 3, "remark": "mmmm", "label": ""}]]
    expect(card.find(".popover")).to_have_count(0)
    expect(card.find(".flag")).to_be_focused()


def test_a_popover_stays_open_until_it_is_closed_or_about_something_else(show: Show) -> None:
    card = show(popover("one"))
    card.find(".flag").click()
    card.page.get_by_role("button", name="More").click()
    expect(card.find(".flag")).to_have_attribute("aria-expanded", "true")
    card.page.get_by_label("Remark").fill("x")
    card.draw(row(popover("one")).children[0])  # type: ignore[arg-type]
    expect(card.page.get_by_label("Remark")).to_have_value("x")
    card.page.keyboard.press("Escape")
    expect(card.find(".popover")).to_have_count(0)
    card.find(".flag").click()
    card.page.get_by_role("button", name="Away").click()
    expect(card.find(".popover")).to_have_count(0)
    card.find(".flag").click()
    card.draw(popover("another"))
    expect(card.find(".popover")).to_have_count(0)
    assert card.said == [["more", None], ["away", None]]


def test_a_shortcut_presses_a_button_that_is_seen_unless_a_person_types(show: Show) -> None:
    field = Form("send", {}, (Field("text", "", most=9, label="Text"),))
    card = show(row(Button(("Pin",), "pin", shortcut="P"), field))
    expect(card.page.get_by_role("button", name="Pin", exact=True)).to_have_text("PinP")
    card.page.keyboard.press("p")
    card.page.keyboard.press("Control+p")
    card.page.get_by_label("Text").press("p")
    card.find("button").evaluate("button => { button.hidden = true }")
    card.find("button").evaluate("button => button.getRootNode().activeElement.blur()")
    card.page.keyboard.press("p")
    assert card.said == [["pin", None]]


def test_a_local_choice_asks_nobody(show: Show) -> None:
    options = ("a", "first", ""), ("b", "second", "")
    choice = Choice("unit", options, "a", segments=True, local=True)
    card = show(column(choice, Alternatives("unit", (text("1"), text("2")))))
    expect(card.find("span")).to_have_text("1")
    card.page.get_by_role("button", name="second").click()
    expect(card.find("span")).to_have_text("2")
    expect(card.page.get_by_role("button", name="second")).to_have_attribute("aria-pressed", "true")
    assert card.said == []


def test_a_map_over_an_image_comes_forward_as_the_slider_says(show: Show) -> None:
    image, laid = np.zeros((2, 2, 1), "u1"), np.array([[127, 0], [0, -127]], "i1")
    away = Button(("x",), "away", label="Away")
    card = show(
        Overlay(image.tobytes(), (2, 2, 1), laid.tobytes(), "Student", ("coat", "bag"), (away,), look="look")
    )
    pixels = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 2, 2).data]"
    opacity = card.page.get_by_label("Opacity of the explanation")
    opacity.fill("100")
    assert card.find("canvas").evaluate(pixels) == [
        124,
        192,
        255,
        255,
        *[0, 0, 0, 255] * 2,
        255,
        159,
        87,
        255,
    ]
    opacity.fill("0")
    assert card.find("canvas").evaluate(pixels) == [0, 0, 0, 255] * 4
    expect(card.find(".sides span")).to_have_text(["for coat", "for bag"])
    card.page.get_by_role("button", name="Away").click()
    assert card.said == [["away", None]]
    card.draw(Overlay(image.tobytes(), (2, 2, 1), look="look"))
    expect(opacity).to_have_count(0)
