"""Names of files on the page: under the image, as the grid's hint, and to search by."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboards.session.session import Session
from deepvid.store import texts_as_bytes

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
SAMPLES = 420


@pytest.fixture
def store(tmp_path: Path, begin_run: Callable[..., Any], groups: Any) -> Path:
    """A run whose every image has a file."""
    names = [f"{'train' if sample < 20 else 'test'}/shape {sample}.png" for sample in range(SAMPLES)]
    dataset = groups.dataset().assign(file=(("sample", "byte"), texts_as_bytes(names)))
    with begin_run(tmp_path / "runs") as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        groups.commit_teacher(writer)
        writer.finish()
    return tmp_path / "runs"


def test_an_image_is_found_by_its_file_or_its_number_with_the_keyboard_alone(
    page: Page, store: Path, serve_app: Serve, wait_until: Callable[..., Any]
) -> None:
    session = serve_app(store, "?focus=100")
    card, note = page.locator(".focus-card"), page.locator(".image-grid .note")
    expect(card.locator(".file")).to_have_text("test/shape 100.png")
    page.locator(".image-grid .scroll").focus()
    for _ in range(5):  # over help, size, groups and orders, back to the search
        page.keyboard.press("Shift+Tab")
    search = page.get_by_label("Find an image")
    expect(search).to_be_focused()
    for text, sample, sentence in (
        ("SHAPE 33", 330, "2 of 11: test/shape 330.png"),  # 33 lies before the focus, 330 to 339 behind
        ("SHAPE 33", 331, "3 of 11: test/shape 331.png"),
        ("#42", 42, "#42 test/shape 42.png"),
    ):
        search.fill(text)
        page.keyboard.press("Enter")
        wait_until(lambda sample=sample: session.navigation.focus == sample)
        expect(note).to_have_text(sentence)
        expect(card.locator("h2 .index")).to_have_text(f"#{sample}")
        expect(card.locator(".file")).to_have_text(f"test/shape {sample}.png")
    search.fill("zebra")
    page.keyboard.press("Enter")
    expect(note).to_contain_text("is in no file's name")
    assert session.navigation.focus == 42
    search.fill("")
    page.keyboard.press("Enter")
    expect(note).to_contain_text("frame: true class")


def test_the_file_is_the_hint_of_a_tile(page: Page, store: Path, serve_app: Serve) -> None:
    serve_app(store)
    scroll = page.locator(".image-grid .scroll")
    expect(page.locator(".image-grid h2")).to_contain_text("400")
    box = scroll.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.move(box["x"] + 42, box["y"] + 32)
    sample = scroll.get_attribute("title").split(" ")[0].removeprefix("#")  # type: ignore[union-attr]
    expect(scroll).to_have_attribute(
        "title", f"{scroll.get_attribute('title').splitlines()[0]}\ntest/shape {sample}.png"
    )  # type: ignore[union-attr]


def test_a_run_without_files_is_searched_by_number(
    page: Page, made: Any, serve_app: Serve, wait_until: Callable[..., Any]
) -> None:
    session = serve_app(made.path)
    search = page.get_by_label("Find an image")
    expect(search).to_have_attribute("placeholder", "#index")
    search.fill("77")
    page.keyboard.press("Enter")
    wait_until(lambda: session.navigation.focus == 77)
    expect(page.locator(".focus-card .file")).to_have_count(0)
