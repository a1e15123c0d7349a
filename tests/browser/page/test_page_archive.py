"""The Archive page: runs, provenance, links, keys, and what a store that is only read cannot do."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.store import open_run, write_archive

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, make_run: Callable[..., Any]) -> Path:
    path = tmp_path_factory.mktemp("archive") / "runs"
    for name in ("first", "second"):
        make_run(path, name)
    (path / "second-0123abcd" / "journal.jsonl").touch()
    (path / "broken").mkdir()
    (path / "broken" / "journal.jsonl").write_text("not a line of a journal\n")
    return path


def expect_runs(page: Page, *names: str) -> None:
    expect(page.locator(".run-table tbody tr td:first-child")).to_have_text([*names])


def test_a_long_name_pushes_no_column_out(page: Page, serve_app: Serve, store: Path, tmp_path: Path) -> None:
    shutil.copytree(store / "first-0123abcd", tmp_path / "runs" / ("x" * 120))
    serve_app(tmp_path / "runs", "?page=archive")
    name = page.locator(".run-table tbody td").first
    expect(name).to_have_attribute("title", "x" * 120)
    table, room = (page.locator(f".run-table .rows{part}").bounding_box() for part in (" table", ""))
    assert table is not None
    assert room is not None
    assert table["width"] <= room["width"]


def test_sorts_filters_and_opens(page: Page, serve_app: Serve, store: Path, wait_until: Wait) -> None:
    session = serve_app(store, "?page=archive&run=second")
    expect(page.get_by_text("3 runs")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect_runs(page, "broken", "first-0123abcd", "second-0123abcd")
    page.get_by_role("button", name="Run ↑").click()
    expect_runs(page, "second-0123abcd", "first-0123abcd", "broken")
    page.get_by_label("Filter the runs").fill("finished fir")
    expect(page.get_by_text("1 of 3 runs")).to_be_visible()
    expect_runs(page, "first-0123abcd")
    page.locator("tr[data-run=first-0123abcd]").click()
    panel = page.locator("aside")
    expect(panel).to_contain_text("deepvid run shapes.toml")
    panel.get_by_text("settings", exact=False).click()
    expect(panel).to_contain_text("teacher.learning_rate")
    panel.get_by_role("button", name="Open").click()
    wait_until(lambda: (session.navigation.run, session.navigation.page) == ("first-0123abcd", "diagnose"))
    expect(page.locator(".image-grid")).to_be_visible()


def test_a_long_list_shows_its_first_runs_and_finds_the_others(
    page: Page, serve_app: Serve, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.data.runs.MOST_ROWS", 1)
    monkeypatch.setattr("dashboards.data.runs.MOST_CHOICES", 0)
    monkeypatch.setattr("dashboards.views.archive.compare.MOST_CHOICES", 0)
    serve_app(store, "?page=archive&run=second&tab=compare")
    expect(page.locator(".run-table .place")).to_contain_text("the first 1 are shown")
    page.get_by_label("Filter the runs").fill("first")
    expect_runs(page, "first-0123abcd")
    page.get_by_label("Find a run").last.fill("first")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Compare with")).to_be_visible()


def test_reading_about_a_run_keeps_the_selection(
    page: Page, serve_app: Serve, store: Path, wait_until: Wait
) -> None:
    session = serve_app(store, "?run=second")
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((30, 31)))))
    wait_until(lambda: session.selection.count == 2)
    page.get_by_role("button", name="Archive").click()
    page.locator("tr[data-run=first-0123abcd]").click()
    expect(page.locator("aside h2")).to_have_text("first-0123abcd")
    assert (session.navigation.run, session.selection.count) == ("second-0123abcd", 2)


def test_a_link_leads_to_a_run_and_a_tab(page: Page, serve_app: Serve, store: Path, wait_until: Wait) -> None:
    serve_app(store, "?page=archive&run=second&chosen=first-0123abcd&tab=verify")
    expect(page.locator("aside h2")).to_have_text("first-0123abcd")
    expect(page.get_by_text("Not verified in this session")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Compare with").select_option("second-0123abcd")
    wait_until(lambda: page.evaluate("location.search").endswith("tab=compare&other=second-0123abcd"))
    page.reload()  # a fresh session
    expect(page.get_by_label("Compare with")).to_have_value("second-0123abcd")
    expect(page.locator("aside h2")).to_have_text("first-0123abcd")


def test_keys_reach_runs_and_tabs(page: Page, serve_app: Serve, store: Path) -> None:
    serve_app(store, "?page=archive&run=second")
    page.locator("tr[data-run=second-0123abcd]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("aside h2")).to_have_text("first-0123abcd")
    page.keyboard.press("ArrowUp")  # the row has kept the focus though it was drawn anew
    page.keyboard.press("Enter")
    expect(page.locator("aside h2")).to_have_text("second-0123abcd")
    page.get_by_role("tab", name="Provenance").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Download")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Not verified in this session")).to_be_visible()


@pytest.mark.fresh
def test_provenance_can_be_copied(page: Page, serve_app: Serve, store: Path, wait_until: Wait) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    serve_app(store, "?page=archive&run=first")
    page.get_by_role("button", name="Copy the command").click()
    clipboard = "navigator.clipboard.readText()"
    wait_until(lambda: page.evaluate(clipboard) == "deepvid run shapes.toml")
    page.get_by_role("button", name="Copy all as JSON").click()
    wait_until(lambda: '"run": "first-0123abcd"' in page.evaluate(clipboard))
    assert '"learning_rate"' in page.evaluate(clipboard)


def test_a_run_that_cannot_be_read_says_why(page: Page, serve_app: Serve, store: Path) -> None:
    serve_app(store, "?page=archive&run=first")
    page.locator("tr[data-run=broken]").click()
    expect(page.locator("aside .fault")).to_contain_text("Found:")
    expect(page.locator("aside").get_by_role("button", name="Open")).to_be_disabled()


def test_an_empty_store_says_how_to_make_a_run(page: Page, serve_app: Serve, tmp_path: Path) -> None:
    serve_app(tmp_path / "none", "?page=archive")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    expect(page.locator(".run-table code")).to_contain_text("deepvid demo --store")


def test_an_empty_store_has_a_button_to_import(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path
) -> None:
    archive = write_archive(open_run(made.path / made.run), tmp_path / "shapes.zip")
    serve_app(tmp_path / "none", "?page=archive")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import an archive").click()
    chooser.value.set_files(archive)
    expect_runs(page, made.run)
    expect(page.locator("aside h2")).to_have_text(made.run)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_nothing_is_cut_off(page: Page, serve_app: Serve, store: Path, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    serve_app(store, "?page=archive&run=first&tab=download")
    expect(page.get_by_role("button", name="Download ")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_in_viewport(ratio=1)
    overflow = "e => [e.scrollHeight - innerHeight, e.scrollWidth - innerWidth]"
    assert page.locator("html").evaluate(overflow) == [0, 0]
    rows = page.locator(".run-table .rows").evaluate("e => e.scrollWidth - e.clientWidth")
    assert rows <= 0
