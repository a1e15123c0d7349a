"""Any card saved as a picture, for a paper or a talk."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
FOOT, LINE = 24, 14  # px of the line below a picture, and of each further one


def _saved(page: Page, card: Any, kind: str) -> tuple[str, bytes]:
    card.get_by_role("button", name=re.compile("^What .* shows$")).click()
    with page.expect_download() as waited:
        card.get_by_role("button", name=kind, exact=True).click()
    page.keyboard.press("Escape")  # it stays open
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def test_a_view_is_saved_as_png_and_svg(page: Page, serve_app: Serve, made: Any, cell: Any) -> None:
    serve_app(made.path)
    expect(cell(0, 0)).to_be_visible()
    card = page.locator(".dv-card", has=page.get_by_role("tab", name="Matrix"))
    name, data = _saved(page, card, "PNG")
    assert name == f"{made.run}-matrix.png"
    picture, box = Image.open(io.BytesIO(data)), card.bounding_box()
    assert box is not None
    assert picture.size == pytest.approx((3 * box["width"], 3 * (box["height"] + FOOT)), abs=12)
    colors = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)
    assert len(colors) > 100  # cells, numbers, names: it is no empty sheet
    name, data = _saved(page, card, "SVG")
    assert name == f"{made.run}-matrix.svg"
    text = data.decode()
    assert text.startswith("<svg")
    assert "Sunburst" in text  # its text is text
    assert "Save this view" not in text  # the help stays on the page


def test_a_picture_of_an_image_names_it_in_its_file_and_in_itself(
    page: Page, serve_app: Serve, made: Any
) -> None:
    sample = made.fitted[1]
    serve_app(made.path, f"?focus={sample}")
    card = page.locator(".dv-card", has=page.get_by_role("tab", name="Why"))
    expect(page.locator(".explain-card .title")).to_contain_text(f"#{sample}")
    name, data = _saved(page, card, "SVG")
    assert name == f"{made.run}-{sample}-why.svg"
    assert f"{made.run} · #{sample} · DeepVID" in data.decode()
    image = page.locator(".dv-card", has=page.locator(".focus-card"))
    name, _ = _saved(page, image, "SVG")
    assert name.startswith(f"{made.run}-{sample}-labeled-")


def test_a_picture_has_no_controls_and_says_what_is_chosen(page: Page, serve_app: Serve, made: Any) -> None:
    serve_app(made.path, f"?focus={made.fitted[1]}&overlay=student")
    card = page.locator(".dv-card", has=page.locator(".focus-card"))
    card.locator(".answers summary").click()
    expect(card.get_by_label("Opacity of the explanation")).to_be_visible()
    _, data = _saved(page, card, "PNG")
    picture, outer = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), card.bounding_box()

    def colors(part: Any) -> int:
        box = part.bounding_box()
        left, top = (round(3 * (box[side] - outer[side])) for side in "xy")
        inside = picture[top : top + round(3 * box["height"]), left : left + round(3 * box["width"])]
        return len(np.unique(inside.reshape(-1, 3), axis=0))

    for dead in (
        card.get_by_role("button", name="Pin"),
        card.get_by_role("button", name=re.compile("^Mark as mislabelled")),
        card.get_by_role("button", name="logit", exact=True),
        card.get_by_label("Opacity of the explanation"),
        card.get_by_role("button", name="Show it beside the image"),
    ):
        assert colors(dead) == 1
    assert colors(card.get_by_role("button", name="probability", exact=True)) > 5
    assert colors(card.locator(".overlay span")) > 5  # the name of what lies over it


def test_the_image_under_study_is_sent_to_a_colleague_from_the_save_menu(
    page: Page, serve_app: Serve, made: Any, wait_until: Any
) -> None:
    sample = made.fitted[1]
    session = serve_app(made.path, f"?focus={sample}&overlay=student")
    expect(page.locator(".focus-card .trust")).to_be_visible()
    page.get_by_role("button", name="Save the selection").click()
    button = page.get_by_role("button", name="Picture of this explanation")
    with page.expect_download() as waited:
        button.click()
    assert waited.value.suggested_filename.startswith(f"{made.run}-{sample}-labeled-")
    card = page.locator(".dv-card", has=page.locator(".focus-card")).bounding_box()
    assert card is not None
    picture = Image.open(waited.value.path())
    lines = (picture.height / 3 - card["height"] - FOOT) / LINE  # of the link
    assert picture.width == pytest.approx(3 * card["width"], abs=12)
    assert round(lines) >= 1
    assert lines == pytest.approx(round(lines), abs=0.3)
    red, _, blue = np.moveaxis(np.asarray(picture.convert("RGB")).astype(int), -1, 0)
    assert (abs(blue - red) > 60).sum() > 5_000  # the map
    session.schedule(lambda: session.focus(None))
    expect(button).to_be_disabled()


def test_escape_after_saving_closes_the_help_and_keeps_the_selection(
    page: Page, serve_app: Serve, made: Any, cell: Any
) -> None:
    session = serve_app(made.path)
    expect(cell(0, 0)).to_be_visible()
    chosen = tuple(int(sample) for sample in made.wrong[:2])
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples(chosen))))
    expect(page.locator("body")).to_contain_text("2 selected")
    card = page.locator(".dv-card", has=page.get_by_role("tab", name="Why"))
    _saved(page, card, "SVG")
    expect(card.get_by_role("button", name="PNG", exact=True)).to_be_hidden()
    expect(page.locator("body")).to_contain_text("2 selected")


def test_a_picture_has_the_colors_of_the_theme(page: Page, serve_app: Serve, made: Any, cell: Any) -> None:
    serve_app(made.path, "?theme=dark")
    expect(cell(0, 0)).to_be_visible()
    card = page.locator(".dv-card", has=page.get_by_role("tab", name="Matrix"))
    _, data = _saved(page, card, "PNG")
    tabs = np.asarray(Image.open(io.BytesIO(data)).convert("L"))[:90]  # the first line: names on the card
    assert np.median(tabs) < 60
    assert (tabs > 200).sum() > 300
