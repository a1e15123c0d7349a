"""The harness itself: what it finds on a canvas, and what it refuses."""

import panel as pn
import pytest
from bokeh.plotting import figure as bokeh_figure

pytestmark = pytest.mark.browser


def _square():
    plot = bokeh_figure(name="square", width=400, height=300, x_range=(0, 4), y_range=(0, 2), tools="")
    plot.rect([1], [1], 1, 1, fill_color="#ff0000", line_color=None)
    return pn.Row(plot)


def test_a_figure_is_found_and_its_pixels_are_where_the_data_says(page, serve_component, figure):
    serve_component(page, _square)
    square = figure("square")
    assert square.range() == (0, 4, 0, 2)
    pixels = square.pixels()
    height, width = pixels.shape[:2]
    assert tuple(pixels[height // 2, width // 4]) == (255, 0, 0)  # the data point (1, 1)
    assert tuple(pixels[height // 2, width * 3 // 4]) == (255, 255, 255)
    left, top = square.at(0, 2)
    assert (left, top) == pytest.approx((square.box["x"], square.box["y"]))


def test_a_request_that_leaves_the_machine_is_told(page, serve_component, guard):
    serve_component(page, lambda: pn.pane.HTML("<img src='https://example.org/x.png'>"))
    page.locator("img").wait_for(state="attached")
    assert guard.foreign == ["https://example.org/x.png"]
    guard.foreign.clear()  # the guard of the fixture `page` would fail this test
