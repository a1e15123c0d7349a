"""Further columns on the page: the card ranks them, a click colors, groups and selects."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from accessible import violations
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.session.session import Session
from deepvid.column_format import ATTRIBUTE, pack_columns
from deepvid.columns import Column
from deepvid.fields import DATASET

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_drawn: Callable[..., Session], groups: Any, made: Any) -> Session:
    """Of a run whose hospital "St. Anna" has most of the errors, and whose age is noise."""
    generator = np.random.default_rng(8)
    dataset = groups.dataset()
    count = dataset.sizes["sample"]
    wrong = made.predicted != made.label
    hospital = np.where(wrong & (generator.random(count) < 0.7), 1, generator.integers(0, 3, count))
    columns = (
        Column("age", "number", generator.normal(50, 9, count).round(1)),
        Column("hospital", "category", hospital.astype(np.int32), ("North", "St. Anna", "West")),
    )
    arrays, dataset.attrs[ATTRIBUTE] = pack_columns(columns)
    dataset = dataset.assign({name: (DATASET[name].dims, array) for name, array in arrays.items()})
    return serve_drawn(dataset=dataset)


def test_a_click_colors_groups_and_selects(page: Page, session: Session, wait_until: Wait) -> None:
    page.get_by_role("tab", name="More").click()
    page.get_by_role("button", name="Columns").click()
    card = page.locator(".columns-card")
    expect(card.locator(".title")).to_have_text("hospital says most of errors")
    expect(card.locator(".column .name")).to_have_text(["hospital", "age"])
    expect(card.locator(".column .verdict")).to_have_text(["", "as chance"])
    expect(card.locator(".value .name").first).to_have_text("St. Anna")
    card.locator(".column").first.click()
    wait_until(lambda: (session.navigation.color, session.navigation.group) == ("hospital", "hospital"))
    expect(page.locator(".scale-card .chip")).to_have_count(3)
    rested(page)
    assert violations(page) == []
    table = session.population
    assert table is not None
    anna = int((table.columns["hospital"].values == 1).sum())
    card.locator(".value").first.click()
    wait_until(lambda: session.selection.count == anna)
    expect(card.locator(".value").first).to_have_attribute("aria-pressed", "true")
    card.locator(".value").first.click()
    wait_until(lambda: not session.selection.steps)
    card.locator(".column").nth(1).click()
    wait_until(lambda: session.navigation.color == "age")
    expect(card.locator(".value")).to_have_count(8)
    expect(page.locator(".scale-card .bin")).to_have_count(10)


def test_a_run_without_columns_has_no_tab(page: Page, serve_app: Callable[..., Session], made: Any) -> None:
    serve_app(made.path)
    page.get_by_role("tab", name="More").click()
    expect(page.get_by_role("button", name="What Chord shows")).to_be_visible()
    expect(page.get_by_role("button", name="Columns", exact=True)).to_have_count(0)
