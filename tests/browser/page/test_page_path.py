"""The path of the image under study down the class hierarchy, on its page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Branch
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.path import PathView

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
WEDGES = "figure.renderers.find((r) => r.glyph.type == 'AnnularWedge').data_source.data"


def _sample(made: Any, true: int, predicted: int) -> int:
    """The first test image of a class that is taken for another."""
    return 20 + int(np.flatnonzero((made.label == true)[20:] & (made.predicted == predicted)[20:])[0])


def test_b_x2_the_path_of_an_error_names_the_step_where_it_leaves_its_class(
    page: Page, serve_app: Serve, made: Any, grown: Path
) -> None:
    serve_app(grown, f"?tab=path&focus={_sample(made, 0, 1)}")  # a circle taken for a square
    expect(page.get_by_role("heading", name="Leaves the path of circle at step 1 of 2")).to_be_visible()
    steps = page.locator(".path-card li")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text("square and ring")
    expect(steps.nth(0)).to_contain_text("not circle and cross")
    expect(steps.nth(0)).to_contain_text("leaves the path of circle")
    expect(steps.nth(1)).to_contain_text("not ring")
    expect(steps.nth(1)).not_to_contain_text("leaves")


def test_b_x2_a_click_on_a_branch_selects_it_and_lights_it_up_in_the_sunburst(
    page: Page, serve_app: Serve, made: Any, grown: Path, figure: Any, wait_until: Any
) -> None:
    session = serve_app(grown, f"?tab=path&reading=sunburst&focus={_sample(made, 0, 1)}")
    view = figure("sunburst")
    branch = page.get_by_role("button", name="square and ring")
    branch.click()
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Branch(5)),))
    expect(branch).to_have_attribute("aria-pressed", "true")
    wait_until(
        lambda: (
            [
                node
                for node, alpha in view.model(f"Array.from({WEDGES}.node, (n, k) => [n, {WEDGES}.alpha[k]])")
                if alpha == 1
            ]
            == [1, 3, 5, 6]
        )
    )
    page.get_by_role("button", name="not circle and cross").click(modifiers=["Shift"])
    wait_until(lambda: session.selection.steps[1:] == (Step(Mode.ADD, Branch(4)),))
    assert session.selection.count == 400


def test_b_x2_a_right_path_is_that_of_its_class_and_follows_the_focus(
    page: Page, serve_app: Serve, made: Any, grown: Path
) -> None:
    session = serve_app(grown, f"?tab=path&focus={_sample(made, 2, 2)}")
    expect(page.get_by_role("heading", name="2 steps to cross, its class")).to_be_visible()
    session.schedule(lambda: session.focus(_sample(made, 3, 3)))
    expect(page.get_by_role("heading", name="2 steps to ring, its class")).to_be_visible()


def test_b_x2_without_a_hierarchy_the_path_says_what_to_do(page: Page, serve_app: Serve, made: Any) -> None:
    serve_app(made.path, f"?tab=path&focus={_sample(made, 0, 0)}")
    expect(page.get_by_text("The path of an image appears here after building the class")).to_be_visible()
    expect(page.get_by_text("deepvid run shapes.toml --store")).to_be_visible()


def test_b_x2_what_names_no_branch_is_ignored(page: Page, serve_app: Serve, made: Any, grown: Path) -> None:
    session = serve_app(grown, f"?tab=path&focus={_sample(made, 0, 1)}")
    expect(page.locator(".path-card li")).to_have_count(2)
    view = next(each for each in session.linker.views if isinstance(each, PathView))
    keys = {"shift": False, "ctrl": False}
    asked = [{"node": node, "tree": "head", **keys} for node in (-1, 7, 2.0, float("nan"), "4", None, [4])]
    wrong = None, [], "5", {}, {"node": 4}, {"node": 4, "tree": "head", "shift": "yes", "ctrl": 0}
    for value in (*asked, {"node": 4, "tree": "soft", **keys}, *wrong):
        view.component._handle_msg({"action": "branch", "value": value})
    page.wait_for_timeout(300)  # a commit would be over
    assert session.selection.steps == ()
    assert session.notice == ""


def test_b_x2_the_path_down_the_distilled_tree_follows_the_features(
    page: Page, serve_app: Serve, softened: Path, wait_until: Any
) -> None:
    session = serve_app(softened, "?tab=path&focus=20")
    page.get_by_role("button", name="distilled").click()
    page.wait_for_url("**tree=soft**")
    soft = session.population.softened
    path = soft.tree.path(soft.leaf(session.population.row_of(20)))
    steps = page.locator(".path-card li")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text("circle and square" if path[1] == 4 else "circle and ring")
    score = abs(np.array([1, -1]) @ session.run.stages["teacher"].open()["features"].to_numpy()[20])
    share = 1 / (1 + np.exp(-score))
    expect(steps.nth(0).locator(".share")).to_have_text(
        "> .995" if share > 0.995 else f"{share:.2f}".lstrip("0")
    )
    expect(page.get_by_text("all steps together")).to_have_attribute("title", re.compile("Frosst and Hinton"))
    steps.nth(0).get_by_role("button").first.click()
    wait_until(lambda: session.selection.steps == (Step(Mode.REPLACE, Branch(path[1], "soft")),))
