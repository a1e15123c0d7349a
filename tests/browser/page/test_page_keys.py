"""Keys in the readings of what is taken for what: arrows lead from spot to spot, Enter selects."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboards.session.gestures import Branch, Cells
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
MARK = "figure.renderers.find((r) => r.glyph.type == 'Scatter').data_source.data"


def _cursor(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=re.compile(f"^{name}: arrow keys"))


def test_arrows_move_in_the_matrix_and_enter_selects_a_cell(
    page: Page, serve_app: Serve, grown: Path, cell: Any, wait_until: Any
) -> None:
    session = serve_app(grown)
    matrix = page.get_by_role("group", name="Confusion matrix")
    stop = matrix.locator("[tabindex='0']")
    stop.focus()
    expect(stop).to_have_accessible_name(re.compile("^all predicted circle: \\d+ images"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(stop).to_have_accessible_name(re.compile("^all true circle: \\d+ images"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(cell(0, 1)).to_be_focused()
    expect(stop).to_have_accessible_name(re.compile("circle taken for square"))
    page.keyboard.press("Enter")
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Cells(((0, 1),))),))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    wait_until(lambda: session.selection.steps[1:] == (Step(Mode.ADD, Cells(((1, 1),))),))
    page.keyboard.press("Tab")
    expect(matrix.locator(":focus")).to_have_count(0)


def test_arrows_move_in_the_sunburst_and_in_the_chord(
    page: Page, serve_app: Serve, grown: Path, figure: Any, wait_until: Any
) -> None:
    session = serve_app(grown, "?reading=sunburst")
    figure("sunburst")
    cursor = _cursor(page, "Sunburst")
    cursor.focus()
    expect(cursor).to_contain_text("right")
    cursor.press("Enter")
    wait_until(lambda: len(session.selection.steps) == 1)
    assert isinstance(session.selection.steps[0].gesture, Branch)
    told = cursor.inner_text()
    cursor.press("ArrowRight")
    expect(cursor).not_to_have_text(told)
    page.get_by_role("tab", name="More").click()
    figure("chord")
    cursor = _cursor(page, "Chord diagram")
    cursor.focus()
    expect(cursor).to_contain_text("taken for")
    cursor.press("Enter")
    wait_until(lambda: isinstance(session.selection.steps[-1].gesture, Cells))
