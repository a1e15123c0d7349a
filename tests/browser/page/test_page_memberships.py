"""Training images by what a training knows of them, and who crosses a border, on the Time travel page.

Four classes in four corners, each on ground of its own class; some images lie in another corner for an epoch.
"""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from travels import Seen, commit_epochs, commit_events

from dashboards.session.gestures import Query
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS
from deepvid.store import open_writer

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]
RUN, TRAIN, TEST, EPOCHS = "lab-0123abcd", 20, 40, 3
WIDE = 20  # of the map
NAMES = ["ant", "bee", "cat", "dog"]
CENTERS = np.array([[-5, -5], [5, -5], [-5, 5], [5, 5]])
LABEL = np.arange(TRAIN + TEST) % 4
ORIGINAL = np.where(np.isin(np.arange(TRAIN + TEST), [3, 7, 11, 25]), 0, LABEL)  # three training images
LABELED = np.arange(TRAIN) < np.array([[4], [8], [16]])
GONE = 20  # a test image of ant that lies among the bees in epoch 2


def place(epoch: int) -> np.ndarray:
    angle = np.arange(TRAIN + TEST)  # none lies on another
    away = (0.9 + 0.3 * (angle % 7))[:, None]
    found = CENTERS[LABEL] + away * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    found[3, 1] += 0.8 * epoch  # a dog that is on its way
    if epoch == 1:
        found[GONE] += [10, 0]
    return found


@pytest.fixture
def store(tmp_path: Path) -> Path:
    dataset = xr.Dataset(
        {
            "image": (
                ("sample", "y", "x", "channel"),
                np.random.default_rng(0).integers(0, 256, (TRAIN + TEST, 8, 8, 1), np.uint8),
            ),
            "label": ("sample", LABEL.astype("i4")),
            "original_label": ("sample", ORIGINAL.astype("i4")),
            "test": ("sample", np.arange(TRAIN + TEST) >= TRAIN),
        },
        attrs={"class_names": NAMES, "source": "logged", "checksums": {}},
    )
    with open_writer(tmp_path, RUN, config={"name": "lab"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
    seen = []
    for epoch in range(EPOCHS):
        said = np.where(np.arange(TRAIN + TEST) == 4 + epoch, 3, LABEL)  # one is wrong: 4, 5, then 6
        seen.append(Seen(place(epoch), said[:TRAIN], 3 * np.eye(4)[said[TRAIN:]]))
    commit_epochs(tmp_path, RUN, seen, np.arange(TRAIN + TEST), labeled=LABELED)
    commit_events(tmp_path, RUN, [(2, 25, 0, 0.9)])
    return tmp_path


@pytest.fixture
def opened(page: Page, store: Path, serve_app: Callable[..., Session], wait_until: Wait) -> Any:
    """`opened(query)`: the session, once the map is painted."""

    def open_page(query: str = "") -> Session:
        session = serve_app(store, f"?page=time-travel{query}")
        page.locator(".stage").wait_for()
        wait_until(lambda: float(page.locator(".stage").get_attribute("data-time") or -1) >= 0)
        return session

    return open_page


def menu(page: Page) -> Locator:
    return page.get_by_label("training images", exact=True)


def at(page: Page, sample: int, epoch: int = EPOCHS - 1) -> tuple[float, float]:
    """Page pixels of an image."""
    box, (x, y) = page.locator(".stage").bounding_box(), place(epoch)[sample]
    assert box is not None
    side = (min(box["width"], box["height"]) - 8) / WIDE
    return box["x"] + box["width"] / 2 + x * side, box["y"] + box["height"] / 2 - y * side


def amount(page: Page, sample: int) -> int:
    """How many pixels around an image have the color of its label."""
    left, top = at(page, sample)
    picture = page.screenshot(clip={"x": left - 8, "y": top - 8, "width": 17, "height": 17})
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    wanted = [int(CLASS_COLORS[LABEL[sample]][k : k + 2], 16) for k in (1, 3, 5)]
    return int((np.abs(pixels - wanted) < 12).all(axis=-1).sum())


def test_c_q3_training_images_are_highlighted_by_what_is_known_of_them(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    opened("&trails=no&training=no")
    expect(menu(page).locator("option")).to_have_text(
        ["all training images", "1 misclassified", "3 noisy", "16 labeled", "8 newly labeled", "4 unlabeled"]
    )
    menu(page).select_option("noisy")  # which are drawn again
    wait_until(lambda: amount(page, 3) > 40)
    expect(page.get_by_title("Draw the training images that were drawn for the map")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert amount(page, 4) < 10  # faded
    wait_until(lambda: "among=noisy" in page.url)
    page.get_by_role("button", name="Isolate", exact=True).click()
    wait_until(lambda: amount(page, 30) == 0)
    assert amount(page, 3) > 40
    menu(page).select_option("unlabeled")
    wait_until(lambda: amount(page, 3) == 0)
    assert amount(page, 17) > 40
    menu(page).select_option("")
    wait_until(lambda: amount(page, 30) > 20)
    wait_until(lambda: "among" not in page.url)


def test_c_q3_a_set_is_that_of_the_epoch_shown(page: Page, opened: Any, wait_until: Wait) -> None:
    opened("&epoch=2&among=newly-labeled&isolate=yes&trails=no")
    expect(menu(page)).to_have_value("newly-labeled")
    expect(menu(page).locator("option:checked")).to_have_text("4 newly labeled")
    wait_until(lambda: amount(page, 4) > 0 and amount(page, 2) == 0)
    page.locator(".stage").press("ArrowRight")
    expect(menu(page).locator("option:checked")).to_have_text("8 newly labeled")
    wait_until(lambda: amount(page, 4) == 0 and amount(page, 10) > 40)


def test_c_q3_the_way_of_who_is_highlighted_is_drawn(page: Page, opened: Any, wait_until: Wait) -> None:
    opened("&among=noisy")
    wait_until(lambda: amount(page, 3) > 40)
    with_way = page.locator(".stage").screenshot()
    page.get_by_role("button", name="Trails", exact=True).click()
    wait_until(lambda: page.locator(".stage").screenshot() != with_way)


def test_c_q3_a_set_that_no_run_knows_highlights_nothing(page: Page, opened: Any) -> None:
    opened("&among=nonsense&isolate=yes&trails=no")
    expect(menu(page)).to_have_value("")
    assert amount(page, 30) > 20


def test_c_u4_the_tip_says_both_labels(page: Page, opened: Any, wait_until: Wait) -> None:
    opened("&among=noisy&isolate=yes")
    wait_until(lambda: amount(page, 3) > 40)
    page.mouse.move(*at(page, 3))
    expect(page.locator(".tip")).to_contain_text("true ant, labeled dog")
    menu(page).select_option("unlabeled")
    wait_until(lambda: amount(page, 17) > 40)
    page.mouse.move(*at(page, 17))
    expect(page.locator(".tip")).to_contain_text("#17, an unlabeled training image")


def test_c_q5_a_story_has_the_epochs_in_which_an_image_crosses(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session = opened(f"&focus={GONE}")
    when = page.locator(".epoch-card .when")
    expect(when).to_have_text("border crossed in 23")
    when.get_by_role("button", name="border crossed: epoch 2").click()
    wait_until(lambda: session.pages["time-travel"].epoch == 2)  # type: ignore[attr-defined]
    expect(when.locator("[aria-current]")).to_have_text("2")


def test_c_q5_who_crosses_is_an_event_and_a_word_of_a_query(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    session = opened("&tab=events&epoch=2")
    rows = page.locator(".events-card .event")
    expect(rows).to_have_count(2)
    page.locator(".events-card .chip", has_text="border 1").click()
    expect(rows).to_have_count(1)
    expect(rows).to_have_text(re.compile(f"#{GONE}.*crosses to bee"))
    page.get_by_role("button", name="all epochs").click()
    expect(rows).to_have_count(2)
    rows.first.click(modifiers=["Shift"])
    wait_until(lambda: session.selection.count == 1)
    box = page.get_by_role("combobox", name="Query")
    box.fill("crossed == 2")
    box.press("Enter")
    wait_until(
        lambda: (
            session.selection.steps == (Step(Mode.REPLACE, Query("crossed == 2")),)
            and session.selection.count == 1
        )
    )
