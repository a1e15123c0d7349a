"""Every element in a browser: what it draws, and what it says when a person uses it."""

import re

import numpy as np
import pytest
from accessible import violations
from cards import Show, ShownCard
from playwright.sync_api import expect

from dashboards.kit.charts import Curve, Rail
from dashboards.kit.elements import Box, Button, Choice, Slider, column, quiet, row, swatch, text, title
from dashboards.kit.pictures import Heat, Picture, Read, Reading, Scale, Thumbnail, Windows

pytestmark = pytest.mark.browser

GRAY = np.arange(4 * 6, dtype="u1").reshape(4, 6, 1) * 10
WINDOWS = Windows((0, 2), (0, 2, 4), 2, (4, 6, 1))


def heat(**options: object) -> Heat:
    values = np.array([[1, 0, 0], [0, 0, -1]], "<f4")
    return Heat(values.tobytes(), (2, 3), 1.0, label="A map", **options)  # type: ignore[arg-type]


def pixel(show: ShownCard, canvas: str, x: int, y: int) -> list[int]:
    reads = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]"
    return list(show.find(canvas).first.evaluate(reads, [x, y]))


def test_words_boxes_and_swatches(show: Show) -> None:
    card = show(column(title("Why"), row(quiet("one"), text(swatch("#ff0000"), "two", hint="more"), None)))
    expect(card.find("h3")).to_have_text("Why")
    expect(card.find("h3")).to_have_attribute("title", "Why")
    expect(card.find(".quiet")).to_have_text("one")
    expect(card.find("[title=more]")).to_have_text("two")
    expect(card.find(".swatch")).to_have_css("background-color", "rgb(255, 0, 0)")


def test_a_button_says_its_value_and_the_keys_that_are_down(show: Show) -> None:
    card = show(row(Button(("a",), "go", {"at": 1}, keys=True, pressed=True), Button(("b",), "leave", 2)))
    first, second = card.find("button").all()
    expect(first).to_have_attribute("aria-pressed", "true")
    first.click(modifiers=["Shift"])
    second.click()
    second.press("Enter")
    assert card.said == [["go", {"at": 1, "shift": True, "ctrl": False}], ["leave", 2], ["leave", 2]]


def test_hover_is_said_and_shown(show: Show) -> None:
    card = show(Button(("a",), "study", 7, hover=7))
    card.find("button").hover()
    card.page.mouse.move(590, 390)
    assert card.said == [["hover", 7], ["hover", None]]
    card.change(hovered=7)
    expect(card.find("button")).to_have_attribute("data-hovered", "")
    card.change(hovered=8)
    expect(card.find("button[data-hovered]")).to_have_count(0)


def test_focus_and_scroll_stay_where_another_tree_is_drawn(show: Show) -> None:
    def listed(word: str) -> Box:
        items = tuple(Button((f"{word} {at}",), "go", at, look="item") for at in range(60))
        return Box((Box(items, look="list"),), look="filled", style="height: 200px")

    card = show(listed("image"))
    card.find("button").nth(40).focus()
    before = card.find(".list").evaluate("list => list.scrollTop")
    assert before > 0
    card.draw(listed("picture"))
    expect(card.find("button").nth(40)).to_be_focused()
    expect(card.find("button").nth(40)).to_have_text("picture 40")
    assert card.find(".list").evaluate("list => list.scrollTop") == before


def test_a_choice_is_a_list_or_segments(show: Show) -> None:
    options = (("a", "first", ""), ("b", "second", "more"))
    card = show(
        row(Choice("pick", options, "b", label="List"), Choice("pick", options, "a", True, label="Side"))
    )
    expect(card.card.get_by_label("List")).to_have_value("b")
    card.card.get_by_label("List").select_option("a")
    card.card.get_by_role("button", name="second").click()
    expect(card.card.get_by_role("button", name="first")).to_have_attribute("aria-pressed", "true")
    assert card.said == [["pick", "a"], ["pick", "b"]]


def test_a_slider_tells_while_it_moves_and_says_where_it_is_let_go(show: Show) -> None:
    def slider(value: float) -> Slider:
        return Slider("move", "blur", "Blur", value, f"{value:g} px", 4.0, 0.5, label="How much blur")

    card = show(slider(1.0))
    expect(card.find("b")).to_have_text("1 px")
    field = card.card.get_by_label("How much blur")
    field.evaluate("field => { field.value = 2.5; field.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(card.find("b")).to_have_text("2.5")
    assert card.said == []
    field.evaluate("field => field.dispatchEvent(new Event('change', {bubbles: true}))")
    assert card.said == [["move", {"name": "blur", "value": 2.5}]]
    card.draw(slider(3.0))
    expect(field).to_have_value("3")


def test_a_map_is_blue_above_zero_and_follows_the_theme(show: Show) -> None:
    card = show(row(heat(), Scale("low", "high", hint="ends")))
    blue, zero, orange = (pixel(card, ".map", x, y) for x, y in ((0, 0), (1, 0), (2, 1)))
    assert blue[2] > blue[0] + 40
    assert zero[:3] == [255, 255, 255]
    assert orange[0] > orange[2] + 40
    card.page.evaluate("() => document.documentElement.setAttribute('data-dv-theme', 'dark')")
    card.page.wait_for_timeout(100)
    assert pixel(card, ".map", 1, 0)[0] < 80
    expect(card.find(".scale")).to_have_text("lowhigh")


def test_a_cell_that_is_pointed_at_is_read_and_marked_on_the_image(show: Show) -> None:
    unit = heat(windows=WINDOWS, reading=Reading("unit", "sd", always=True))
    dog = heat(windows=WINDOWS, reading=Reading("dog", "sd", -1.0, (3.0, "nats")))
    image = Picture(GRAY.tobytes(), GRAY.shape, marked=True, label="The image")
    card = show(
        column(
            row(*(Box((each,), style="width: 120px") for each in (image, unit, dog))),
            Read("Rows {rows}, columns {columns}", ("nothing",)),
        )
    )
    expect(card.find("p")).to_have_text("nothing")
    box = card.find(".pointed").nth(1).bounding_box()
    card.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    expect(card.find("p")).to_have_text("Rows 3–4, columns 5–6: unit −1.00 sd, dog +1.00 sd (+3.00 nats)")
    assert card.find(".mark").evaluate("mark => parseFloat(getComputedStyle(mark).left)") == pytest.approx(
        80, abs=1
    )
    card.page.mouse.move(590, 390)
    expect(card.find("p")).to_have_text("nothing")
    expect(card.find(".mark")).to_have_count(0)
    assert pixel(card, ".image", 2, 1) == [80, 80, 80, 255]


def test_a_map_in_a_button_says_what_is_pointed_at_and_else_the_button_does(show: Show) -> None:
    cell = heat(says="A map: {value} at row {row}, column {column}", style="width: 60px; height: 40px")
    button = Button((text("unit", style="display: block"), cell), "go", 1, says="Unit 1", label="Unit 1")
    card = show(column(row(button), Read("", ("nothing",))))
    box = card.find("canvas").bounding_box()
    card.page.mouse.move(box["x"] + 55, box["y"] + 35)
    expect(card.find("p")).to_have_text("A map: −1 at row 2, column 3")
    card.page.mouse.move(box["x"] + 5, box["y"] - 5)
    expect(card.find("p")).to_have_text("Unit 1")
    card.page.mouse.move(590, 390)
    expect(card.find("p")).to_have_text("nothing")


def test_a_picture_of_four_channels_is_clear_where_its_opacity_is_none(show: Show) -> None:
    pixels = np.array([[[9, 8, 7, 255], [0, 0, 0, 0]]], "u1")
    card = show(Picture(pixels.tobytes(), pixels.shape, label="Two"))
    assert [pixel(card, ".image", x, 0) for x in (0, 1)] == [[9, 8, 7, 255], [0, 0, 0, 0]]


def test_squares_have_their_numbers_in_readable_ink(show: Show) -> None:
    texts = ("+1.00", ".00", ".00", ".00", ".00", "−1.00")
    card = show(heat(texts=texts, hints=tuple(f"hint {at}" for at in range(6)), sizes=((2, 1), (1, 1, 1))))
    expect(card.find(".square")).to_have_text(list(texts))
    expect(card.find(".square").nth(1)).to_have_css("color", "rgb(0, 0, 0)")
    expect(card.find(".square").nth(0)).to_have_css("color", "rgb(255, 255, 255)")
    expect(card.find(".square").nth(5)).to_have_attribute("aria-label", "hint 5")
    high, low = (card.find(".square").nth(at).bounding_box()["height"] for at in (0, 5))
    assert high == pytest.approx(2 * low, abs=2)


def test_arrow_keys_lead_through_a_roving_group(show: Show) -> None:
    buttons = tuple(Button((str(at),), "go", at, pressed=at == 2) for at in range(4))
    card = show(row(Box(buttons, roving=True), Button(("after",), "go", 9)))
    assert [button.get_attribute("tabindex") for button in card.find("div > div > button").all()][:4] == [
        "-1",
        "-1",
        "0",
        "-1",
    ]
    card.find("button").nth(2).focus()
    card.page.keyboard.press("ArrowRight")
    expect(card.find("button").nth(3)).to_be_focused()
    card.page.keyboard.press("ArrowRight")
    expect(card.find("button").nth(3)).to_be_focused()
    card.page.keyboard.press("Home")
    expect(card.find("button").nth(0)).to_be_focused()
    card.page.keyboard.press("Tab")
    expect(card.find("button").nth(4)).to_be_focused()


def test_a_button_that_is_pressed_elsewhere_comes_into_view(show: Show) -> None:
    def line(pressed: int) -> Box:
        style = "flex: none; width: 100px"
        buttons = tuple(Button((str(at),), "go", at, pressed=at == pressed, style=style) for at in range(20))
        style = "display: flex; overflow-x: auto; width: 300px"
        return Box(buttons, roving=True, follows=str(pressed), look="line", style=style)

    def scrolled() -> float:
        return float(card.find(".line").evaluate("line => line.scrollLeft"))

    card = show(line(9))
    assert scrolled() == 0  # at first those that stand first are shown
    card.draw(line(7))
    expect(card.find("button").nth(7)).to_be_in_viewport()
    assert scrolled() == 500
    card.draw(line(6))
    expect(card.find("button").nth(6)).to_have_attribute("aria-pressed", "true")
    assert scrolled() == 500


def test_rails_curves_and_frames(show: Show) -> None:
    frame = Thumbnail(GRAY.tobytes(), GRAY.shape, "#ff0000", "#00ff00", side=60, label="Image 7")
    card = show(
        column(Box((Rail(0.5, (0.25, 0.75), 0.9),), style="width: 200px"), Curve((1, None, 3), 2), frame)
    )
    expect(card.find(".bar-fill")).to_have_css("width", "100px")
    expect(card.find(".interval")).to_have_css("left", "50px")
    expect(card.find(".at")).to_have_css("left", "180px")
    assert card.find("path").get_attribute("d").count("L") == 1
    expect(card.find("circle")).to_have_count(1)
    expect(card.find(".framed")).to_have_css("border-top-color", "rgb(255, 0, 0)")
    expect(card.find(".framed canvas")).to_have_css("width", "60px")
    expect(card.find(".framed canvas")).to_have_css("height", "40px")
    expect(card.find(".corner")).to_have_css("background-image", re.compile(r"rgb\(0, 255, 0\)"))


def test_work_is_shown_and_cancelled(show: Show) -> None:
    card = show(text("content"))
    expect(card.find(".work")).to_have_count(0)
    card.change(work={"text": "Covering", "detail": "3 of 9", "share": 0.3, "end": "2 s left"})
    expect(card.find("[role=progressbar]")).to_have_attribute("aria-valuenow", "30")
    expect(card.find(".work")).to_contain_text("2 s left")
    card.card.get_by_role("button", name="Cancel").click()
    assert card.said == [["cancel", None]]
    card.change(work={})
    expect(card.find(".work")).to_have_count(0)
    assert violations(card.page) == []
