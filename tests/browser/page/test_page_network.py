"""The Network page on a toy run: what images look like in pixels, in a hidden layer and in the logits."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from looks import commit_layers, layers_group
from playwright.sync_api import Page, expect
from tab_stops import tab_stops

from dashboards.session.gestures import LayerPolygon, Probe
from dashboards.session.selection import Mode
from dashboards.session.session import Session
from dashboards.views.network.layer_map.table import frame
from deepvid.store import open_run, write_archive

pytestmark = pytest.mark.browser

TRAIN = 20
CENTERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]])  # of the classes, in the logits

Opened = Callable[..., Session]
Wait = Callable[..., Any]


def said(made: Any) -> np.ndarray:
    """(column, test image): a fifth says the next class in pixels, a tenth in the hidden layer."""
    label, random = made.label[TRAIN:], np.random.default_rng(2)
    pixels, hidden = (
        np.where(random.uniform(size=len(label)) < share, (label + 1) % 4, label) for share in (0.2, 0.1)
    )
    return np.stack([pixels, hidden, made.predicted[TRAIN:]])


def layout(made: Any) -> np.ndarray:
    """A cloud a class, which the layers take apart: at .2, .6 and 1 of the way to its corner."""
    noise = np.random.default_rng(1).normal(0, 0.15, (3, len(made.label) - TRAIN, 2))
    return np.array([0.2, 0.6, 1.0])[:, None, None] * CENTERS[made.label[TRAIN:]] + noise


@pytest.fixture
def layered(made: Any, store: Path) -> Path:
    """A copy of the finished run that was looked into."""
    samples = np.arange(TRAIN, len(made.label))
    commit_layers(store, made.run, layers_group(said(made), samples, layout(made)))
    return store


@pytest.fixture
def opened(layered: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    """`opened(query)` opens the page, and waits until the map stands."""

    def opened(query: str = "") -> Session:
        session = serve_app(layered, f"?page=network{query}")
        expect(page.locator(".stage[data-column]")).not_to_have_attribute("data-column", "")
        expect(page.locator(".box").first).to_be_visible()
        return session

    return opened


def shown(page: Page, name: str) -> None:
    """Waits until the map stands at a layer."""
    expect(page.locator(".stage[data-column]")).to_have_attribute("data-column", name)


def box(page: Page, column: int, group: int) -> Any:
    return page.locator(f'[data-at="b:{column}:{group}"]')


def title(page: Page) -> Any:
    return page.locator(".river-card h2").first


def test_d_2_the_map_slides_to_the_next_layer_and_says_what_it_keeps(page: Page, opened: Opened) -> None:
    opened("&column=pixels")
    shown(page, "pixels")
    told = page.locator(".told")
    expect(told).to_contain_text("keeps 20 % [18, 22] of the 10 nearest, chance 2.0 %")
    expect(told).not_to_contain_text("residual")
    stage = page.locator(".stage[data-column]")
    stage.focus()
    stage.press("PageDown")
    shown(page, "hidden1")
    expect(told).to_contain_text("mirrored and turned onto pixels, residual 0.30 of 1.41")
    expect(page).to_have_url(re.compile("column=hidden1"))
    expect(page.get_by_role("button", name="hidden1 70.0 %")).to_have_attribute("aria-pressed", "true")
    stage.press("PageUp")
    shown(page, "pixels")
    stage.press("PageUp")  # there is none before it
    shown(page, "pixels")


def test_d_3_a_loop_walks_through_the_layers_until_it_is_stopped(page: Page, opened: Opened) -> None:
    session = opened("&column=pixels")
    page.get_by_role("button", name="Walk through the layers (space)").click()
    for name in ("hidden1", "logits", "pixels"):
        shown(page, name)
        expect(page).to_have_url(re.compile(f"column={name}"))
    page.get_by_role("button", name="Stop the walk (Esc)").press("Escape")
    expect(page.get_by_role("button", name="Walk through the layers (space)")).to_be_visible()
    stands = session.pages["network"].column  # type: ignore[attr-defined]
    page.wait_for_timeout(2500)  # longer than a layer is shown while it loops
    assert session.pages["network"].column == stands  # type: ignore[attr-defined]
    stage = page.locator(".stage[data-column]")
    stage.focus()
    stage.press(" ")
    expect(page.get_by_role("button", name="Stop the walk (Esc)")).to_be_visible()
    page.get_by_role("button", name="logits 80.0 %").click()  # what somebody chooses is where it stays
    shown(page, "logits")
    expect(page.get_by_role("button", name="Walk through the layers (space)")).to_be_visible()


def test_d_4_boxes_and_ribbons_select_and_undo_and_links_keep_it(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened()
    pixels, hidden, _ = said(made)
    box(page, 0, 1).click()
    wait_until(lambda: session.selection.count == (pixels == 1).sum())
    expect(title(page)).to_contain_text(f"{(pixels == 1).sum()} images that look like square in pixels")
    expect(box(page, 0, 1)).to_have_attribute("aria-pressed", "true")
    page.locator('[data-at="r:0:3:3"]').click()  # the last one, over which no other lies
    both = int(((pixels == 3) & (hidden == 3)).sum())
    wait_until(lambda: session.selection.count == both)
    assert 0 < both < (pixels == 3).sum()
    ((mode, gesture),) = session.selection.steps
    assert (mode, gesture) == (Mode.REPLACE, Probe((("pixels", (3,)), ("hidden1", (3,)))))
    expect(page.locator('[data-at="r:0:3:3"]')).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("select=.*probe.*hidden1"))
    link = page.url
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.count == (pixels == 1).sum())
    box(page, 3, 2).click(modifiers=["Shift"])
    predicted = made.predicted[TRAIN:]
    wait_until(lambda: session.selection.count == ((pixels == 1) | (predicted == 2)).sum())
    again = opened("&" + link.split("page=network")[1].lstrip("&"))
    wait_until(lambda: again.selection.count == both)


def test_d_4_a_lasso_on_the_map_of_a_layer_selects_there(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened("&column=logits")
    shown(page, "logits")
    area = page.locator(".stage[data-column]").bounding_box()
    assert area is not None
    middle = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    side = min(area["width"], area["height"]) / 2
    corners = [(0.1, 0.1), (1, 0.1), (1, 1), (0.1, 1), (0.1, 0.1)]  # the upper right quarter: class 3
    page.mouse.move(middle[0] + 0.1 * side, middle[1] - 0.1 * side)
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(middle[0] + x * side, middle[1] - y * side, steps=8)
    page.mouse.up()
    wait_until(lambda: session.selection.count > 0)
    ((_, gesture),) = session.selection.steps
    assert isinstance(gesture, LayerPolygon)
    assert gesture.map == "logits"
    assert session.population is not None
    chosen = session.population.label[session.selection.mask]
    assert (chosen == 3).mean() > 0.95
    assert len(chosen) > 0.9 * (made.label[TRAIN:] == 3).sum()
    expect(title(page)).to_contain_text("in the lasso of logits")


def test_d_5_a_click_on_a_column_says_what_the_layer_is_and_shows_it_everywhere(
    page: Page, opened: Opened
) -> None:
    opened()
    shown(page, "hidden1")  # the last one before the logits
    page.get_by_role("button", name="pixels 60.0 %").click()
    expect(page.get_by_text("pixels: 12x12x1, 0 parameters, sees 1x1 px at stride 1")).to_be_visible()
    expect(page.get_by_text("pixels: 400 test images by their true class")).to_be_visible()
    shown(page, "pixels")
    page.get_by_role("button", name="hidden1 70.0 %").click()
    expect(page.get_by_text("hidden1: 8 numbers, 1,160 parameters, sees all of the image")).to_be_visible()
    shown(page, "hidden1")


def test_a_click_on_the_map_studies_the_nearest_image(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened("&column=logits")
    shown(page, "logits")
    place = layout(made)[2]
    left, bottom, right, top = frame(layout(made))
    alone = int(np.sort(np.linalg.norm(place[:, None] - place, axis=2), axis=1)[:, 1].argmax())
    area = page.locator(".stage[data-column]").bounding_box()
    assert area is not None
    scale = min((area["width"] - 24) / (right - left), (area["height"] - 24) / (top - bottom))
    x, y = (place[alone] - [(left + right) / 2, (bottom + top) / 2]) * scale
    page.mouse.click(area["x"] + area["width"] / 2 + x, area["y"] + area["height"] / 2 - y)
    wait_until(lambda: session.navigation.focus == TRAIN + alone)


def test_keys_go_along_the_river_and_select(page: Page, opened: Opened, made: Any, wait_until: Wait) -> None:
    session = opened()
    pixels, hidden, _ = said(made)
    box(page, 0, 0).focus()
    page.keyboard.press("ArrowDown")
    expect(box(page, 0, 1)).to_be_focused()
    page.keyboard.press("ArrowRight")  # its widest ribbon
    expect(page.locator('[data-at="r:0:1:1"]')).to_be_focused()
    page.keyboard.press("Enter")
    wait_until(lambda: session.selection.count == ((pixels == 1) & (hidden == 1)).sum())
    expect(page.locator('[data-at="r:0:1:1"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(box(page, 1, 1)).to_be_focused()


def test_the_run_is_told_in_a_sentence(page: Page, opened: Opened) -> None:
    opened()
    expect(
        page.get_by_text("50 % [30, 70] of the 40 errors never look like their class in any layer.")
    ).to_be_visible()


def test_a_link_to_a_layer_that_is_not_there_says_so(page: Page, opened: Opened) -> None:
    opened("&column=stem")
    expect(page.get_by_text("there is no layer 'stem'")).to_be_visible()
    shown(page, "hidden1")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_accessible(page: Page, opened: Opened, theme: str) -> None:
    opened(f"&theme={theme}&focus=31")
    page.wait_for_timeout(500)
    assert violations(page) == []
    stops = tab_stops(page)
    assert [stop for stop in stops if not (stop.told and stop.seen)] == []
    names = " | ".join(stop.name for stop in stops)
    assert "look like circle in pixels" in names
    assert "Walk through the layers (space)" in names


def test_a_run_that_was_not_looked_into_says_what_to_do(
    page: Page, store: Path, serve_app: Callable[..., Session], made: Any
) -> None:
    serve_app(store, "?page=network")
    expect(page.get_by_text("No layers looked into yet")).to_be_visible()
    expect(page.get_by_text(f"deepvid network {made.run} --store {store}")).to_be_visible()
    expect(page.get_by_text("It appears with the river.")).to_be_visible()


def test_an_archive_without_the_stage_says_so(
    page: Page, made: Any, tmp_path: Path, serve_app: Callable[..., Session]
) -> None:
    archive = tmp_path / "shapes.zip"
    write_archive(open_run(made.path / made.run), archive)
    serve_app(archive, "?page=network")
    expect(page.get_by_text("No layers in this archive")).to_be_visible()


def test_an_archive_with_the_stage_shows_it(
    page: Page, layered: Path, made: Any, tmp_path: Path, serve_app: Callable[..., Session]
) -> None:
    archive = tmp_path / "shapes.zip"
    write_archive(open_run(layered / made.run), archive)
    shutil.rmtree(layered)
    serve_app(archive, "?page=network")
    shown(page, "hidden1")
    expect(box(page, 0, 0)).to_be_visible()
