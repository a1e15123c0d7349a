"""The way out of the store and into another: archives saved, uploaded, pointed to, refused."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from dashboards.views.archive import download
from dashboards.views.archive import importing as bring
from deepvid.progress import Progress
from deepvid.store import list_runs, open_run, write_archive

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture(scope="module")
def archive(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = open_run(made.path / made.run)
    return write_archive(run, tmp_path_factory.mktemp("out") / "shapes.zip")


@pytest.fixture
def other(made: Any, tmp_path: Path, make_run: Callable[..., Any]) -> Path:
    """A store with one run, another one than `made`."""
    make_run(tmp_path / "runs", "other")
    return tmp_path / "runs"


def saved(page: Page, folder: Path, button: str) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_what_is_saved_is_the_archive(
    page: Page, serve_app: Serve, made: Any, archive: Path, tmp_path: Path
) -> None:
    serve_app(made.path, "?page=archive&tab=download")
    path = saved(page, tmp_path, "Download ")
    assert path.name == f"{made.run}.zip"
    assert path.read_bytes() == archive.read_bytes()
    expect(page.get_by_role("link", name=path.name)).to_be_visible()
    again = page.get_by_role("link", name=path.name)
    with page.expect_download() as waiting:  # the link holds while the session lives
        again.click()
    assert Path(waiting.value.path()).stat().st_size == path.stat().st_size


def test_images_can_be_left_out(page: Page, serve_app: Serve, made: Any, tmp_path: Path) -> None:
    serve_app(made.path, "?page=archive&tab=download")
    everything = page.locator(".total b").inner_text()
    page.get_by_label("images").first.uncheck()
    expect(page.locator(".total b")).not_to_have_text(everything)
    path = saved(page, tmp_path, "Download ")
    assert path.name == f"{made.run}-partial.zip"
    with zipfile.ZipFile(path) as file:
        listed = file.namelist()
        manifest = file.read("manifest-sha256.txt").decode().splitlines()
        for line in manifest:
            expected, name = line.split("  ", 1)
            assert hashlib.sha256(file.read(name)).hexdigest() == expected
    assert not any("/image/" in name for name in listed)
    assert any("/label/" in name for name in listed)
    expect(page.locator(".ready")).to_contain_text("without images")


class Endless:
    """Work that reports a quarter done until it is stopped."""

    def __init__(self) -> None:
        self.stopped = Event()

    def __call__(self, *_: Any, progress: Progress, **__: Any) -> Path:
        try:
            while True:
                progress.update(1, 4, "data.zarr/stage/teacher")
                self.stopped.wait(0.02)
        finally:
            self.stopped.set()


def test_importing_can_be_cancelled(
    page: Page,
    serve_app: Serve,
    other: Path,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    wait_until: Wait,
) -> None:
    endless = Endless()
    monkeypatch.setattr(bring, "import_archive", endless)
    serve_app(other, "?page=archive")
    page.locator("input[type=file]").set_input_files(archive)
    work = page.locator(".import .work")
    expect(work).to_contain_text("Importing shapes.zip")
    expect(work.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    work.get_by_role("button", name="Cancel").click()
    wait_until(endless.stopped.is_set)
    expect(work).to_be_hidden()
    expect(page.get_by_role("button", name="Choose a file")).to_be_enabled()
    assert len(list_runs(other)) == 1


def test_writing_an_archive_can_be_cancelled(
    page: Page, serve_app: Serve, made: Any, monkeypatch: pytest.MonkeyPatch, wait_until: Wait
) -> None:
    endless = Endless()
    monkeypatch.setattr(download, "write_archive", endless)
    serve_app(made.path, "?page=archive&tab=download")
    page.get_by_role("button", name="Download ").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(page.get_by_role("button", name="Download ")).to_be_disabled()
    page.get_by_role("button", name="Cancel").click()
    wait_until(endless.stopped.is_set)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    expect(page.get_by_role("button", name="Download ")).to_be_enabled()
    expect(page.locator("aside .fault")).to_have_count(0)  # a wish that was honored is no error


def test_an_upload_becomes_a_run(
    page: Page, serve_app: Serve, other: Path, made: Any, archive: Path, wait_until: Wait
) -> None:
    serve_app(other, "?page=archive")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    page.locator("input[type=file]").set_input_files(archive)
    expect(page.locator("aside h2")).to_have_text(made.run)
    expect(page.get_by_text(f"{made.run} was imported.")).to_be_visible()
    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()
    assert {run.id for run in list_runs(other)} == {"other-0123abcd", made.run}
    assert open_run(other / made.run).commits == open_run(made.path / made.run).commits
    page.locator("aside").get_by_role("button", name="Open").click()
    expect(page.locator(".image-grid canvas")).to_be_visible()


def test_a_path_is_imported_and_a_second_time_refused(
    page: Page, serve_app: Serve, other: Path, made: Any, archive: Path
) -> None:
    (other / "kept").mkdir()
    shutil.copy(archive, other / "kept")
    serve_app(other, "?page=archive")
    source = page.get_by_label("Path or address of an archive")
    for said in ("was imported.", "was not imported"):
        source.fill(f"kept/{archive.name}")
        page.keyboard.press("Enter")
        expect(page.locator(".import .result")).to_contain_text(said)
    assert len(list_runs(other)) == 2


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("no zip", "no end of a zip"),
        ("damaged", "data.zarr/"),
        ("absent", "no file that the server can read"),
        ("elsewhere", "a path outside the store"),
    ],
)
def test_what_is_refused_says_why_and_leaves_nothing(
    page: Page, serve_app: Serve, other: Path, archive: Path, tmp_path: Path, kind: str, found: str
) -> None:
    file = (tmp_path if kind == "elsewhere" else other / "kept") / "given.zip"
    file.parent.mkdir(exist_ok=True)
    if kind == "no zip":
        file.write_text("not a zip")
    elif kind == "damaged":
        data = bytearray(archive.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    before = sorted(path.name for path in other.iterdir())
    serve_app(other, "?page=archive")
    page.get_by_label("Path or address of an archive").fill(str(file))
    page.get_by_role("button", name="Import", exact=True).click()
    fault = page.locator(".import .fault")
    expect(fault).to_contain_text("given.zip was not imported; nothing in the store has changed.")
    expect(fault.locator("p")).to_have_count(3)  # what must hold, what was found, what to do
    expect(fault.locator("p").nth(1)).to_contain_text(found)
    assert sorted(path.name for path in other.iterdir()) == before
    fault.get_by_role("button", name="Dismiss").click()
    expect(fault).to_have_count(0)


def test_an_upload_that_is_refused_says_why(
    page: Page, serve_app: Serve, other: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.zip").write_text("not a zip")
    serve_app(other, "?page=archive")
    page.locator("input[type=file]").set_input_files(tmp_path / "notes.zip")
    expect(page.locator(".import .fault")).to_contain_text("notes.zip was not imported")


def test_a_store_that_is_only_read_says_so(
    page: Page, serve_app: Serve, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.data.writable.os.access", lambda *_: False)
    serve_app(other, "?page=archive&tab=delete")
    expect(page.get_by_role("button", name="Choose a file")).to_be_disabled()
    expect(page.locator(".import")).to_contain_text("is read only for this server")
    expect(page.get_by_role("button", name="Delete this run")).to_be_disabled()
    expect(page.locator("aside .warning")).to_contain_text("is read only for this server")


def test_an_archive_that_is_served_is_only_read(
    page: Page, serve_app: Serve, archive: Path, made: Any, tmp_path: Path
) -> None:
    serve_app(archive, "?page=archive&tab=delete")
    expect(page.get_by_role("button", name="Choose a file")).to_be_disabled()
    expect(page.locator(".import")).to_contain_text("shapes.zip is an archive: it is only read.")
    expect(page.get_by_role("button", name="Delete this run")).to_be_disabled()
    page.get_by_role("tab", name="Verify").click()
    page.locator("aside").get_by_role("button", name="Verify").click()
    expect(page.locator(".sentence.whole")).to_be_visible()
    page.get_by_role("tab", name="Provenance").click()
    expect(page.locator("aside")).to_contain_text("deepvid run shapes.toml")
    page.get_by_role("tab", name="Download").click()
    assert saved(page, tmp_path, "Download ").read_bytes() == archive.read_bytes()
    assert sorted(path.name for path in archive.parent.iterdir()) == ["shapes.zip"]  # nothing beside it


@pytest.mark.fresh
def test_temporary_files_go_with_the_session(
    page: Page, serve_app: Serve, made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_until: Wait
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    quickly = {"check_unused_sessions_milliseconds": 500, "unused_session_lifetime_milliseconds": 1000}
    serve_app(made.path, "?page=archive&tab=download", **quickly)
    saved(page, tmp_path, "Download ")
    assert list(tmp_path.glob("deepvid-*/*.zip"))
    page.goto("about:blank")
    wait_until(lambda: not list(tmp_path.glob("deepvid-*")), timeout=20)
