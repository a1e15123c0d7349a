"""The confused pairs: ranked, one click each, recounted under a selection."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.pairs import PairsView

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path, "?reading=pairs")
    expect(page.locator(".pairs-card .pair").first).to_be_visible()
    return session


def errors(session: Session) -> np.ndarray:
    assert session.population is not None
    counts = session.population.confusion(session.selection.mask)
    return counts * ~np.eye(len(counts), dtype=bool)


def test_pairs_are_ranked_and_selected_by_a_click(page: Page, session: Session, wait_until: Wait) -> None:
    rows = page.locator(".pairs-card .pair")
    most = errors(session)
    expect(rows).to_have_count(int(np.count_nonzero(most)))
    expect(rows.first.locator(".count")).to_have_text(str(most.max()))
    rows.first.click()
    wait_until(lambda: session.selection.count == most.max())
    expect(rows).to_have_count(1)  # of what is selected
    expect(rows.first).to_have_attribute("aria-pressed", "true")
    rows.first.click()
    wait_until(lambda: not session.selection.steps)


def test_both_directions_are_one_pair(page: Page, session: Session, wait_until: Wait) -> None:
    most = errors(session)
    both = np.triu(most + most.T)
    page.get_by_role("button", name="together").click()
    expect(page.locator(".pairs-card .pair")).to_have_count(int(np.count_nonzero(both)))
    page.locator(".pairs-card .pair").first.click()
    wait_until(lambda: session.selection.count == both.max())


def test_pairs_follow_a_selection_and_say_when_there_are_none(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    right = [int(sample) for sample in session.population.samples if sample not in set(made.wrong)]  # type: ignore[union-attr]
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples(tuple(right[:5])))))
    expect(page.locator(".pairs-card")).to_contain_text("Nothing that is selected is taken for another class")


def test_what_are_no_cells_selects_nothing(session: Session) -> None:
    (view,) = (view for view in session.linker.views if isinstance(view, PairsView))
    wrong: list[Any] = [[[-1, -1]], [[0.5, 1]], [[2**31, 1]], [[True, False]], [[0]], [], "01", None]
    for cells in wrong:
        for asked in (cells, {"cells": cells}, {"cells": cells, "shift": False, "ctrl": False}):
            view.component._handle_msg({"action": "select", "value": asked})
    session.refresh().result(10)
    assert not session.selection.steps
