"""The decision sunburst (B-X2) in a real browser: sectors, selections, colorings, what is missing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboards.session.gestures import Branch, Ring
from dashboards.session.selection import Mode
from dashboards.session.session import Session
from dashboards.theme import LIGHT, class_color
from dashboards.views.sunburst.view import SunburstView

pytestmark = pytest.mark.browser

WEDGES = "figure.renderers.find((r) => r.glyph.type == 'AnnularWedge').data_source.data"
NAMES = "figure.renderers.find((r) => r.glyph.type == 'Text').data_source.data.text"


@pytest.fixture
def open_sunburst(open_views: Any) -> Callable[[Path], Session]:
    """Serves the map beside the sunburst and returns the page's session."""
    return partial(open_views, beside=SunburstView)


@pytest.fixture
def sunburst(open_sunburst, synthetic_run, figure, wait_until):
    session, view = open_sunburst(synthetic_run), figure("sunburst")
    wait_until(lambda: view.model(f"{WEDGES}.node.length"))
    return session, view.settle()


def _middle(view, node):
    """Where a sector is in data coordinates, as the browser has it."""
    inner, outer, start, end = (_column(view, name)[node] for name in ("inner", "outer", "start", "end"))
    radius, angle = (inner + outer) / 2, (start + end) / 2
    return radius * np.cos(angle), radius * np.sin(angle)


def _column(view, name):
    both = view.model(
        f"[{WEDGES}.node, {WEDGES}.{name}].map((column) => Array.from(column))"
    )  # at one instant
    return dict(zip(*both, strict=True))


def test_b_x2_a_click_on_a_sector_selects_its_images(sunburst, wait_until, page):
    session, view = sunburst
    view.click(*_middle(view, 3))
    wait_until(lambda: session.selection.count)
    assert session.selection.steps[-1].gesture == Branch(3)
    leaf = session.population.decisions.cell % 10
    np.testing.assert_array_equal(session.selection.mask, leaf == 3)
    count = session.selection.count
    page.get_by_text(f"{count} images decided as class 3").first.wait_for()
    wait_until(lambda: _column(view, "alpha")[4] < 1)  # its sibling rests, and keeps its room
    assert _column(view, "alpha")[3] == 1
    inner = int(session.population.decisions.parent[3])
    page.keyboard.down("Shift")
    view.click(*_middle(view, 4))
    page.keyboard.up("Shift")
    wait_until(lambda: len(session.selection.steps) == 2)
    assert session.selection.steps[-1] == (Mode.ADD, Branch(4))
    np.testing.assert_array_equal(session.selection.mask, (leaf == 3) | (leaf == 4))
    view.click(*_middle(view, inner))
    wait_until(lambda: session.selection.steps[-1].gesture == Branch(inner))
    np.testing.assert_array_equal(session.selection.mask, (leaf == 2) | (leaf == 3))


def test_b_x2_the_number_of_a_ring_selects_what_goes_wrong_at_its_decision(sunburst, wait_until, page):
    session, view = sunburst
    rings = "figure.renderers.find((r) => 'said' in r.data_source.data).data_source.data"
    decisions = session.population.decisions
    wait_until(lambda: view.model(f"{rings}.text.length"))
    heights = view.model(f"Array.from({rings}.y)")
    view.hover(0, heights[1])
    wrong = int(decisions.astray_at(2).sum())
    page.get_by_text(f"Decision 2: {wrong} image").wait_for()
    view.click(0, heights[1])
    wait_until(lambda: session.selection.count)
    assert session.selection.steps[-1].gesture == Ring(2)
    np.testing.assert_array_equal(session.selection.mask, decisions.astray_at(2))
    wait_until(lambda: view.model(f"Array.from({rings}.width)")[1] == 2)


def test_b_x2_the_circle_is_round_and_a_second_click_lets_go(sunburst, wait_until, page):
    session, view = sunburst
    (x0, y0), (x1, y1) = view.at(0, 0), view.at(1, 1)
    assert x1 - x0 == pytest.approx(y0 - y1, rel=0.01)
    view.click(*_middle(view, 3))
    wait_until(lambda: session.selection.count)
    page.wait_for_timeout(400)  # sooner it would be a double click
    view.click(*_middle(view, 3))
    wait_until(lambda: session.selection.mask is None)


def test_b_x2_undo_takes_a_sector_back(sunburst, wait_until):
    session, view = sunburst
    view.click(*_middle(view, 3))
    wait_until(lambda: session.selection.count)
    session.schedule(session.undo)
    wait_until(lambda: session.selection.mask is None)
    wait_until(lambda: min(_column(view, "alpha").values()) == 1)


def test_b_x2_a_lasso_shares_the_circle_among_its_images(sunburst, figure, wait_until):
    session, view = sunburst
    before = _column(view, "images")
    figure("map").drag([(10, -20), (32, -20), (32, 20), (10, 20)])
    wait_until(lambda: session.selection.count)
    decisions = session.population.decisions
    counted = decisions.count(session.selection.mask)
    expected = {
        node: count
        for node, count in enumerate((decisions.tree.under @ counted.sum(axis=0)).tolist())
        if count
    }
    wait_until(lambda: _column(view, "images") == expected)
    assert expected != before
    swept = _column(view, "start")[18] - _column(view, "end")[18]
    assert swept == pytest.approx(2 * np.pi)


def test_b_x2_colors_say_the_class_the_errors_or_the_wrong_turns(sunburst, wait_until, page):
    session, view = sunburst

    def painted(node):
        x, y = view.at(*_middle(view, node))
        pixels, box = view.pixels(), view.box
        return "#{:02X}{:02X}{:02X}".format(*pixels[int(y - box["y"]), int(x - box["x"])])

    shown = session.population.decisions.count()
    purity = shown[3, 3] / shown[:, 3].sum()
    assert 0.8 < purity < 1
    first = _column(view, "color")[3]
    assert first != class_color(3)  # one of ten is of another class, so it is paler
    wait_until(lambda: painted(3) == first)
    for coloring in ("error", "turn"):
        page.get_by_label("color by").select_option(coloring)
        wait_until(lambda: LIGHT.negative in _column(view, "color").values())
        wait_until(lambda: painted(3) == _column(view, "color")[3])
    by_turn = _column(view, "color")
    assert by_turn[18] == LIGHT.sunken  # nobody goes wrong by coming to the root


def test_b_x2_a_choice_that_makes_no_sense_changes_nothing(sunburst):
    session, _ = sunburst
    (view,) = (view for view in session.linker.views if isinstance(view, SunburstView))
    for choice in (None, [], ["tree", "oak"], ["sectors", []], ["focus", 1], ["sectors", "error", "more"]):
        view._choose(choice)
    where = session.navigation
    assert (where.tree, where.sectors, where.focus != 1) == ("head", "class", True)


def test_b_x2_hover_says_the_way_to_a_sector_and_its_numbers(sunburst, page):
    session, view = sunburst
    counted = session.population.decisions.count()
    view.hover(*_middle(view, 3))
    page.get_by_text("class 2, class 3 › class 3").wait_for()
    images, right = counted[:, 3].sum(), counted[3, 3]
    page.get_by_text(f"{images} images, ").wait_for()
    page.get_by_text(f"{float(f'{100 * right / images:.2g}'):g} % end at their class").wait_for()
    page.get_by_text("mean node probability 0.95").wait_for()


def test_b_x2_it_says_how_true_the_tree_is_beside_random_ones(sunburst, page):
    said = "Right: teacher 90.0 %, hard 90.0 (random 70.0), soft 90.0 (70.0); agreement 90.0 (70.0)."
    page.get_by_text(said).wait_for()


def test_b_x2_hundreds_of_classes_stay_clickable_with_fewer_names(
    open_sunburst, synthetic, figure, wait_until, tmp_path
):
    session = open_sunburst(synthetic.write_run(tmp_path, synthetic.Shape(3000, classes=345)))
    view = figure("sunburst")
    wait_until(lambda: view.model(f"{WEDGES}.node.length") > 600)
    view.settle()
    assert 0 < len(view.model(NAMES)) <= 28
    inner = int(session.population.decisions.parent[7])
    view.click(*_middle(view, inner))
    wait_until(lambda: session.selection.count)
    assert session.selection.steps[-1].gesture == Branch(inner)


def test_b_x2_two_classes_are_two_halves_and_say_so(
    open_sunburst, synthetic, figure, wait_until, tmp_path, page
):
    open_sunburst(synthetic.write_run(tmp_path, synthetic.Shape(300, classes=2)))
    view = figure("sunburst")
    wait_until(lambda: view.model(f"{WEDGES}.node") == [0, 1, 2])
    page.get_by_text("Two classes: every tree is the same.").wait_for()
