"""The pictures of a student, one or two of each class: on one scale, and large under the pointer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

import deepvid
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

PIXELS = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data]"


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[0]}")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    page.locator(".explain-card summary").click()
    return session


def colors(canvas: Locator) -> np.ndarray:
    """int (pixel, 3)."""
    return np.array(canvas.evaluate(PIXELS), int).reshape(-1, 4)[:, :3]


def levels(page: Page, canvas: Locator) -> np.ndarray:
    """-127 to 127, by the scale that stands beside the heading."""
    strip = colors(page.locator(".explain-card .scale canvas"))
    distance = np.abs(colors(canvas)[:, None] - strip).sum(axis=2)
    assert distance.min(axis=1).max() == 0  # every color is one of the scale
    return distance.argmin(axis=1) - 127


def test_a_s1_the_weights_of_all_classes_are_on_one_scale_about_zero(
    page: Page, session: Session, made: Any
) -> None:
    run = deepvid.open_run(made.path / made.run)
    batch = run.batches("students")[0].open()
    row = batch["sample"].values.tolist().index(made.fitted[0])
    weights = batch["weights"].values[row, 1].astype("f4").sum(axis=-1)  # the smoothest fit's, (class, y, x)
    ends = float(np.quantile(np.abs(weights), 0.999))
    for index, name in enumerate(run.open("dataset").attrs["class_names"]):
        shown = levels(page, page.get_by_role("img", name=f"{name}, weights", exact=True))
        wanted = np.clip(np.rint(weights[index].ravel() / ends * 127), -127, 127)
        np.testing.assert_allclose(shown, wanted, atol=2)  # one end for all classes; 0 is the middle


def test_a_s4_a_picture_is_enlarged_while_the_pointer_is_over_it(page: Page, session: Session) -> None:
    lens = page.locator(".explain-card .lens")
    small = page.get_by_role("img", name="ring, weights", exact=True)
    small.hover()
    expect(lens).to_contain_text("ring, weights")
    large = lens.locator("canvas")
    assert (colors(large) == colors(small)).all()
    boxes = large.bounding_box(), small.bounding_box()
    assert boxes[0]["width"] >= 3 * boxes[1]["width"]  # type: ignore[index]
    card, box = page.locator(".explain-card").bounding_box(), lens.bounding_box()
    assert card is not None
    assert box is not None
    assert card["x"] <= box["x"] <= box["x"] + box["width"] <= card["x"] + card["width"] + 1
    assert card["y"] <= box["y"] <= box["y"] + box["height"] <= card["y"] + card["height"] + 1
    page.get_by_role("img", name="circle, weights", exact=True).hover()
    expect(lens).to_have_count(1)
    expect(lens).to_contain_text("circle, weights")
    page.locator(".explain-card .fidelity").hover()
    expect(lens).to_have_count(0)
