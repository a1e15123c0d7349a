"""Elements that open, that a person types in, and that are pointed at in charts and planes."""

import numpy as np
import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.charts import Chart, Course, Dot, FactGroup, Facts, Level, Ring, Scatter
from dashboards.kit.elements import Box, Button, Element, column, text
from dashboards.kit.panels import Flyout, Fold, FormButton, Progress, Sheet, TextField, TextForm
from dashboards.kit.pictures import Heat, Lens, Read

pytestmark = pytest.mark.browser

FORM = TextForm(
    (
        TextField("solver", "Solver", "adam", ("adam", "sgd"), implied=(("sgd", "rate", "0.5"),)),
        TextField("rate", "Rate", "0.01", hint="Of learning"),
    ),
    "7",
    (
        FormButton(("Curve",), "curve", {"sample": 7}),
        FormButton(("Fit",), "fit", {"sample": 7}, main=True),
        Button(("Tune",), "tune", 7),
    ),
)


def test_a_fold_stays_open_while_it_is_away(show: Show) -> None:
    fold = Fold("classes", ("All ", text("four")), (text("content", look="inside"),), hint="the four")
    card = show(column(fold))
    expect(card.find(".inside")).to_be_hidden()
    card.find("summary").click()
    expect(card.find(".inside")).to_be_visible()
    card.draw(column(text("nothing")))
    expect(card.find("details")).to_have_count(0)
    card.draw(column(text("before"), fold))
    expect(card.find(".inside")).to_be_visible()


def test_a_popover_is_closed_by_what_is_asked_for_by_escape_and_by_another_image(show: Show) -> None:
    def tree(about: str = "7", warns: str = "") -> Element:
        return column(Flyout("Settings", about, (FORM,), warns), style="padding-left: 400px")

    card = show(tree())
    popover, opens = card.find(".flyout"), card.card.get_by_role("button", name="Settings")
    opens.click()
    expect(opens).to_have_attribute("aria-expanded", "true")
    assert violations(card.page) == []
    card.card.get_by_label("Rate").fill("0.2")
    card.page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    opens.click()
    card.page.keyboard.press("Tab")
    card.card.get_by_label("Rate").press("Enter")  # what was typed is still there
    expect(popover).to_have_count(0)
    opens.click()
    card.card.get_by_role("button", name="Tune").click()
    expect(popover).to_have_count(0)
    texts = {"solver": "adam", "rate": "0.2"}
    assert card.said == [["fit", {"sample": 7, "texts": texts}], ["tune", 7]]
    card.draw(tree(warns="Rate is no number"))
    expect(popover).to_be_visible()
    card.draw(tree("8"))
    expect(popover).to_have_count(0)


def test_a_field_implies_another_and_texts_stay_until_it_is_about_something_else(show: Show) -> None:
    card = show(column(FORM))
    rate = card.card.get_by_label("Rate")
    rate.fill("0.25")
    card.page.keyboard.press("ArrowLeft")
    card.draw(column(text("before"), Box((FORM,))))
    card.draw(column(FORM))
    expect(rate).to_have_value("0.25")
    card.card.get_by_label("Solver").select_option("sgd")
    expect(rate).to_have_value("0.5")
    card.card.get_by_role("button", name="Curve").click()
    assert card.said == [["curve", {"sample": 7, "texts": {"solver": "sgd", "rate": "0.5"}}]]
    card.draw(column(TextForm(FORM.fields, "8", FORM.children)))
    expect(rate).to_have_value("0.01")


def test_a_sheet_has_the_keys_and_forgets_what_was_typed(show: Show) -> None:
    tree = Sheet("close", (FORM, Progress("curve", "stop")), label="A sheet")
    card = show(column())
    card.draw(tree)
    expect(card.find(".sheet")).to_be_focused()
    card.change("works", {"curve": {"text": "Drawing", "detail": "step 3", "share": None, "end": ""}})
    expect(card.find(".work")).to_contain_text("step 3")
    card.card.get_by_role("button", name="Cancel").click()
    card.change("works", {})
    expect(card.find(".work")).to_have_count(0)
    card.card.get_by_label("Rate").fill("0.25")
    card.page.keyboard.press("Escape")
    assert card.said == [["stop", None], ["close", None]]
    card.draw(column())
    card.draw(tree)
    expect(card.card.get_by_label("Rate")).to_have_value("0.01")


def test_a_place_of_a_chart_is_read_by_pointer_and_keys(show: Show) -> None:
    chart = Chart(
        (Course((1.0, 10.0, 100.0)),),
        3,
        (1.0, 100.0),
        2,
        levels=(Level(10.0, "dotted"),),
        ratios=True,
        says=("low", "middle", "high"),
        label="Loss",
    )
    card = show(column(chart, Read("", ("the last",), look="read"), style="height: 300px"))
    heights = card.find(".drawn").evaluate("e => e.getAttribute('d').match(/,[\\d.]+/g)")
    assert [float(height[1:]) for height in heights] == pytest.approx([92, 50, 8])  # equal ratios
    assert (card.find(".level").get_attribute("d") or "").startswith("M0,50")
    read, plot = card.find(".read"), card.find(".chart")
    expect(read).to_have_text("the last")
    box = plot.bounding_box()
    assert box is not None
    card.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    expect(read).to_have_text("middle")
    card.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] + 60)
    expect(read).to_have_text("the last")
    plot.focus()
    for key, says in (("ArrowLeft", "middle"), ("Home", "low"), ("ArrowRight", "middle"), ("End", "high")):
        card.page.keyboard.press(key)
        expect(read).to_have_text(says)


def test_a_dot_of_a_plane_is_told_and_asked_for(show: Show) -> None:
    dots = (
        Dot(0.25, 0.5, {"texts": {"band": "0.6"}}, "The run's", "optimal", "--stability: 20%", stop=True),
        Dot(0.75, 1.0, {"texts": {"band": "0.9"}}, "Another"),
    )
    scatter = Scatter(
        "fit", dots, ((0.25, 0.5), (0.75, 1)), (Ring(0, "own", "own"),), ((0.5, "1"),), (), label="Plane"
    )
    facts = Facts(
        ("Own", "Under the pointer"),
        (FactGroup(("band",), (("0.6",), ("0.9",)), 0, "run"), FactGroup(("KL",), (("1",), ("2",)))),
        0,
    )
    card = show(column(scatter, facts, style="height: 380px; padding: 40px"))
    found, told = card.find(".dot"), card.find(".dot-facts")
    expect(told).to_have_text("Ownband0.6KL1")
    found.nth(1).hover()
    expect(told).to_have_text("Under the pointerband0.9 run 0.6KL2")
    card.page.mouse.move(0, 0)
    expect(told).to_contain_text("Own")
    found.nth(1).click()
    found.first.focus()
    card.page.keyboard.press("Enter")
    assert card.said == [["fit", dot.value] for dot in reversed(dots)]
    expect(card.find('.dot[tabindex="0"]')).to_have_count(1)
    assert violations(card.page) == []


def test_a_lens_enlarges_the_map_under_the_pointer(show: Show) -> None:
    levels = np.array([[127, 0, -127, 64]], np.int8)
    maps = (
        Heat(levels.tobytes(), (2, 2), 1.0, levels=True, label="cat", style="width: 40px; height: 40px"),
        Heat(
            levels.tobytes(),
            (2, 2),
            1.0,
            levels=True,
            signs=False,
            label="dog",
            style="width: 40px; height: 40px",
        ),
    )
    card = show(Lens((Box(maps), text("beside", look="beside")), look="filled"))
    lens = card.find(".lens")
    card.find("canvas[aria-label=cat]").hover()
    expect(lens).to_have_text("cat")
    pixels = "e => [...e.getContext('2d').getImageData(0, 0, 2, 2).data]"
    signed, gray = (card.find(f"canvas[aria-label={name}]").evaluate(pixels) for name in ("cat", "dog"))
    assert lens.locator("canvas").evaluate(pixels) == signed
    assert signed[2] > signed[0]  # blue above zero
    assert gray[:3] == gray[8:11]  # only magnitudes
    card.find("canvas[aria-label=dog]").hover()
    expect(lens).to_have_text("dog")
    card.find(".beside").hover()
    expect(lens).to_have_count(0)
