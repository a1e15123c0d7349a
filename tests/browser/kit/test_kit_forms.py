"""Elements that open, that a person types in or points at, and what the browser chooses alone."""

import numpy as np
import pytest
from accessible import violations
from cards import Show
from playwright.sync_api import expect

from dashboards.kit.charts import Chart, Course, Dot, FactGroup, Facts, Level, Ring, Scatter
from dashboards.kit.elements import (
    Alternatives,
    Box,
    Button,
    Choice,
    Element,
    Icon,
    column,
    row,
    text,
)
from dashboards.kit.forms import Field, Fold, Form, Popover, Progress, Sheet, Submit
from dashboards.kit.pictures import Heat, Lens, Overlay, Read

pytestmark = pytest.mark.browser

OPTIONS = ("", "not known"), ("1", "coat")


def popover(about: str) -> Popover:
    remark = Field("remark", "Remark", "", most=4, lines=2, placeholder="optional")
    label = Field("label", "It should be", "1", OPTIONS)
    form = Form(
        (remark, label), about, (Submit(("Mark",), "mark", {"sample": 3}, main=True),), label="A mark"
    )
    more = Button(("More",), "more"), Button(("Away",), "away")
    face, closing = (Icon("M0 0"),), ("mark", "away")
    return Popover(face, about, (form, *more), closing, shortcut="M", label="Mark it", look="flag")


def test_a_form_is_opened_filled_and_sent_by_keys(show: Show) -> None:
    card = show(popover("one"))
    card.page.keyboard.press("m")
    remark = card.page.get_by_label("Remark")
    expect(remark).to_be_focused()
    card.page.keyboard.type("mmmmm")
    assert violations(card.page) == []
    card.page.get_by_label("It should be").select_option("not known")
    remark.press("Enter")
    assert card.said == [["mark", {"sample": 3, "texts": {"remark": "mmmm", "label": ""}}]]
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


FORM = Form(
    (
        Field(
            "solver", "Solver", "adam", (("adam", "adam"), ("sgd", "sgd")), implied=(("sgd", "rate", "0.5"),)
        ),
        Field("rate", "Rate", "0.01", hint="Of learning"),
    ),
    "7",
    (
        Submit(("Curve",), "curve", {"sample": 7}),
        Submit(("Fit",), "fit", {"sample": 7}, main=True),
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
        return column(
            Popover(("Settings",), about, (FORM,), ("fit", "tune"), warns), style="padding-left: 400px"
        )

    card = show(tree())
    popover, opens = card.find(".popover"), card.card.get_by_role("button", name="Settings")
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


def test_what_is_only_read_closes_by_escape_or_a_press_elsewhere_wherever_the_focus_is(show: Show) -> None:
    """A button in it that is gone once it was pressed takes the focus with it."""

    def tree(*asks: Button) -> Box:
        read = Popover(("Why?",), "one", (*asks, text("Because.", tag="p")), ())
        return row(read, Popover(("Settings",), "one", (FORM,), ("fit",)), style="padding: 0 0 300px 400px")

    card = show(tree(Button(("Ask",), "ask")))
    popover = card.find(".popover")
    for away in (lambda: card.page.keyboard.press("Escape"), lambda: card.page.mouse.click(5, 5)):
        card.draw(tree(Button(("Ask",), "ask")))
        card.card.get_by_role("button", name="Why?").click()
        expect(card.card.get_by_role("button", name="Ask")).to_be_focused()
        card.draw(tree())
        expect(popover).to_have_text("Because.")
        away()
        expect(popover).to_have_count(0)
    card.card.get_by_role("button", name="Settings").click()
    card.page.mouse.click(5, 5)
    expect(popover).to_be_visible()  # what was typed there is not to be lost


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
    card.draw(column(Form(FORM.fields, "8", FORM.children)))
    expect(rate).to_have_value("0.01")


def test_a_sheet_has_the_keys_and_forgets_what_was_typed(show: Show) -> None:
    tree = Sheet("close", (FORM, Progress("curve", "stop")), label="A sheet")
    card = show(column())
    card.draw(tree)
    expect(card.find(".sheet")).to_be_focused()
    card.change(works={"curve": {"text": "Drawing", "detail": "step 3", "share": None, "end": ""}})
    expect(card.find(".work")).to_contain_text("step 3")
    card.card.get_by_role("button", name="Cancel").click()
    card.change(works={})
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
    found, told = card.find(".dot"), card.find(".facts")
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


def test_a_shortcut_presses_a_button_that_is_seen_unless_a_person_types(show: Show) -> None:
    field = Form((Field("text", "Text", ""),), "")
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
