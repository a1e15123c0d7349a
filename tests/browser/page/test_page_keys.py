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
    page: Page, serve_app: Serve, grown: Path, figure: Any, wait_until: Any
) -> None:
    session = serve_app(grown)
    view = figure("confusion")
    cursor = _cursor(page, "Confusion matrix")
    cursor.focus()
    expect(cursor).to_contain_text("all true circle")  # what is nearest to the upper left
    cursor.press("ArrowRight")
    cursor.press("ArrowRight")
    expect(cursor).to_contain_text("true circle, predicted square")
    wait_until(lambda: view.model(f"{MARK}.x[0]") == 1)
    cursor.press("Enter")
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Cells(((0, 1),))),))
    cursor.press("ArrowDown")
    cursor.press("Shift+Enter")
    wait_until(lambda: session.selection.steps[1:] == (Step(Mode.ADD, Cells(((1, 1),))),))
    cursor.press("Tab")
    wait_until(lambda: view.model(f"{MARK}.x.length") == 0)


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
    page.get_by_role("tab", name="Chord").click()
    figure("chord")
    cursor = _cursor(page, "Chord diagram")
    cursor.focus()
    expect(cursor).to_contain_text("taken for")
    cursor.press("Enter")
    wait_until(lambda: isinstance(session.selection.steps[-1].gesture, Cells))
