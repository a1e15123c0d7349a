"""Kinds of mistakes on the page: a click on one selects its errors, one on an image studies it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from accessible import violations
from diagnosed import causes_group, modes_group
from playwright.sync_api import Page, expect
from resting import rested

from dashboards.data.hypotheses import hypothesis
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


def lost(errors: int) -> np.ndarray:
    """float16 (error, place): what each error's answer loses; the first was not asked."""
    numbers = np.linspace(-1, 2, 49) + np.arange(errors)[:, None] / 8
    numbers[0] = np.nan
    return numbers.astype(np.float16)


@pytest.fixture
def session(serve_drawn: Callable[..., Session], made: Any) -> Session:
    """Of a run whose errors are of two modes, in turns; the second is confirmed."""
    errors = made.wrong.tolist()
    found = [{"confirmed": False, "name": "of many classes"}, {"central": errors[1::2][:8]}]
    found[1]["places"] = np.linspace(-1, 2, 49).tolist()
    turns = (np.arange(len(errors)) % 2).tolist()
    causes = causes_group(errors, [{}] * len(errors)).assign(lost=(("error", "place"), lost(len(errors))))
    return serve_drawn({"causes": causes, "modes": modes_group(errors, turns, found)})


def test_a_kind_selects_its_errors_and_an_image_is_studied(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_role("tab", name="Kinds").click()
    names = page.locator(".modes-card .name b")
    expect(names).to_have_text(["Taken for c1", "Of many classes"])
    first = page.get_by_role("region", name="Taken for c1")
    expect(first.locator(".image")).to_have_count(min(8, len(made.wrong) // 2))
    expect(first.get_by_role("img", name="Evidence of Taken for c1 by place")).to_be_visible()
    expect(first).to_contain_text(
        "Confirmed: of images of the other half that are taken for c1, 40 % [30, 50]"
    )
    rested(page)
    assert violations(page) == []
    names.first.click()
    wait_until(lambda: session.selection.mask is not None)
    assert session.population is not None
    chosen = session.population.samples[np.flatnonzero(session.selection.mask)]
    assert sorted(chosen.tolist()) == sorted(made.wrong[1::2].tolist())
    expect(first.locator(".name")).to_have_attribute("aria-pressed", "true")
    first.locator(".image").nth(1).click()
    wait_until(lambda: session.navigation.focus == made.wrong[3])
    names.first.click()
    wait_until(lambda: session.selection.mask is None)


def test_mistakes_are_listed_by_how_like_they_are_to_one(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    errors = made.wrong.tolist()
    session.schedule(lambda: session.focus(errors[2]))
    expect(page.locator("h2 .index")).to_have_text(f"#{errors[2]}")
    order = page.get_by_label("Order of the images")
    order.select_option("alike")
    expect(order).to_have_value(f"alike:{errors[2]}")
    (view,) = (view for view in session.linker.views if isinstance(view, GridView))
    listed = view._listing
    assert listed is not None
    rows = listed.listed.rows(0, len(errors) + 1)
    assert listed.table.samples[rows].tolist()[:4] == [errors[2], *sorted((errors[1], errors[3])), errors[0]]
    assert listed.table.samples[rows].tolist()[len(errors)] not in errors
    right = next(sample for sample in range(20, 400) if sample not in errors)
    session.schedule(lambda: session.focus(right))
    expect(page.locator("h2 .index")).to_have_text(f"#{right}")
    order.select_option("alike")
    expect(page.get_by_text(f"#{right}, which is none of those")).to_be_visible()
    expect(order).to_have_value(f"alike:{errors[2]}")


def test_a_hypothesis_is_tried_like_a_kind_and_kept_by_its_name(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_role("tab", name="Kinds").click()
    field = page.get_by_label("Hypothesis about errors")
    field.fill("wrong")
    field.press("Enter")
    expect(page.locator(".modes-card .warning")).to_contain_text("says itself which images are wrong")
    table = session.population
    assert table is not None
    query = f'true == "{table.class_names[0]}"'
    field.fill(query)
    field.press("Enter")
    card = page.get_by_role("region", name=query)
    expect(card).to_contain_text("with errors shuffled")
    expect(card.locator(".image").first).to_be_visible()
    expect(card.get_by_role("img", name=f"Evidence of {query} by place")).to_be_visible()
    asked = np.flatnonzero(table.label[[table.row_of(error) for error in made.wrong.tolist()]] == 0)
    mean = lost(len(made.wrong))[asked[asked > 0]].astype(np.float32).mean(axis=0)
    np.testing.assert_allclose(hypothesis(table, query).places, mean, rtol=1e-6)
    card.get_by_role("button", name="such images").click()
    wait_until(lambda: session.selection.count == np.count_nonzero(table.label == 0))
    card.get_by_placeholder("Name to keep it under").fill("all of the first class")
    card.get_by_role("button", name="Keep").click()
    kept = page.get_by_role("region", name="all of the first class")
    expect(kept).to_contain_text(f"Supposed: {query}")
    page.get_by_role("region", name="Taken for c1").get_by_role("button", name="More like this").click()
    expect(page.locator(".plot-line .title").first).to_contain_text("most like those of a kind")
    kept.get_by_role("button", name="Forget").click()
    expect(kept).to_have_count(0)


def test_without_kinds_there_is_no_tab(page: Page, serve_app: Callable[..., Session], made: Any) -> None:
    serve_app(made.path)
    expect(page.get_by_role("tab", name="Matrix")).to_be_visible()
    expect(page.get_by_role("tab", name="Kinds")).to_have_count(0)
