"""Lines, tables, lists and help in a browser: what they draw, and what they say when a person uses them."""

import re

import numpy as np
import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.charts import Bulk, Chart, Counts, Course, Frame, Head
from dashboards.kit.elements import Box, Button, HelpButton, header

pytestmark = pytest.mark.browser


def test_a_chart_draws_lines_and_asks_for_a_place_that_has_a_hint(show: Show) -> None:
    lines = Course((0.0, 1.0)), Course((0.5, None, 0.5), "dotted")
    hints = "Epoch 1", "Epoch 2"
    chart = Chart(lines, 4, (0.0, 1.0), 1, hints, "go", first=1, ends=("0 %", "100 %"), label="Accuracy")
    card = show(Box((chart,), look="filled"))
    expect(card.find("[role=img]")).to_have_attribute("aria-label", "Accuracy")
    expect(card.find(".drawn").first).to_have_attribute("d", "M125,92L375,8")
    expect(card.find(".drawn.dotted")).to_have_attribute("d", "M125,50M625,50")
    expect(card.find(".spot")).to_have_count(1)  # the other line has no value there
    expect(card.find(".top")).to_have_text("100 %")
    card.find(".places span").nth(1).click()
    card.find(".places span").nth(3).click()  # nothing is known of it
    assert card.said == [["go", 2]]


def test_a_chart_has_axes_where_they_are_asked_for(show: Show) -> None:
    chart = Chart(
        (Course((0.0, 1.0)),), 2, (0.0, 1.0), ticks=((0.5, "50 %"),), marks=((1, "end"),), label="Loss"
    )
    card = show(Box((chart,), look="filled", style="height: 200px"))
    line, tick, mark = (card.find(f".{name}").bounding_box() for name in ("chart", "tick", "place"))
    assert line is not None
    assert tick is not None
    assert mark is not None
    assert tick["x"] + tick["width"] < line["x"]
    assert tick["y"] + tick["height"] / 2 == pytest.approx(line["y"] + line["height"] / 2, abs=1)
    assert mark["y"] >= line["y"] + line["height"]
    assert mark["x"] + mark["width"] / 2 == pytest.approx(line["x"] + 0.75 * line["width"], abs=1)
    expect(card.find(".rule")).to_have_attribute("d", "M0,50H1000")


def test_places_of_a_chart_are_brushed_by_the_mouse_and_by_keys(show: Show) -> None:
    line = Course((0.0, 0.5, 1.0), "ink", ((-0.1, 0.1), None, (0.9, 1.1)))
    other = Course((1.0, 0.0), "beside", (), (0.1, 0.2))
    chart = Chart(
        (line, other),
        4,
        (0.0, 1.0),
        2,
        says=("one", "two", "three", "to come"),
        positions=(0.2, 0.4, 0.6, 1.0),
        brush="brush",
        band=(1, 2),
        label="Loss",
    )
    card = show(Box((chart,), look="filled", style="height: 200px"))
    expect(card.find(".drawn.ink")).to_have_attribute("d", "M200,92L400,50L600,8")
    expect(card.find(".drawn.beside")).to_have_attribute("d", "M100,8L200,92")
    expect(card.find(".interval")).to_have_attribute("d", re.compile("^M200,.*V.*M600,"))
    expect(card.find(".brush")).to_have_attribute("style", "left: 30%; width: 50%;")
    box = card.find(".chart").bounding_box()
    assert box is not None
    x, y = (lambda share: box["x"] + share * box["width"]), box["y"] + box["height"] / 2
    mouse, keys = card.page.mouse, card.page.keyboard
    mouse.move(x(0.62), y)
    mouse.down()
    mouse.move(x(0.35), y, steps=3)
    expect(card.find(".brush")).to_have_attribute("style", "left: 30%; width: 50%;")
    mouse.up()
    keys.down("Shift")
    mouse.click(x(0.95), y)
    keys.up("Shift")
    card.find(".chart").focus()
    keys.press("Home")
    keys.press("Shift+ArrowRight")
    expect(card.find(".brush")).to_have_attribute("style", "left: 10%; width: 40%;")
    keys.press("Control+Enter")
    keys.press("End")
    keys.press("Shift+ArrowLeft")
    keys.press("Escape")
    keys.press("Enter")
    plain, added, taken = (
        {"shift": shift, "ctrl": ctrl} for shift, ctrl in ((False, False), (True, False), (False, True))
    )
    assert card.said == [
        ["brush", {"first": 1, "last": 2, **plain}],
        ["brush", {"first": 3, "last": 3, **added}],
        ["brush", {"first": 0, "last": 1, **taken}],
        ["brush", {"first": 2, "last": 2, **plain}],
    ]
    assert chart.offers("brush", card.said[0][1])
    assert not chart.offers("brush", {"first": 3, "last": 4, **plain})
    assert not chart.offers("go", {"first": 1, "last": 2, **plain})


def test_arrow_keys_stay_in_a_matrix(show: Show) -> None:
    names = ("cat", "2 others")
    heads = tuple(
        Head(name, name, color, f"all true {name}", f"all predicted {name}")
        for name, color in zip(names, ("#ff0000", ""), strict=True)
    )
    matrix = Counts(
        "select",
        ("true", "predicted"),
        heads,
        np.array([100, -50, 0, 1], np.int8).tobytes(),
        texts=("3 / 35", "2", "", "7"),
        hints=tuple(f"hint {place}" for place in range(4)),
        frames=(Frame(0, 0, out=False), Frame(0, 1, out=True)),
        note="gray: not selected",
        label="Confusion",
    )
    card = show(matrix)
    expect(card.find(".origin")).to_have_text("gray: not selectedtrue ↓predicted →")
    expect(card.find(".over").first).to_have_accessible_name("all predicted cat")
    expect(card.find(".beside").nth(1)).to_have_accessible_name("all true 2 others")
    first, second = (card.find(f"[data-cell='0,{column}']") for column in (0, 1))
    expect(first).to_have_attribute("style", re.compile("positive.* 45%"))
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(second).to_have_class(re.compile("out"))
    second.focus()
    for key, place in (("ArrowRight", "0,1"), ("ArrowDown", "1,1"), ("ArrowDown", "1,1")):
        card.page.keyboard.press(key)
        expect(card.find(f"[data-cell='{place}']")).to_be_focused()
    card.page.keyboard.press("ArrowLeft")
    card.page.keyboard.press("Shift+Enter")
    card.page.keyboard.press("ArrowLeft")
    card.page.keyboard.press("ArrowLeft")
    card.page.keyboard.press("Enter")
    card.page.keyboard.press("ArrowUp")
    card.page.keyboard.press("ArrowUp")
    expect(card.find(".beside").first).to_be_focused()  # above it is no button
    card.find(".over").nth(1).click(modifiers=["Control"])
    held = [{"shift": True, "ctrl": False}, {"shift": False, "ctrl": False}, {"shift": False, "ctrl": True}]
    places = ((1, 0), (1, None), (None, 1))
    assert card.said == [
        ["select", {"row": row, "column": column, **keys}]
        for (row, column), keys in zip(places, held, strict=True)
    ]
    first.hover()
    expect(card.find(".tip")).to_have_text("hint 0")
    assert violations(card.page) == []


def test_a_matrix_of_very_many_cells_is_painted_and_says_what_is_pointed_at(show: Show) -> None:
    rows = 40
    heads = tuple(Head(f"c{row}", f"c{row}", "", f"all true c{row}", f"all c{row}") for row in range(rows))
    selected = np.eye(rows, dtype=np.uint32)
    counts = np.stack([selected, 2 * selected]).tobytes()
    bulk = Bulk(counts, tuple(head.name for head in heads), partial=True)
    level = (100 * selected).astype(np.int8).tobytes()
    frames = (Frame(3, 3, out=True),)
    card = show(Counts("go", ("true", "predicted"), heads, level, frames=frames, bulk=bulk, label="Matrix"))
    field = card.page.get_by_role("group", name="Matrix: arrow keys move, Enter selects")
    field.focus()
    told = card.find("[aria-live]")
    expect(told).to_have_text("1 selected of 2 c0 recognized (100 % of 1 selected c0)")
    for key in ("ArrowDown", "Enter", "ArrowLeft", "Shift+Enter"):
        card.page.keyboard.press(key)
    expect(told).to_have_text("all true c1")
    box = field.bounding_box()
    assert box is not None
    first = box["x"] + 92 + 1, box["y"] + 84 + 1  # beside the names
    card.page.mouse.move(*first)
    card.page.mouse.wheel(0, -400)
    expect(card.find(".tip")).to_contain_text("c0 recognized")
    card.page.mouse.down()
    card.page.mouse.move(first[0] + 30, first[1], steps=3)  # a drag is no click
    card.page.mouse.up()
    card.page.mouse.click(first[0], first[1] - 20)  # a name above
    held = {"shift": False, "ctrl": False}
    assert card.said == [
        ["go", {"row": 1, "column": 0, **held}],
        ["go", {"row": 1, "column": None, **held, "shift": True}],
        ["go", {"row": None, "column": 0, **held}],
    ]
    assert violations(card.page) == []


def test_a_list_of_something_else_begins_at_its_top(show: Show) -> None:
    def listed(about: str, word: str) -> Box:
        items = tuple(Button((f"{word} {at}",), "go", at, look="item") for at in range(60))
        return Box((Box(items, look="list", about=about),), look="filled", style="height: 200px")

    card = show(listed("one", "image"))
    card.find(".list").evaluate("list => { list.scrollTop = 300 }")
    card.draw(listed("one", "picture"))
    expect(card.find("button").first).to_have_text("picture 0")
    assert card.find(".list").evaluate("list => list.scrollTop") == 300
    card.draw(listed("another", "image"))
    expect(card.find("button").first).to_have_text("image 0")
    assert card.find(".list").evaluate("list => list.scrollTop") == 0


def test_help_opens_beside_its_button_and_escape_closes_it_alone(show: Show) -> None:
    card = show(header("A sentence", HelpButton("this plot", "It shows.", "Click.", "", "Somebody.")))
    expect(card.find("h2")).to_have_attribute("title", "A sentence")
    card.page.evaluate("""() => {
      window.escapes = 0
      window.addEventListener("keydown", ({key}) => { window.escapes += key === "Escape" })
      document.addEventListener("dv-picture", ({detail}) => { window.kind = detail.kind })
    }""")
    help_ = card.find(".help")
    card.card.get_by_role("button", name="What this plot shows").click()
    expect(help_).to_be_visible()
    expect(help_.locator("dt")).to_have_text(["Use it", "Source"])
    help_.get_by_role("button", name="SVG").click()
    assert card.page.evaluate("window.kind") == "svg"
    card.page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(card.find(".help-button")).to_be_focused()
    assert card.page.evaluate("window.escapes") == 0
    card.page.keyboard.press("Escape")
    assert card.page.evaluate("window.escapes") == 1
