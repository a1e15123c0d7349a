"""The outline that a lasso leaves on the map: it comes by a link, and goes with its gesture."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

XS = "figure.renderers.find((r) => r.data_source.name == 'outlines').data_source.data.xs"
LASSO = '["{}","polygon",{{"map":"tsne-features-2d","x":[{}],"y":[-4,4,0]}}]'
LINK = quote(f"[{LASSO.format('replace', '6,6,14')},{LASSO.format('add', '-6,-6,-14')}]")


def test_a_lasso_leaves_its_outline_until_it_is_taken_out_or_escape_clears_all(
    page: Page, serve_app: Callable[..., Session], made: Any, figure: Any, wait_until: Any
) -> None:
    session = serve_app(made.path, f"?select={LINK}")
    view = figure("map")
    wait_until(lambda: view.model(XS) == [[6, 6, 14], [-6, -6, -14]])
    page.locator(".top-bar .selected").click()
    page.locator(".top-bar .step").nth(0).get_by_role("button").click()
    wait_until(lambda: view.model(XS) == [[-6, -6, -14]])
    page.keyboard.press("Escape")
    wait_until(lambda: view.model(XS) == [])
    assert session.selection.steps == ()
