"""Answers that are taken away: reports, and images that a person brings."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import held
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.engine.requests import OpenedImage, OpenImage
from deepvid.reasons import Reason

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]


def _downloaded(page: Page, button: Any) -> tuple[str, str]:
    with page.expect_download() as waiting:
        button.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text(encoding="utf-8")


def test_a_report_of_an_image_and_of_a_selection_is_saved_and_opens_by_itself(
    page: Page, chromium: Browser, serve_app: Serve, made: Any, wait_until: Any, tmp_path: Path
) -> None:
    sample = made.fitted[1]
    session = serve_app(made.path, f"?focus={sample}")
    expect(page.locator(".focus-card").first).to_be_visible()
    page.get_by_role("button", name="Save the selection").click()
    expect(page.get_by_role("button", name="Report of the selection")).to_be_disabled()
    name, html = _downloaded(page, page.get_by_role("button", name="Report of this image"))
    assert name == f"{made.run}-{sample}-report.html"
    chosen = made.wrong[:3].tolist()
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples(tuple(chosen)))))
    wait_until(lambda: session.selection.count == 3)
    page.get_by_role("button", name="Save the selection").click()  # a new file has closed it
    name, several = _downloaded(page, page.get_by_role("button", name="Report of the selection"))
    assert name == f"{made.run}-selection-report.html"
    assert several.count("<article") == 3

    file = tmp_path / "case.html"
    file.write_text(html, encoding="utf-8")
    asked: list[str] = []
    report = chromium.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto(file.as_uri())
    expect(report.get_by_role("heading", level=2).first).to_contain_text(f"#{sample} labeled ")
    expect(report.get_by_text("Journal, line")).to_be_visible()
    assert report.locator("table img").count() > 1  # maps
    assert report.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    report.close()
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []


def test_a_picture_is_asked_about_wherever_it_is_dropped_or_pasted(
    page: Page, serve_app: Serve, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: OpenImage) -> OpenedImage:
        image = np.asarray(Image.open(io.BytesIO(request.content)).convert("L"))[..., None]
        reason = Reason("unlike training", "<b>Unlike</b> all.", "", "", 1.5)
        near = np.arange(3), np.arange(3.0)
        return OpenedImage(image, ("made gray",), made.logits[0], *near, None, (reason,), "")

    with held(monkeypatch, answer, "asking the teacher", go=False) as engine:
        serve_app(made.path)
        expect(page.locator(".focus-card").first).to_be_visible()
        card = page.locator(".guest-card")
        _give(page, "drop", "mine.png")
        expect(card.locator(".work")).to_contain_text("Asking about mine.png")
        engine.go.set()
        expect(card.get_by_role("heading", name="mine.png:")).to_be_visible()
        expect(card).to_contain_text("<b>Unlike</b> all.")
        expect(card).to_contain_text("Its 3 nearest training images: ")
        name, html = _downloaded(page, card.get_by_role("button", name="Report"))
        assert name == "mine-report.html"
        assert "&lt;b&gt;Unlike" in html
        _give(page, "paste", "other.png")
        expect(card.get_by_role("heading", name="other.png:")).to_be_visible()
        card.get_by_role("button", name="mine.png").click()
        expect(card.get_by_role("heading", name="mine.png:")).to_be_visible()
        engine.fails = True
        _give(page, "drop", "third.png")
        expect(card.locator(".fault")).to_contain_text("Bring them back")
        expect(card.get_by_role("heading", name="mine.png:")).to_be_visible()  # nothing is lost
        card.get_by_role("button", name="Dismiss").click()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(card.locator(".opened")).to_have_count(0)


def test_an_opened_image_stays_with_the_run_that_was_asked(
    page: Page,
    serve_app: Serve,
    made: Any,
    make_run: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wait_until: Any,
) -> None:
    def answer(_: OpenImage) -> OpenedImage:
        image = np.zeros((12, 12, 1), np.uint8)
        return OpenedImage(image, (), made.logits[0], np.arange(3), np.arange(3.0), None, (), "")

    store = Path(shutil.copytree(made.path, tmp_path / "runs"))
    other = make_run(store, "other").run
    with held(monkeypatch, answer, "asking the teacher", go=True):
        session = serve_app(store, f"?run={made.run}")
        heading = page.locator(".guest-card").get_by_role("heading", name="mine.png:")
        expect(page.locator(".focus-card").first).to_be_visible()
        _give(page, "drop", "mine.png")
        expect(heading).to_be_visible()
        for run, there in ((other, False), (made.run, True)):
            page.get_by_label("Run", exact=True).select_option(run)
            wait_until(lambda run=run: session.run is not None and session.run.id == run)
            expect(heading).to_be_visible(visible=there)


def _give(page: Page, how: str, name: str) -> None:
    """Drops or pastes a small picture, as a browser tells of it."""
    page.evaluate(
        """async ([how, name]) => {
            const canvas = new OffscreenCanvas(12, 12)
            canvas.getContext("2d").fillRect(2, 2, 6, 6)
            const data = new DataTransfer()
            data.items.add(new File([await canvas.convertToBlob()], name, {type: "image/png"}))
            const told = {bubbles: true, cancelable: true, composed: true}
            const event = how === "drop"
                ? new DragEvent("drop", {...told, dataTransfer: data})
                : new ClipboardEvent("paste", {...told, clipboardData: data})
            document.body.dispatchEvent(event)
        }""",
        [how, name],
    )


def test_a_tour_of_three_steps_covers_nothing_that_it_tells_of_and_goes_for_good(
    page: Page, serve_app: Serve, made: Any
) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}")
    expect(page.locator(".focus-card .answer").first).to_be_visible()
    tour, ring = page.get_by_role("dialog", name="Tour"), page.locator(".tour-ring")
    expect(tour).to_be_hidden()
    page.evaluate("localStorage.removeItem('deepvid-tour')")
    pages = page.get_by_role("navigation")
    pages.get_by_role("button", name="Archive").click()
    pages.get_by_role("button", name="Diagnose").click()
    for step in (1, 2, 3):
        expect(tour).to_contain_text(f"{step} of 3")
        page.wait_for_timeout(500)
        box, target = tour.bounding_box(), ring.bounding_box()
        assert box is not None
        assert target is not None
        across = box["x"] < target["x"] + target["width"] and target["x"] < box["x"] + box["width"]
        down = box["y"] < target["y"] + target["height"] and target["y"] < box["y"] + box["height"]
        assert not (across and down), step
        assert min(box["x"], box["y"]) >= 0
        assert box["x"] + box["width"] <= 1440
        assert box["y"] + box["height"] <= 900
        tour.get_by_role("button", name="Next" if step < 3 else "Done").click()
    expect(tour).to_be_hidden()
    assert page.evaluate("localStorage.getItem('deepvid-tour')") == "done"
    page.get_by_role("button", name="Keyboard and mouse").click()
    page.get_by_role("button", name="Show the tour again").click()
    expect(tour).to_contain_text("1 of 3")
    tour.get_by_role("button", name="No tour").click()
    expect(tour).to_be_hidden()
