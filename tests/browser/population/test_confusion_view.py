"""The confusion matrix in a real browser: clicks, counts under the selection, units, many classes."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboards.session.selection import Mode
from dashboards.views.confusion.view import ConfusionView

pytestmark = pytest.mark.browser

CLASSES = 10


def _at(true, predicted):
    """Where a cell is in data coordinates."""
    return predicted, CLASSES - 1 - true


@pytest.fixture
def confusion(open_views, synthetic_run, figure):
    return open_views(synthetic_run), figure("confusion")


def _selected(session):
    return [list(cell) for cell in session.selection.steps[-1].gesture.cells]


def test_a_t2_a_cell_selects_true_by_row_and_predicted_by_column(confusion, wait_until, page):
    session, view = confusion
    view.click(*_at(true=3, predicted=4))
    wait_until(lambda: session.selection.count)
    table = session.population
    expected = (table.label == 3) & (table.predicted == 4)
    np.testing.assert_array_equal(session.selection.mask, expected)
    sentence = page.get_by_text(f"{expected.sum()} class 3 taken for class 4", exact=True)
    wait_until(lambda: sentence.count() == 2)  # above both views


def test_a_second_click_lets_the_cell_go(confusion, wait_until, page):
    session, view = confusion
    view.click(*_at(3, 4))
    wait_until(lambda: session.selection.count)
    page.wait_for_timeout(400)  # sooner it would be a double click
    view.click(*_at(3, 4))
    wait_until(lambda: session.selection.mask is None)


def test_a_double_click_leaves_the_cell_selected(confusion, wait_until, page):
    session, view = confusion
    page.mouse.dblclick(*view.at(*_at(3, 4)))
    wait_until(lambda: session.selection.count)
    page.wait_for_timeout(300)
    assert _selected(session) == [[3, 4]]


def test_the_name_of_a_row_selects_a_true_class_and_of_a_column_a_predicted_one(confusion, wait_until):
    session, view = confusion
    view.click(-1, _at(2, 0)[1])
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[2, j] for j in range(CLASSES)]
    view.click(5, CLASSES + 0.3)
    wait_until(lambda: _selected(session) == [[i, 5] for i in range(CLASSES)])
    np.testing.assert_array_equal(session.selection.mask, session.population.predicted == 5)


def test_with_shift_a_cell_is_added(confusion, wait_until, page):
    session, view = confusion
    view.click(*_at(3, 4))
    wait_until(lambda: session.selection.count)
    page.keyboard.down("Shift")
    view.click(*_at(4, 5))
    page.keyboard.up("Shift")
    wait_until(lambda: len(session.selection.steps) == 2)
    assert session.selection.steps[-1].mode is Mode.ADD
    table = session.population
    expected = (table.label == 3) & (table.predicted == 4) | (table.label == 4) & (table.predicted == 5)
    np.testing.assert_array_equal(session.selection.mask, expected)


def test_a_slow_click_is_a_click_and_a_press_that_ends_elsewhere_is_none(confusion, wait_until, page):
    session, view = confusion
    page.mouse.move(*view.at(*_at(1, 2)))
    page.mouse.down()
    page.wait_for_timeout(500)  # Bokeh's .3 s for a press are over
    page.mouse.move(*view.at(*_at(6, 7)), steps=4)
    page.mouse.up()
    page.mouse.move(*view.at(*_at(3, 4)))
    page.mouse.down()
    page.wait_for_timeout(500)
    page.mouse.up()
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[3, 4]]
    assert len(session.selection.steps) == 1


def test_a_t5_a_lasso_on_the_map_counts_anew_and_keeps_the_totals(confusion, figure, wait_until):
    session, view = confusion
    data = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data"
    figure("map").drag([(10, -20), (32, -20), (32, 20), (10, 20)])
    wait_until(lambda: session.selection.count)
    counted = session.population.confusion(session.selection.mask)
    wait_until(lambda: view.model(f"Array.from({data}.selected[0])") == counted.ravel().tolist())
    assert view.model(f"Array.from({data}.total[0])") == session.population.confusion().ravel().tolist()


def test_a_choice_that_makes_no_sense_changes_nothing(confusion, page):
    session, _ = confusion
    (view,) = (view for view in session.linker.views if isinstance(view, ConfusionView))
    for choice in (None, "unit", ["unit"], ["unit", "y"], ["unit", ["rates"]], ["tree", "rates"]):
        view._choose(choice)
    assert view.local_state() == "counts"
    expect(page.get_by_role("button", name="count")).to_have_attribute("aria-pressed", "true")


def test_rates_are_percent_of_a_row(confusion, wait_until, page):
    session, view = confusion
    page.get_by_role("button", name="rate").click()
    texts = "figure.renderers.find((r) => r.glyph.type == 'Text').data_source.data.text"
    counts = session.population.confusion()
    expected = f"{100 * counts[0, 0] / counts[0].sum():.0f}"
    wait_until(lambda: view.model(texts)[0] == expected)


def test_errors_and_recognitions_differ_in_hue_and_the_empty_is_neither(confusion, wait_until):
    _, view = confusion

    def hue(true, predicted):
        x, y = view.at(*_at(true, predicted))
        pixels, box = view.pixels(), view.box
        beside_the_number = int(y - box["y"] - 0.4 * box["height"] / CLASSES), int(x - box["x"])
        color = pixels[beside_the_number].astype(int)
        return "error" if color[0] - color[2] > 30 else "recognized" if color[2] - color[0] > 30 else "empty"

    wait_until(lambda: (hue(2, 2), hue(2, 3), hue(2, 7)) == ("recognized", "error", "empty"))


def test_hover_says_a_cell_in_words(confusion, page):
    session, view = confusion
    counts = session.population.confusion()
    view.hover(*_at(3, 4))
    page.get_by_text(f"{counts[3, 4]} class 3 taken for class 4").wait_for()


@pytest.mark.parametrize(
    ("total", "row", "percent"),
    [(70, 70, "100"), (999, 1000, "more than 99"), (98, 100, "98"), (3, 4000, "0.075")],
)
def test_a_share_is_a_plain_number(confusion, page, total, row, percent):
    _, view = confusion
    data = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data"
    view.model(f"[{data}.row_sum[0][3] = {row}, {data}.selected[0][33] = {total}]")
    view.hover(*_at(3, 3))
    page.get_by_text(f"({percent} % of {row:,} ").wait_for()


NAMES = "Array.from(figure.left[0].major_label_overrides.values())"


@pytest.fixture
def many(open_views, synthetic, figure, tmp_path):
    """345 classes, of which each is taken for the next one."""
    run = synthetic.write_run(tmp_path, synthetic.Shape(6000, classes=345))
    return open_views(run), figure("confusion")


def test_of_hundreds_of_classes_the_most_confused_are_named_and_the_rest_is_one(many, wait_until, page):
    session, view = many
    assert view.range() == (-0.5, 20.5, -0.5, 20.5)
    names = view.model(NAMES)
    assert names[-1] == "325 others"
    assert page.get_by_role("status").inner_text() == "The 20 most confused of 345 classes."
    first = int(names[0].removeprefix("class "))
    view.click(0, 20)
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[first, first]]
    view.click(20, 20)  # the first class taken for one of the others
    wait_until(lambda: _selected(session) != [[first, first]])
    cells = np.array(_selected(session))
    assert set(cells[:, 0]) == {first}
    assert session.selection.count == session.population.confusion()[tuple(cells.T)].sum() > 0
    assert view.model(NAMES) == names  # what is clicked here moves no row


def test_a_class_that_is_searched_for_comes_with_those_it_is_confused_with(many, wait_until, page):
    session, view = many
    field = page.get_by_role("combobox", name="Class to show")
    field.fill("class 123")
    field.press("Enter")
    wait_until(lambda: session.navigation.classes == "123")
    wait_until(lambda: view.model(NAMES)[0] == "class 123")
    counts = session.population.confusion()
    near = {f"class {k}" for k in np.flatnonzero(counts[123] + counts[:, 123])}
    assert near <= set(view.model(NAMES))
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


def test_all_of_hundreds_are_clickable_and_a_wheel_names_what_it_comes_near(many, wait_until, page):
    session, view = many
    page.get_by_role("button", name="all", exact=True).click()
    wait_until(lambda: view.range() == (-0.5, 344.5, -0.5, 344.5))
    view.settle()
    page.mouse.move(*view.at(100, 344 - 100))
    for _ in range(12):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(50)
    wait_until(lambda: view.range()[1] - view.range()[0] < 60)
    left, right, bottom, top = view.range()
    assert left < 100 < right
    view.click(100, 344 - 100)
    wait_until(lambda: session.selection.count)
    assert _selected(session) == [[100, 100]]
    view.click(left - 0.1 * (right - left), 344 - 101)  # beside the frame: a name
    wait_until(lambda: _selected(session) == [[101, j] for j in range(345)])
    assert view.range() == (left, right, bottom, top)  # a gesture leaves the axes as they are


def test_with_a_selection_a_row_of_rates_adds_up_and_the_hover_agrees(confusion, wait_until, page):
    session, view = confusion
    view.click(*_at(3, 4))
    wait_until(lambda: len(session.selection.steps) == 1)
    page.wait_for_timeout(400)  # or a browser takes the two for a double click
    page.keyboard.down("Shift")
    view.click(*_at(3, 3))
    page.keyboard.up("Shift")
    wait_until(lambda: len(session.selection.steps) == 2)
    page.get_by_role("button", name="rate").click()
    numbers = "figure.renderers.find((r) => r.glyph.type == 'Text').data_source.data"
    wait_until(lambda: len(view.model(f"{numbers}.text")) == 2)
    x, texts = view.model(f"[{numbers}.x, {numbers}.text].map((column) => Array.from(column))")
    shown = dict(zip(x, map(float, texts), strict=True))
    assert sum(shown.values()) == pytest.approx(100, abs=1)
    view.hover(*_at(3, 4))
    counts = session.population.confusion()
    selected = counts[3, 3] + counts[3, 4]
    tip = page.get_by_text(f"% of {selected} selected class 3)")
    tip.wait_for()
    percent = float(tip.inner_text().split("(")[1].split(" %")[0])
    assert percent == pytest.approx(shown[4], abs=0.5)


def test_a_subtracted_cell_looks_taken_out(confusion, wait_until, page):
    session, view = confusion
    frames = "figure.renderers.find((r) => r.glyph.type == 'Rect').data_source.data"
    view.click(*_at(3, 3))
    wait_until(lambda: view.model(f"Array.from({frames}.dash)") == ["solid"])
    page.mouse.move(5, 5)
    x, y = (int(at - view.box[side]) for at, side in zip(view.at(*_at(3, 3)), ("x", "y"), strict=True))
    page.keyboard.down("Control")
    view.click(*_at(3, 3))
    page.keyboard.up("Control")
    wait_until(lambda: session.selection.count == 0)
    wait_until(lambda: view.model(f"Array.from({frames}.dash)") == ["dashed"])
    page.mouse.move(5, 5)
    half = int(view.box["width"] / CLASSES / 2)
    upper_edge = view.pixels()[y - int(view.box["height"] / CLASSES / 2), x - half + 4 : x + half - 4]
    light = upper_edge.mean(axis=-1) > 180
    assert np.count_nonzero(np.diff(light)) >= 4  # dashes and gaps
    assert "taken out" in view.model("figure.above[0].axis_label")


def test_in_a_low_card_every_row_keeps_its_name(confusion, page):
    _, view = confusion
    room = view.settle().box
    names = view.model("figure.outer_height") - room["height"]
    low = round(14.3 * CLASSES + names)  # rows as low as in a window of 1280 x 720
    view.model(f"(figure.setv({{sizing_mode: 'stretch_width', height: {low}}}), null)")
    page.wait_for_timeout(300)
    box = view.settle().box
    assert box["height"] / CLASSES == pytest.approx(14.3, abs=0.5)
    for row in range(CLASSES):
        clip = {"x": box["x"] - 30, "y": view.at(0, row)[1] - 5, "width": 26, "height": 10}
        painted = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L"))
        assert painted.min() < 160, f"class {CLASSES - 1 - row} has no name"
