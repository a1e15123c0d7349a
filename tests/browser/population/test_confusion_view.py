"""The confusion matrix in a real browser: clicks, counts under the selection, units, many classes."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboards.session.selection import Mode

pytestmark = pytest.mark.browser

CLASSES = 10


@pytest.fixture
def session(open_views, synthetic_run):
    return open_views(synthetic_run)


def _selected(session):
    return [list(cell) for cell in session.selection.steps[-1].gesture.cells]


def _text(cell):
    """All of it, also what has no room."""
    return cell.text_content()


def test_a_t2_a_cell_selects_true_by_row_and_predicted_by_column(session, cell, wait_until, page):
    cell(3, 4).click()
    wait_until(lambda: session.selection.count)
    table = session.population
    expected = (table.label == 3) & (table.predicted == 4)
    np.testing.assert_array_equal(session.selection.mask, expected)
    sentence = page.get_by_text(f"{expected.sum()} class 3 taken for class 4", exact=True)
    wait_until(lambda: sentence.count() == 2)  # above both views
    expect(cell(3, 4)).to_have_attribute("aria-pressed", "true")


def test_a_second_click_lets_the_cell_go(session, cell, wait_until):
    cell(3, 4).click()
    wait_until(lambda: session.selection.count)
    cell(3, 4).click()
    wait_until(lambda: session.selection.mask is None)


def test_the_name_of_a_row_selects_a_true_class_and_of_a_column_a_predicted_one(session, wait_until, page):
    page.locator(".matrix .beside").nth(2).click()
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[2, j] for j in range(CLASSES)]
    page.locator(".matrix .over").nth(5).click()
    wait_until(lambda: _selected(session) == [[i, 5] for i in range(CLASSES)])
    np.testing.assert_array_equal(session.selection.mask, session.population.predicted == 5)


def test_with_shift_a_cell_is_added(session, cell, wait_until):
    cell(3, 4).click()
    wait_until(lambda: session.selection.count)
    cell(4, 5).click(modifiers=["Shift"])
    wait_until(lambda: len(session.selection.steps) == 2)
    assert session.selection.steps[-1].mode is Mode.ADD
    table = session.population
    expected = (table.label == 3) & (table.predicted == 4) | (table.label == 4) & (table.predicted == 5)
    np.testing.assert_array_equal(session.selection.mask, expected)


def test_a_slow_click_is_a_click_and_a_press_that_ends_elsewhere_is_none(session, cell, wait_until, page):
    cell(1, 2).hover()
    page.mouse.down()
    page.wait_for_timeout(500)
    cell(6, 7).hover()
    page.mouse.up()
    cell(3, 4).click(delay=500)
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[3, 4]]
    assert len(session.selection.steps) == 1


def test_a_t5_a_lasso_on_the_map_counts_anew_and_keeps_the_totals(session, cell, figure, wait_until):
    figure("map").drag([(10, -20), (32, -20), (32, 20), (10, 20)])
    wait_until(lambda: session.selection.count)
    table = session.population
    counted, total = table.confusion(session.selection.mask), table.confusion()
    places = [(i, j) for i in range(CLASSES) for j in range(CLASSES)]
    expected = [
        f"{counted[at]} / {total[at]}" if counted[at] else str(total[at] or "")  # gray: not selected
        for at in places
    ]
    wait_until(lambda: [_text(cell(*at)) for at in places] == expected)


def test_rates_are_percent_of_a_row(session, cell, page):
    page.get_by_role("button", name="rate").click()
    counts = session.population.confusion()
    expect(cell(0, 0)).to_have_text(f"{100 * counts[0, 0] / counts[0].sum():.0f}")


def test_errors_and_recognitions_differ_in_hue_and_the_empty_is_neither(session, cell, wait_until, page):
    def hue(true, predicted):
        box = cell(true, predicted).bounding_box()
        corner = {"x": box["x"] + 4, "y": box["y"] + 4, "width": 1, "height": 1}
        pixel = Image.open(io.BytesIO(page.screenshot(clip=corner))).convert("RGB")
        color = np.asarray(pixel)[0, 0].astype(int)
        return "error" if color[0] - color[2] > 30 else "recognized" if color[2] - color[0] > 30 else "empty"

    wait_until(lambda: (hue(2, 2), hue(2, 3), hue(2, 7)) == ("recognized", "error", "empty"))


def test_hover_says_a_cell_in_words(session, cell, page):
    counts = session.population.confusion()
    cell(3, 4).hover()
    expect(page.locator(".tip")).to_contain_text(f"{counts[3, 4]} class 3 taken for class 4")


@pytest.fixture
def many(open_views, synthetic, tmp_path):
    """345 classes, of which each is taken for the next one."""
    return open_views(synthetic.write_run(tmp_path, synthetic.Shape(6000, classes=345)))


@pytest.fixture
def names(page):
    """Of the rows that are shown."""
    return lambda: page.locator(".matrix .beside").evaluate_all("rows => rows.map(row => row.dataset.name)")


def test_of_hundreds_of_classes_the_most_confused_are_named_and_the_rest_is_one(
    many, cell, names, wait_until, page
):
    session = many
    expect(cell(20, 20)).to_be_visible()
    shown = names()
    assert len(shown) == 21
    assert shown[-1] == "325 others"
    assert page.get_by_role("status").inner_text() == "The 20 most confused of 345 classes."
    first = int(shown[0].removeprefix("class "))
    cell(0, 0).click()
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[first, first]]
    cell(0, 20).click()  # the first class taken for one of the others
    wait_until(lambda: _selected(session) != [[first, first]])
    cells = np.array(_selected(session))
    assert set(cells[:, 0]) == {first}
    assert session.selection.count == session.population.confusion()[tuple(cells.T)].sum() > 0
    assert names() == shown  # what is clicked here moves no row


def test_a_class_that_is_searched_for_comes_with_those_it_is_confused_with(many, names, wait_until, page):
    session = many
    field = page.get_by_role("combobox", name="Class to show")
    field.fill("class 123")
    field.press("Enter")
    wait_until(lambda: session.navigation.classes == "123")
    wait_until(lambda: names()[0] == "class 123")
    counts = session.population.confusion()
    near = {f"class {k}" for k in np.flatnonzero(counts[123] + counts[:, 123])}
    assert near <= set(names())
    said = "class 123 and the 19 it is most confused with, of 345 classes."
    wait_until(lambda: page.get_by_role("status").inner_text() == said)
    field.fill("class 9")  # ten more have it in their name, but one is called so
    field.press("Enter")
    wait_until(lambda: page.get_by_role("status").inner_text().startswith("class 9 and"))
    field.fill("no such class")
    field.press("Enter")
    assert field.evaluate("(field) => field.validationMessage") == "No class has “no such class” in its name"
    assert session.navigation.classes == "9"
    field.fill("")
    field.press("Enter")
    wait_until(lambda: session.navigation.classes == "")


def test_all_of_hundreds_are_clickable_and_a_wheel_enlarges_what_is_under_it(many, wait_until, page):
    session = many
    page.get_by_role("button", name="all", exact=True).click()
    field = page.get_by_role("group", name="Confusion matrix: arrow keys move")
    expect(field.locator("canvas")).to_be_visible()
    box = field.bounding_box()
    left, top = 92, 84  # of the names
    wide, tall = box["width"] - left, box["height"] - top
    at = 100.5 / 345
    page.mouse.move(box["x"] + left + at * wide, box["y"] + top + at * tall)
    counts = session.population.confusion()
    said = f"{counts[100, 100]} class 100 recognized ("
    for _ in range(12):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(50)
    page.mouse.move(box["x"] + left + at * wide + 1, box["y"] + top + at * tall)
    expect(page.locator(".tip")).to_contain_text(said)
    page.mouse.move(box["x"] + left + at * wide + 4, box["y"] + top + at * tall)
    expect(page.locator(".tip")).to_contain_text(said)  # a cell is several pixels wide now
    page.mouse.down()
    page.mouse.up()
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[100, 100]]
    page.mouse.click(box["x"] + left - 10, box["y"] + top + at * tall)  # a name
    wait_until(lambda: _selected(session) == [[100, j] for j in range(345)])
    expect(page.locator(".tip")).to_contain_text("all true class 100: ")
    focused = page.locator("[aria-live]", has_text=re.compile("class 0 recognized"))
    field.focus()
    expect(focused).to_have_count(1)
    for key in ("ArrowRight", "ArrowUp", "Shift+Enter"):
        page.keyboard.press(key)
    wait_until(lambda: len(session.selection.steps) == 2)
    assert _selected(session) == [[i, 1] for i in range(345)]


def test_with_a_selection_a_row_of_rates_adds_up_and_the_hover_agrees(session, cell, wait_until, page):
    cell(3, 4).click()
    wait_until(lambda: len(session.selection.steps) == 1)
    cell(3, 3).click(modifiers=["Shift"])
    wait_until(lambda: len(session.selection.steps) == 2)
    page.get_by_role("button", name="rate").click()
    shares = page.locator(".matrix .cell:not(:empty)")
    expect(shares).to_have_count(2)
    assert sum(map(float, shares.all_text_contents())) == pytest.approx(100, abs=1)
    cell(3, 4).hover()
    counts = session.population.confusion()
    tip = page.get_by_text(f"% of {counts[3, 3] + counts[3, 4]} selected class 3)")
    tip.wait_for()
    percent = float(tip.inner_text().split("(")[1].split(" %")[0])
    assert percent == pytest.approx(float(_text(cell(3, 4))), abs=0.5)


def test_a_subtracted_cell_looks_taken_out(session, cell, wait_until, page):
    cell(3, 3).click()
    expect(cell(3, 3)).to_have_css("outline-style", "solid")
    cell(3, 3).click(modifiers=["Control"])
    wait_until(lambda: session.selection.count == 0)
    page.mouse.move(5, 5)
    expect(cell(3, 3)).to_have_css("outline-style", "dashed")
    expect(cell(3, 3)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".matrix .origin")).to_contain_text("taken out")


def test_in_a_low_card_every_row_keeps_its_name(session, page):
    rows = page.locator(".matrix .beside")
    expect(rows).to_have_count(CLASSES)
    low = 14.3  # CSS pixels of a row in a window of 1280 x 720
    page.locator(".matrix").evaluate("(box, low) => { box.style.gridAutoRows = low }", f"{low}px")
    assert rows.nth(0).bounding_box()["height"] == pytest.approx(low, abs=0.5)
    for row in rows.all():
        box = row.bounding_box()
        clip = {"x": box["x"], "y": box["y"] + 2, "width": box["width"] - 20, "height": 10}
        painted = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L"))
        assert painted.min() < 160, row.get_attribute("data-name")
