"""The confusion matrix in a real browser: clicks, counts under the selection, units, many classes."""

import numpy as np
import pytest

from dashboards.session.selection import Mode

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


def test_a_cell_selects_true_by_row_and_predicted_by_column(confusion, wait_until, page):
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


def test_a_lasso_on_the_map_counts_anew_and_keeps_the_totals(confusion, figure, wait_until):
    session, view = confusion
    data = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data"
    figure("map").drag([(10, -20), (32, -20), (32, 20), (10, 20)])
    wait_until(lambda: session.selection.count)
    counted = session.population.confusion(session.selection.mask)
    wait_until(lambda: view.model(f"Array.from({data}.selected[0])") == counted.ravel().tolist())
    assert view.model(f"Array.from({data}.total[0])") == session.population.confusion().ravel().tolist()


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
    page.get_by_text(f"({percent} % of {row} ").wait_for()


def test_hundreds_of_classes_stay_clickable_with_fewer_names(
    open_views, synthetic, figure, wait_until, tmp_path
):
    session = open_views(synthetic.write_run(tmp_path, synthetic.Shape(3000, classes=345)))
    view = figure("confusion")
    assert view.range() == (-0.5, 344.5, -0.5, 344.5)
    assert len(view.model("figure.left[0].ticker.ticks")) <= 24
    cell = "figure.renderers.find((r) => r.glyph.type == 'Text').data_source.data.text.length"
    assert view.model(cell) == 0
    view.click(-9, 344 - 7)
    wait_until(lambda: session.selection.count)
    np.testing.assert_array_equal(
        session.selection.mask, session.population.label == _selected(session)[0][0]
    )


def test_with_a_selection_a_row_of_rates_adds_up_and_the_hover_agrees(confusion, wait_until, page):
    session, view = confusion
    view.click(*_at(3, 4))
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
