"""The app on an archive and on S3: what a page asks for, and what it keeps when nobody answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import deepvid.store.reading.remote
from dashboards.data import runs
from dashboards.session import computing
from dashboards.session.session import Session
from deepvid.engine.client import AbsentEngine

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Zip = Callable[[Path, Path], Path]


@pytest.fixture(autouse=True)
def forget_readers() -> Iterator[None]:
    """The next bucket has the same address."""
    yield
    runs._READERS.clear()


@pytest.fixture
def archive(made: Any, zip_run: Zip, tmp_path: Path) -> Path:
    (tmp_path / "alone").mkdir()
    return zip_run(made.path / made.run, tmp_path / "alone" / "shapes.zip")


def test_an_archive_is_shown_whole_and_nothing_that_computes_is_offered(
    page: Page, serve_app: Serve, made: Any, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "engine", lambda: AbsentEngine("jax"))
    session = serve_app(archive, f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors")
    expect(page.get_by_label("Run", exact=True)).to_have_value("shapes.zip")
    session.schedule(lambda: session.focus(int(made.wrong[10])))
    fit = page.get_by_role("button", name="Fit now")
    expect(fit).to_be_disabled()
    expect(page.get_by_role("note")).to_contain_text("pip install 'deepvid[compute]'")
    expect(page.locator(".explain-card")).not_to_contain_text("fit-students")  # it writes, and cannot here
    page.get_by_text("Archive", exact=True).click()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    assert [path.name for path in archive.parent.iterdir()] == ["shapes.zip"]


@pytest.mark.parametrize(("packed", "most"), [(False, 54), (True, 4)], ids=["folder", "archive"])
def test_a_page_on_s3_asks_for_little(
    page: Page,
    serve_app: Serve,
    made: Any,
    archive: Path,
    bucket: Any,
    packed: bool,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deepvid.store.reading.remote, "REFRESH", 600.0)  # on a busy machine it looks again
    source = archive if packed else made.path
    serve_app(bucket.upload(source, "runs.zip" if packed else "runs"), f"?focus={made.fitted[1]}")
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors", timeout=30_000)
    expect(page.locator(".image-grid canvas")).to_be_visible()
    asked, again = set(bucket.asked), len(bucket.asked) - len(set(bucket.asked))
    assert 0 < len(asked) <= most, "\n".join([str(len(asked)), *bucket.asked])
    # drawn while the run is still read, a view reads its image anew, and two may read one at once
    assert again <= 16, "\n".join(bucket.asked)


def test_a_page_out_of_reach_keeps_what_it_shows_and_says_why(
    page: Page,
    serve_app: Serve,
    made: Any,
    bucket: Any,
    monkeypatch: pytest.MonkeyPatch,
    cell: Callable[..., Any],
) -> None:
    monkeypatch.setattr(deepvid.store.reading.remote, "REFRESH", 1.0)
    session = serve_app(bucket.upload(made.path, "runs"), f"?focus={made.fitted[0]}")
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors", timeout=30_000)
    bucket.stop()
    notice = page.get_by_text("journal.jsonl can be read")
    expect(notice).to_be_visible(timeout=30_000)
    table = session.population  # in memory: it still answers
    row = table.row_of(made.fitted[0])
    cell(table.label[row], table.predicted[row]).click()
    expect(page.get_by_role("status").filter(has_text="selected")).not_to_contain_text("nothing")
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors")
    session.schedule(lambda: session.focus(made.fitted[1]))  # its student is not: the page says so and stays
    expect(page.locator(".focus-card h2")).to_contain_text(f"#{made.fitted[1]}")
    expect(page.get_by_text(f"The explanation of #{made.fitted[1]} cannot be shown")).to_be_visible(
        timeout=30_000
    )
    bucket.start()
    expect(notice).to_be_hidden(timeout=30_000)
    expect(page.locator(".explain-card .fidelity")).to_contain_text("held-out neighbors", timeout=30_000)
