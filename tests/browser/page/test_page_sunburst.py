"""The decision sunburst (B-X2) on its page: its tab, its link, and a run that has no hierarchy yet."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Branch
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
WEDGES = "figure.renderers.find((r) => r.glyph.type == 'AnnularWedge').data_source.data"


def test_b_x2_a_link_opens_the_sunburst_with_its_branch(
    page: Page, serve_app: Serve, made: Any, grown: Path, figure: Any, wait_until: Any
) -> None:
    session = serve_app(grown, '?reading=sunburst&select=[["replace","branch",4]]')
    view = figure("sunburst")
    wait_until(lambda: session.selection.count)
    assert session.selection.steps == (Step(Mode.REPLACE, Branch(4)),)
    assert session.selection.count == np.isin(made.predicted[20:], (0, 2)).sum()
    wait_until(lambda: view.model(f"{WEDGES}.node") == list(range(7)))
    assert page.get_by_text("all › circle, cross: ").count() == 1
    expect(page.get_by_text("No better than random trees. Right: teacher 80.0 %")).to_be_visible()


def test_b_x2_a_tab_of_its_own_stands_in_the_address_and_has_no_digit(
    page: Page, serve_app: Serve, grown: Path, figure: Any, cell: Any
) -> None:
    serve_app(grown)
    expect(cell(0, 0)).to_be_visible()
    page.get_by_role("tab", name="Sunburst").click()
    figure("sunburst")
    page.wait_for_url("**reading=sunburst**")
    page.keyboard.press("2")  # the tabs of the image under study
    expect(page.get_by_role("tab", name="Similar")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Sunburst")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("1")
    expect(page.get_by_role("tab", name="Why")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Sunburst")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Matrix").click()
    page.wait_for_url(lambda url: "reading=" not in url)


def test_b_x2_a_run_without_a_hierarchy_names_the_command_and_fills_in_when_it_is_there(
    page: Page,
    serve_app: Serve,
    made: Any,
    commit_hierarchy: Any,
    tmp_path: Path,
    figure: Any,
    wait_until: Any,
) -> None:
    store = Path(shutil.copytree(made.path, tmp_path / "runs"))
    session = serve_app(store, "?reading=sunburst")
    expect(page.get_by_text("It appears after building the class hierarchy")).to_be_visible()
    expect(page.get_by_text(f"deepvid run shapes.toml --store {store}")).to_be_visible()
    commit_hierarchy(made, store)
    wait_until(lambda: session.population and session.population.decisions, timeout=30)
    view = figure("sunburst")
    wait_until(lambda: view.model(f"{WEDGES}.node.length") == 7)


def test_b_x2_a_branch_of_no_tree_is_told_and_the_page_goes_on(
    page: Page, serve_app: Serve, made: Any, grown: Path, wait_until: Any
) -> None:
    serve_app(grown, '?reading=sunburst&select=[["replace","branch",99]]')
    expect(page.get_by_text("no node 99 among 7")).to_be_visible()
    expect(page.locator("h2 .index")).to_be_visible()


def test_b_x2_the_distilled_tree_is_another_reading_of_the_same_selection(
    page: Page, serve_app: Serve, softened: Path, figure: Any, wait_until: Any
) -> None:
    session = serve_app(softened, "?reading=sunburst&tab=path")
    view = figure("sunburst")
    page.get_by_label("tree", exact=True).first.select_option("soft")
    page.wait_for_url("**tree=soft**")
    expect(
        page.get_by_text("1 of 2 groups return in at least half of 4 other trees. No leaf: cross.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="distilled")).to_have_attribute("aria-pressed", "true")
    columns = ", ".join(f"{WEDGES}.{name}" for name in ("node", "inner", "outer", "start", "end"))
    node, *edges = view.model(f"[{columns}].map((column) => Array.from(column))")
    inner, outer, start, end = (edge[node.index(4)] for edge in edges)
    radius, angle = (inner + outer) / 2, (start + end) / 2
    view.click(radius * np.cos(angle), radius * np.sin(angle))
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Branch(4, "soft")),))
    soft = session.population.softened
    assert session.selection.count == np.isin(soft.cell % 4, (0, 1)).sum()
    page.get_by_text(f"{session.selection.count} images on the branch of circle and square").first.wait_for()
    page.get_by_label("tree", exact=True).first.select_option("head")
    wait_until(lambda: max(view.model(f"{WEDGES}.images")) == session.selection.count)


def test_b_x2_what_sectors_are_colored_by_stands_in_the_address(
    page: Page, serve_app: Serve, grown: Path, figure: Any
) -> None:
    serve_app(grown, "?reading=sunburst&sectors=error")
    figure("sunburst")
    expect(page.get_by_label("color by")).to_have_value("error")
    page.get_by_label("color by").select_option("turn")
    page.wait_for_url("**sectors=turn**")
