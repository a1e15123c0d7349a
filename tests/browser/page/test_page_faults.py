"""Damaged files and failing code: each page says what failed and what to do, and goes on where it can."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forged import journal_with
from playwright.sync_api import Page, expect

from dashboards import shell
from dashboards.session.session import Session
from dashboards.views.archive import runs as runs_view

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]


def cut(pattern: str) -> Callable[[Path], None]:
    """Cuts the first file of this name to half, behind Zarr's back."""

    def damage(run: Path) -> None:
        file = min(run.glob(f"data.zarr/stage/{pattern}"))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return damage


def garble(pattern: str) -> Callable[[Path], None]:
    """Makes the first file of this name no JSON."""

    def damage(run: Path) -> None:
        min(run.glob(f"data.zarr/stage/{pattern}")).write_text("{no json")

    return damage


OPENING = {
    "the teacher's zarr.json": garble("teacher-*/zarr.json"),
    "the images": cut("dataset-*/image/c.*"),
    "the labels": cut("dataset-*/label/c.*"),
    "a map's zarr.json": garble("projection-*/zarr.json"),
    "the logits": cut("teacher-*/logits/c.*"),
    "the journal": lambda run: (run / "journal.jsonl").write_text("garbage\n"),
}
"""Faults that keep a run from being opened."""


@pytest.fixture
def store(made: Any, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(made.path, tmp_path / "my runs"))


@pytest.mark.parametrize("damage", OPENING.values(), ids=OPENING)
def test_a_run_that_cannot_be_opened_says_so_and_can_be_verified(
    page: Page, serve_app: Serve, store: Path, made: Any, damage: Callable[[Path], None]
) -> None:
    damage(store / made.run)
    serve_app(store, f"?run={made.run}")
    expect(page.get_by_text(f"The run {made.run} cannot be shown")).to_be_visible()
    expect(page.get_by_text("Found: ")).to_be_visible()
    expect(page.get_by_text(f"deepvid verify '{store / made.run}'")).to_be_visible()
    page.get_by_role("link", name="Verify this run").click()
    page.get_by_role("button", name="Verify", exact=False).last.click()
    expect(page.get_by_text("Restore it from a copy")).to_be_visible()


def test_the_tabs_of_the_archive_page_say_so_too(
    page: Page, serve_app: Serve, store: Path, made: Any
) -> None:
    garble("dataset-*/zarr.json")(store / made.run)
    serve_app(store, "?page=archive")
    for tab in ("Provenance", "Download"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("alert")).to_contain_text("deepvid verify")
    page.get_by_role("tab", name="Verify").click()
    expect(page.get_by_role("button", name="Verify", exact=False).last).to_be_enabled()


def test_the_next_run_can_be_chosen_instead_of_the_newest(
    page: Page, serve_app: Serve, store: Path, make_run: Callable[..., Any], wait_until: Wait
) -> None:
    newest = make_run(store, "newest").run
    OPENING["the images"](store / newest)
    session = serve_app(store)
    expect(page.get_by_text(f"The run {newest} cannot be shown")).to_be_visible()
    expect(page.get_by_label("Run", exact=True)).to_have_value(newest)
    page.get_by_label("Run", exact=True).select_option("shapes-0123abcd")
    expect(page.locator(".image-grid canvas")).to_be_visible()
    page.get_by_label("Run", exact=True).select_option(newest)  # the one that is open stays
    expect(page.get_by_text("That did not work.")).to_be_visible()
    wait_until(lambda: session.navigation.run == "shapes-0123abcd")
    expect(page.get_by_label("Run", exact=True)).to_have_value("shapes-0123abcd")


STUDENTS = {
    "weights": cut("students.*/weights/c.*"),
    "zarr.json": garble("students.*/zarr.json"),
    "agreement": cut("students.*/agreement/c.*"),
}
"""Faults that keep a student from being read."""


@pytest.mark.parametrize("damage", STUDENTS.values(), ids=STUDENTS)
def test_no_student_of_another_image_is_shown(
    page: Page,
    serve_app: Serve,
    store: Path,
    made: Any,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(store / made.run)
    session = serve_app(store, f"?run={made.run}&focus={made.fitted[0]}")
    for sample in made.fitted[:2]:
        session.schedule(lambda sample=sample: session.focus(sample))
        expect(page.locator(".focus-card h2 .index")).to_have_text(f"#{sample}")
        expect(page.get_by_text(f"The explanation of #{sample} cannot be shown")).to_be_visible()
        expect(page.locator(".explain-card .methods")).to_have_count(0)
    expect(page.locator(".image-grid canvas")).to_be_visible()
    assert any(record.exc_info and "The explanation of" in record.message for record in caplog.records)


def test_a_student_is_shown_again_once_its_file_is_mended(
    page: Page, serve_app: Serve, store: Path, made: Any, cell: Callable[..., Any]
) -> None:
    weights = min((store / made.run).glob("data.zarr/stage/students.*/weights/c.*"))
    whole = weights.read_bytes()
    session = serve_app(store, f"?run={made.run}&focus={made.fitted[0]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    weights.write_bytes(whole[: len(whole) // 2])
    session.schedule(lambda: session.focus(made.fitted[1]))
    expect(page.get_by_text(f"The explanation of #{made.fitted[1]} cannot be shown")).to_be_visible()
    weights.write_bytes(whole)
    cell(0, 1).click()  # any gesture
    expect(page.locator(".explain-card .methods")).to_be_visible()


def test_an_error_of_our_own_in_one_page_leaves_the_others(
    page: Page, serve_app: Serve, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(runs_view, "run_rows", fail)
    serve_app(store, "?page=archive")
    expect(page.get_by_text("The page Archive cannot be shown")).to_be_visible()
    expect(page.get_by_text("LookupError: a fault of ours")).to_be_visible()
    page.get_by_role("button", name="Diagnose").click()
    expect(page.locator(".image-grid canvas")).to_be_visible()
    monkeypatch.undo()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 run")).to_be_visible()


def test_a_store_whose_only_run_cannot_be_read_is_not_said_to_be_empty(
    page: Page, serve_app: Serve, store: Path, made: Any
) -> None:
    journal = store / made.run / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_text("garbage\n")
    serve_app(store)
    expect(page.get_by_text(f"The run {made.run} cannot be shown")).to_be_visible()
    expect(page.get_by_text("a line whose checksum does not match")).to_be_visible()
    expect(page.get_by_role("link", name="Verify this run")).to_be_visible()
    journal.write_bytes(whole)
    expect(page.locator(".image-grid canvas")).to_be_visible()


@pytest.mark.parametrize("argv", [5, [1, 2], [["deepvid"]], {"deepvid": "run"}], ids=str)
def test_a_run_that_tells_nonsense_of_how_it_was_made_is_refused_and_takes_no_page_away(
    page: Page, serve_app: Serve, store: Path, made: Any, argv: Any
) -> None:
    journal = store / made.run / "journal.jsonl"
    journal.write_bytes(journal_with(store / made.run, 0, "details.provenance.argv", argv))
    serve_app(store)
    expect(page.get_by_text(f"The run {made.run} cannot be shown")).to_be_visible()
    expect(page.get_by_text("argv")).to_be_visible()
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("tab", name="Verify").click()
    expect(page.get_by_role("button", name="Verify", exact=False).last).to_be_enabled()


def test_a_store_that_cannot_be_listed_is_said(
    page: Page, serve_app: Serve, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", "theirs")

    monkeypatch.setattr("dashboards.data.runs.StoreListing.look", fail)
    serve_app(store)
    expect(page.get_by_text("The store cannot be shown")).to_be_visible()
    expect(page.get_by_text("Permission denied: 'theirs'")).to_be_visible()
    monkeypatch.undo()
    expect(page.locator(".image-grid canvas")).to_be_visible()


def test_what_no_part_of_a_page_survives_is_said(
    page: Page,
    serve_component: Callable[..., str],
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(shell, "HeaderView", fail)
    serve_component(page, lambda: shell.shell(store))
    expect(page.get_by_text("This page cannot be shown")).to_be_visible()
    expect(page.get_by_text("LookupError: a fault of ours")).to_be_visible()
