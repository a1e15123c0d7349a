"""The Archive page: sorting, filtering, provenance, opening."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, make_run: Callable[..., Any]) -> Path:
    path = tmp_path_factory.mktemp("archive") / "runs"
    for name in ("first", "second"):
        make_run(path, name)
    (path / "second-0123abcd" / "journal.jsonl").touch()
    (path / "broken").mkdir()
    (path / "broken" / "journal.jsonl").write_text("not a line of a journal\n")
    return path


def names(page: Page) -> list[str]:
    return page.locator(".run-table tbody tr td:first-child").all_inner_texts()


def test_sorts_filters_and_opens(
    page: Page, serve_app: Serve, store: Path, wait_until: Callable[..., Any]
) -> None:
    session = serve_app(store, "?page=archive&run=second")
    expect(page.get_by_text("3 runs")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    assert names(page) == ["broken", "first-0123abcd", "second-0123abcd"]
    page.get_by_role("button", name="Run ↑").click()
    assert names(page) == ["second-0123abcd", "first-0123abcd", "broken"]
    page.get_by_label("Filter the runs").fill("finished fir")
    expect(page.get_by_text("1 of 3 runs")).to_be_visible()
    assert names(page) == ["first-0123abcd"]
    page.locator("tr[data-run=first-0123abcd]").click()
    details = page.get_by_label("The chosen run")
    expect(details).to_contain_text("deepvid run shapes.toml")
    expect(details).to_contain_text("teacher.learning_rate")
    details.get_by_role("button", name="Open").click()
    wait_until(lambda: (session.navigation.run, session.navigation.page) == ("first-0123abcd", "diagnose"))
    expect(page.locator(".image-grid")).to_be_visible()


def test_a_run_that_cannot_be_read_says_why(page: Page, serve_app: Serve, store: Path) -> None:
    serve_app(store, "?page=archive&run=first")
    page.locator("tr[data-run=broken]").click()
    expect(page.get_by_label("The chosen run").locator(".fault")).to_contain_text("Found:")


def test_an_empty_store_says_how_to_make_a_run(page: Page, serve_app: Serve, tmp_path: Path) -> None:
    serve_app(tmp_path / "none", "?page=archive")
    expect(page.get_by_text("No runs yet")).to_be_visible()
