"""The store is removed while a page of it is open."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session

pytestmark = pytest.mark.browser


def test_a_page_whose_store_is_removed_says_so_and_shows_it_again_when_it_is_back(
    page: Page, serve_app: Callable[..., Session], store: Path, made: Any
) -> None:
    serve_app(store, f"?focus={made.fitted[0]}")
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors")
    shutil.rmtree(store)
    expect(page.get_by_text(f"{made.run} was deleted")).to_be_visible()
    expect(page.get_by_text("No run to show yet")).to_be_visible()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.get_by_role("button", name="Diagnose", exact=True).click()
    shutil.copytree(made.path, store)
    expect(page.locator(".focus-card h2")).to_be_visible()
    expect(page.locator(".explain-card .methods")).to_be_visible()
