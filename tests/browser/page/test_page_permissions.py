"""Who may do what on a served page: the token's link, a server that is only read, and the log of changes."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deepvid.store import list_runs, open_run, write_archive

pytestmark = pytest.mark.browser


@pytest.fixture
def store(tmp_path: Path, make_run: Callable[..., Any]) -> Path:
    """Two runs, one of them to be deleted."""
    for name in ("kept", "spared"):
        make_run(tmp_path / "runs", name)
    return tmp_path / "runs"


def test_the_printed_link_opens_the_page_and_its_token_leaves_the_address(
    page: Page, serve_command: Any, store: Path
) -> None:
    with serve_command(store, "--address", "0.0.0.0") as served:
        assert "token=" in served.address
        bare = f"http://localhost:{served.port}/app"
        page.goto(bare)
        expect(page.locator("body")).to_contain_text("Open the link that deepvid serve printed")
        token = served.address.partition("token=")[2]
        page.goto(f"{bare}?run=kept&page=archive&token={token}")
        expect(page.locator(".run-table")).to_contain_text("kept")
        assert token not in page.url
        assert "run=kept" in page.url
        page.reload()  # the cookie lets it in from now on
        expect(page.locator(".run-table")).to_contain_text("kept")


def test_a_server_that_is_only_read_says_so_and_changes_nothing(
    page: Page, serve_command: Any, made: Any
) -> None:
    before = sorted(path.name for path in made.path.iterdir())
    unexplained = next(sample for sample in made.wrong if sample not in made.fitted)
    with serve_command(made.path, "--read-only") as served:
        page.goto(f"{served.address}?page=archive&tab=delete")
        expect(page.get_by_role("banner")).to_contain_text("read only")
        expect(page.get_by_role("button", name="Choose a file")).to_be_disabled()
        expect(page.get_by_role("button", name="Delete this run")).to_be_disabled()
        expect(page.locator(".import")).to_contain_text("started with --read-only")
        page.goto(f"{served.address}?page=diagnose&focus={unexplained}")
        expect(page.get_by_role("button", name="Fit now")).to_be_disabled()
        expect(page.locator(".explain-card")).to_contain_text("--read-only")
    assert sorted(path.name for path in made.path.iterdir()) == before


def test_what_visitors_import_and_delete_is_logged(
    page: Page, serve_command: Any, store: Path, tmp_path: Path
) -> None:
    spared = open_run(next(store.glob("spared-*")))
    archive = write_archive(spared, tmp_path / "brought.zip")
    with serve_command(store, stderr=subprocess.PIPE) as served:
        page.goto(f"{served.address}?page=archive&tab=delete&run=spared")
        page.get_by_role("button", name="Delete this run").click()
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_text("1 run", exact=True)).to_be_visible()
        page.locator("input[type=file]").set_input_files(archive)
        expect(page.locator(".import .result")).to_contain_text("was imported")
    said = served.process.stderr.read()
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+"
    for change in (f"{spared.id} was deleted", f"{spared.id} was imported from brought.zip"):
        assert re.search(rf"^{stamp} {change} by (127\.0\.0\.1|::1) \(.*Chrome.*\)$", said, re.M), said
    assert len(list_runs(store)) == 2
