"""Verifying, comparing and deleting runs on the Archive page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid.store import list_runs

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path, make_run: Callable[..., Any]) -> Path:
    """Two runs whose teachers differ, the second the newer one."""
    for teacher, name in enumerate(("first", "second"), 1):
        make_run(tmp_path / "runs", name, teacher=teacher)
    return tmp_path / "runs"


def test_verifies_a_whole_run_and_a_damaged_one(page: Page, serve_app: Serve, store: Path) -> None:
    serve_app(store, "?page=archive&tab=verify&run=first")
    page.locator("aside").get_by_role("button", name="Verify").last.click()
    expect(page.locator(".sentence.whole")).to_contain_text("are what was committed")
    run = store / "first-0123abcd"
    damaged = next(path for path in run.glob("data.zarr/stage/teacher-*/logits/c.*"))
    data = bytearray(damaged.read_bytes())
    data[5] ^= 4
    damaged.write_bytes(data)
    next(run.glob("data.zarr/stage/vae-*/mean/c.*")).unlink()
    page.get_by_role("button", name="Verify again").click()
    expect(page.locator(".sentence.broken")).to_have_text("1 file damaged and 1 file missing")
    panel = page.locator("aside .body")
    expect(panel).to_contain_text(damaged.relative_to(run).as_posix())
    expect(panel.locator("section").filter(has_text="still good")).to_contain_text("dataset")
    expect(panel.locator("section").filter(has_text="no longer whole")).to_contain_text("teacher")
    page.locator("tr[data-run=second-0123abcd]").click()
    expect(page.get_by_text("Not verified in this session")).to_be_visible()
    page.locator("tr[data-run=first-0123abcd]").click()  # what was found is kept while the session lives
    expect(page.locator(".sentence.broken")).to_be_visible()


def test_compares_two_teachers_in_a_sentence(page: Page, serve_app: Serve, store: Path) -> None:
    serve_app(store, "?page=archive&tab=compare&run=first")
    expect(page.get_by_text("Choose a run to compare with")).to_be_visible()
    page.get_by_label("Compare with").select_option("second-0123abcd")
    expect(page.locator(".sentence")).to_contain_text("of 400 test images just one of the two is right")
    expect(page.locator("table[aria-label=Metrics]")).to_contain_text("test accuracy")
    expect(page.get_by_label("1 setting differs")).to_contain_text("name")


def test_each_of_four_counts_opens_its_images(
    page: Page, serve_app: Serve, store: Path, wait_until: Wait
) -> None:
    session = serve_app(store, "?page=archive&tab=compare&run=first&other=second-0123abcd")
    counts = page.locator("table[aria-label='Test images by who is right'] button")
    expect(counts).to_have_count(4)
    shown = [int(text.replace(",", "")) for text in counts.all_inner_texts()]
    assert sum(shown) == 400
    counts.nth(3).click()  # both wrong
    wait_until(lambda: session.navigation.page == "diagnose" and session.selection.count == shown[3])
    table = session.population
    assert table is not None
    assert table.wrong[session.selection.mask].all()
    assert session.run.id.startswith("first")
    wait_until(lambda: "select=" in page.url)


def test_a_run_alone_has_nothing_to_compare_with(page: Page, serve_app: Serve, made: Any) -> None:
    serve_app(made.path, "?page=archive&tab=compare")
    expect(page.get_by_text("There is no other run to compare with")).to_be_visible()


def test_deletes_after_asking(page: Page, serve_app: Serve, store: Path, wait_until: Wait) -> None:
    watching = page.context.new_page()
    session = serve_app(store, "?page=archive&tab=delete&run=first")
    watching.goto(page.url.replace("page=archive", "page=diagnose"))  # somebody else looks at it
    watching.wait_for_function("() => window.Bokeh?.index?.roots?.length > 0")
    panel = page.locator("aside")
    expect(panel).to_contain_text(
        "dataset, projection-tsne-features-2d, teacher, vae, students and explanations"
    )
    expect(panel).to_contain_text("Whether one exists is not known here")
    page.get_by_role("button", name="Delete this run").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert len(list_runs(store)) == 2
    page.get_by_role("button", name="Delete this run").click()
    page.get_by_role("button", name="Download first").click()
    expect(page.get_by_text("One file that opens anywhere")).to_be_visible()
    page.get_by_role("tab", name="Delete").click()
    page.get_by_role("button", name="Delete this run").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    assert [run.id for run in list_runs(store)] == ["second-0123abcd"]
    expect(page.locator("aside h2")).to_have_text("second-0123abcd")
    expect(page.get_by_role("button", name="Delete this run")).to_have_count(0)
    wait_until(lambda: session.navigation.run == "second-0123abcd")
    expect(watching.get_by_text("first-0123abcd was deleted or moved.")).to_be_visible()
    expect(watching.get_by_label("Run", exact=True)).to_have_value("second-0123abcd")


def test_a_run_in_progress_is_not_deleted(
    page: Page, serve_app: Serve, store: Path, begin_run: Callable[..., Any]
) -> None:
    with begin_run(store, "busy") as writer:
        serve_app(store, "?page=archive&tab=delete&run=busy")
        expect(page.get_by_role("button", name="Delete this run")).to_be_disabled()
        expect(page.locator("aside .warning")).to_contain_text("It is running")
        writer.finish()
    expect(page.get_by_role("button", name="Delete this run")).to_be_enabled()


def test_a_run_that_appears_is_listed(
    page: Page, serve_app: Serve, store: Path, make_run: Callable[..., Any]
) -> None:
    serve_app(store, "?page=archive&run=first")
    make_run(store, "third")
    expect(page.get_by_text("3 runs", exact=True)).to_be_visible()
