"""The outline that a lasso leaves on the map: it comes by a link, and goes with its gesture."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

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


def test_a_t1_the_list_holds_exactly_what_the_lasso_encloses(
    page: Page, serve_app: Callable[..., Session], made: Any, figure: Any, wait_until: Any
) -> None:
    """The list is walked through with the keyboard, from its last image to its first."""
    session = serve_app(made.path)
    view = figure("map")
    left, right, bottom, top = view.range()
    middle, edge = (left + right) / 2, 0.02 * (right - left)
    low, high = bottom + edge, (bottom + top) / 2
    corners = [(left + edge, low), (middle, low), (middle, high), (left + edge, high)]
    view.drag([*corners, corners[0]])
    wait_until(lambda: session.selection.count)
    table = session.population
    assert table is not None
    shown = table.maps["tsne-features-2d"]
    x, y = shown.x, shown.y
    inside = (x > left + edge) & (x < middle) & (y > low) & (y < high)
    lassoed = session.selection.mask
    assert np.count_nonzero(lassoed ^ inside) <= 2  # the mouse moves by whole pixels
    expected = set(table.samples[np.flatnonzero(lassoed)].tolist())
    expect(page.locator(".image-grid .title")).to_have_text(f"{len(expected)} images in the lasso")
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("End")
    wait_until(lambda: not session.opening.offers(session.navigation.focus))  # chosen by the key
    found = list[int]()
    while True:
        wait_until(lambda: session.navigation.focus not in found)
        found.append(session.navigation.focus)
        if len(found) == len(expected):
            break
        page.keyboard.press("ArrowLeft")
    assert set(found) == expected
