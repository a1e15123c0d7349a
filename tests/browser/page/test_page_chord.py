"""The chord diagram (B-I5) on its page: its tab, its link, and the order of its classes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
ARCS = "figure.renderers.find((r) => r.glyph.type == 'AnnularWedge').data_source.data"
RIBBONS = "figure.renderers.find((r) => r.glyph.type == 'Patches').data_source.data"


def test_b_i5_a_link_opens_the_chord_with_its_ribbon(
    page: Page, serve_app: Serve, made: Any, figure: Any, wait_until: Any
) -> None:
    selected = quote(json.dumps([["replace", "cells", [[0, 1]]]]))
    session = serve_app(made.path, f"?reading=chord&select={selected}")
    view = figure("chord")
    count = int(((made.label == 0) & (made.predicted == 1))[20:].sum())
    wait_until(lambda: session.selection.count == count)
    expect(page.get_by_role("tab", name="More")).to_have_attribute("aria-selected", "true")
    wait_until(lambda: f"{count} circle taken for square" in view.model(f"{RIBBONS}.head"))
    wait_until(lambda: sum(alpha > 0.5 for alpha in view.model(f"Array.from({RIBBONS}.alpha)")) == 1)


def test_b_i5_its_tab_stands_in_the_address(
    page: Page, serve_app: Serve, made: Any, figure: Any, cell: Any
) -> None:
    serve_app(made.path)
    expect(cell(0, 0)).to_be_visible()
    page.get_by_role("tab", name="More").click()
    figure("chord")
    page.wait_for_url("**reading=more**")


def test_b_i5_classes_stand_in_the_order_of_the_hierarchy_where_there_is_one(
    page: Page, serve_app: Serve, made: Any, grown: Path, figure: Any, wait_until: Any
) -> None:
    first = f"Array.from({ARCS}.head.slice(0, 4), (said) => said.split(' ')[1])"
    serve_app(made.path, "?reading=chord")
    view = figure("chord")
    wait_until(lambda: view.model(first) == ["circle", "square", "cross", "ring"])
    serve_app(grown, "?reading=chord")
    view = figure("chord")
    wait_until(lambda: view.model(first) == ["circle", "cross", "square", "ring"])
