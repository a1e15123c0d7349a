"""The selection as a file, and the link to it."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Query
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.permissions import Permissions
from deepvid.store import kept_named, open_run

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    return session


def saved(page: Page, kind: str, folder: Path) -> Path:
    page.get_by_role("button", name="Save the selection").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=kind).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_selection_is_saved_as_a_table_and_as_arrays(
    page: Page, session: Session, made: Any, wait_until: Wait, tmp_path: Path
) -> None:
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    wait_until(lambda: session.selection.count == len(made.wrong))
    table = saved(page, "Table (CSV)", tmp_path)
    assert table.name == f"{made.run}-selection.csv"
    with table.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["sample"]) for line in lines] == made.wrong.tolist()
    assert all(line["true"] != line["predicted"] for line in lines)
    assert {line["student_verdict"] for line in lines} == {"explained", "weak", "no student"}
    with np.load(saved(page, "Arrays (NPZ)", tmp_path)) as arrays:
        np.testing.assert_array_equal(arrays["sample"], made.wrong)
        np.testing.assert_array_equal(arrays["logits"], made.logits[made.wrong])


def test_without_a_selection_all_images_are_saved(page: Page, session: Session, tmp_path: Path) -> None:
    path = saved(page, "Table (CSV)", tmp_path)
    assert path.name.endswith("-images.csv")
    assert len(path.read_text().splitlines()) == 1 + session.population.rows  # type: ignore[union-attr]


def test_the_link_is_that_of_what_is_seen(page: Page, session: Session, wait_until: Wait) -> None:
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    wait_until(lambda: "select=" in page.url)
    page.get_by_role("button", name="Save the selection").click()
    expect(page.get_by_label("Link to what is seen")).to_have_value(page.url)
    page.get_by_role("dialog", name="Save the selection").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="this machine only")).to_contain_text("localhost")


def test_a_named_selection_is_had_back_after_a_reload_and_forgotten(
    page: Page, serve_app: Callable[..., Session], store: Path, made: Any, wait_until: Wait
) -> None:
    session = serve_app(store)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    wait_until(lambda: session.selection.count == len(made.wrong))
    page.get_by_role("button", name="Save the selection").click()
    page.get_by_label("Name of the selection").fill("<b>errors</b>")
    page.keyboard.press("Enter")
    named = page.get_by_role("list", name="Named selections").get_by_role("listitem")
    expect(named).to_have_text(["<b>errors</b>"])
    wait_until(lambda: list(kept_named(open_run(store / made.run))) == ["<b>errors</b>"])

    again = serve_app(store)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.get_by_role("button", name="Save the selection").click()
    expect(page.get_by_label("Name of the selection")).to_be_disabled()  # nothing is selected
    named.get_by_role("button", name="<b>errors</b>", exact=True).click()
    wait_until(lambda: again.selection.count == len(made.wrong))
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: not again.selection.steps)
    page.get_by_role("button", name="Save the selection").click()
    page.get_by_role("button", name="Forget <b>errors</b>").click()
    expect(named).to_have_count(0)
    wait_until(lambda: not kept_named(open_run(store / made.run)))


def test_what_may_not_be_written_is_named_in_the_session(
    page: Page,
    serve_app: Callable[..., Session],
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    wait_until: Wait,
) -> None:
    monkeypatch.setattr("dashboards.data.writable.permissions", lambda: Permissions(read_only=True))
    session = serve_app(store)
    expect(page.locator(".explain-card .methods")).to_be_visible()
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query("wrong"))))
    wait_until(lambda: session.selection.count)
    page.get_by_role("button", name="Save the selection").click()
    expect(page.get_by_text("Kept in this session")).to_be_visible()
    page.get_by_label("Name of the selection").fill("mine")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("list", name="Named selections")).to_contain_text("mine")
    assert session.run is not None
    assert not kept_named(session.run)
