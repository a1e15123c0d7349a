"""The way from an image to another, walked by an engine that answers what a test says."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from engines import HeldEngine, cancel_and_begin_again, held
from playwright.sync_api import Page, expect

from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.views.morph import MorphView
from deepvid.engine.requests import Edited, Flip, Morph, Morphed

pytestmark = pytest.mark.browser

CARD = ".morph-card"
FLIP = 0.437
PIXEL = "e => e.getContext('2d').getImageData(6, 6, 1, 1).data[0]"
POINTS = """(card, names) => names.map((name) => card.querySelector(`polygon[data-name="${name}"]`)
  .getAttribute("points").split(" ").map((pair) => pair.split(",").map(Number)))"""


def walked(request: Morph) -> Morphed:
    """Step i is as bright as 200 u; a circle becomes a square at `FLIP`."""
    position = np.linspace(0, 1, request.steps)
    image = np.broadcast_to(
        (200 * position).round().astype(np.uint8)[:, None, None, None], (request.steps, 12, 12, 1)
    )
    return Morphed(
        position, image.copy(), _logits(position), (Flip(FLIP, 0, 1, _logits(np.array([FLIP]))[0]),)
    )


def _logits(position: np.ndarray) -> np.ndarray:
    """The margin is 8 (u - FLIP), and other classes are unlikely."""
    margin = 8 * (position - FLIP)
    return np.stack(
        [-margin / 2, margin / 2, np.full_like(margin, -9), np.full_like(margin, -9)], axis=1
    ).astype("f4")


@pytest.fixture
def walker(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    with held(monkeypatch, walked, "decoding", go=True) as engine:
        yield engine


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page, walker: HeldEngine) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=change&part=morph")
    expect(page.locator(f"{CARD} .strip canvas")).to_have_count(11)
    return session


def slider(page: Page) -> Any:
    return page.get_by_label("Step of the way")


def test_a_v5_a_morph_leads_to_the_nearest_recognized_image_of_the_true_class(
    page: Page, session: Session, walker: HeldEngine, made: Any
) -> None:
    sample, features = made.fitted[1], made.logits[:, :2].astype(np.float64)
    right = (made.predicted == made.label) & (made.label == made.label[sample])
    distance = np.linalg.norm(features - features[sample], axis=1)
    other = int(np.where(right, distance, np.inf).argmin())
    (asked,) = walker.asked
    assert (asked.sample, asked.other, asked.steps, asked.way) == (sample, other, 11, "linear")
    expect(page.locator(f"{CARD} .note")).to_contain_text(f"From #{sample}")
    expect(page.locator(f"{CARD} .note")).to_contain_text(f"to #{other}")
    expect(page.locator(f"{CARD} .note")).to_contain_text("its label, that the teacher recognizes")
    expect(page.locator(f"{CARD} .sentence")).to_have_text(
        "The teacher's answer changes from circle to square at .437 of the way."
    )
    expect(page.locator(f"{CARD} .flip-name")).to_contain_text("circle → square")


def test_a_v5_the_areas_cross_in_the_middle_where_the_answer_changes(page: Page, session: Session) -> None:
    below, above = page.locator(CARD).evaluate(POINTS, ["circle", "square"])
    line = float(page.locator(f"{CARD} line.flip[data-position]").get_attribute("x1") or "nan")
    count = len(below) // 2  # points of the upper edge; 11 steps and the change
    assert count == 12
    at = min(range(count), key=lambda index: abs(below[index][0] - line))
    assert below[at][0] == pytest.approx(line)
    top, floor = min(y for _, y in above), max(y for _, y in below)
    assert (floor - below[at][1]) / (floor - top) == pytest.approx(0.5, abs=0.01)
    assert above[0][1] == pytest.approx(top)


def test_a_v5_a_step_is_shown_by_slider_strip_and_play(page: Page, session: Session, wait_until: Any) -> None:
    picture, badge = page.locator(".focus-card .picture"), page.locator(".focus-card .partial")
    before = picture.evaluate(PIXEL)
    slider(page).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(badge).to_have_text("morph .50")
    wait_until(lambda: picture.evaluate(PIXEL) == 100)
    expect(slider(page)).to_have_attribute("aria-valuetext", "0.50 of the way: square .62")
    page.locator(f"{CARD} .strip canvas").nth(2).click()
    expect(badge).to_have_text("morph .20")
    page.keyboard.press("Escape")
    expect(badge).to_have_count(0)
    wait_until(lambda: picture.evaluate(PIXEL) == before)
    page.get_by_role("button", name="Play the way").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(badge).to_have_text("morph 1.00", timeout=15_000)
    expect(page.get_by_role("button", name="Play the way")).to_be_visible()
    page.keyboard.press("1")
    expect(badge).to_have_count(0)  # another tab shows the image again


def test_what_stood_in_the_place_of_the_image_comes_back(
    page: Page, session: Session, made: Any, wait_until: Any
) -> None:
    moved = Edited(made.fitted[1], np.full((12, 12, 1), 77, np.uint8), np.zeros(4, "f4"))
    session.schedule(lambda: session.edit(made.fitted[1], moved))
    picture, badge = page.locator(".focus-card .picture"), page.locator(".focus-card .partial")
    expect(badge).to_have_text("edited copy")
    page.locator(f"{CARD} .strip canvas").nth(5).click()
    expect(badge).to_have_text("morph .50")
    page.locator(CARD).get_by_role("button", name="Back").click()
    expect(badge).to_have_text("edited copy")
    wait_until(lambda: picture.evaluate(PIXEL) == 77)


def test_a_drag_over_the_areas_moves_along_the_way(page: Page, session: Session) -> None:
    box = page.locator(f"{CARD} svg.chart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    expect(page.locator(".focus-card .partial")).to_have_text("morph .50")
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(page.locator(".focus-card .partial")).to_have_text("morph 1.00")


def test_steps_and_way_are_chosen(page: Page, session: Session, walker: HeldEngine, wait_until: Any) -> None:
    page.get_by_role("button", name="21", exact=True).click()
    expect(page.locator(f"{CARD} .strip canvas")).to_have_count(21)
    page.get_by_role("button", name="spherical").click()
    wait_until(
        lambda: [(one.steps, one.way) for one in walker.asked][1:] == [(21, "linear"), (21, "spherical")]
    )
    expect(page.get_by_role("button", name="spherical")).to_have_attribute("aria-pressed", "true")


def test_of_a_pair_each_way_leads_to_the_other(
    page: Page, serve_app: Callable[..., Session], made: Any, walker: HeldEngine
) -> None:
    left, right = made.fitted[1:3]
    serve_app(made.path, f"?focus={right}&pin={left}&tab=change&part=morph")
    expect(page.locator(f"{CARD} .sentence")).to_have_count(2)
    assert {(one.sample, one.other) for one in walker.asked} == {(left, right), (right, left)}
    expect(page.locator(f"{CARD} .note").nth(0)).to_contain_text("the image under study")
    expect(page.locator(f"{CARD} .note").nth(1)).to_contain_text("the pinned image")
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(f"{CARD} .note").last).to_contain_text("its label")


def test_a_walk_is_cancelled_and_begun_again(
    page: Page, serve_app: Callable[..., Session], made: Any, walker: HeldEngine
) -> None:
    walker.go.clear()
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=change&part=morph")
    cancel_and_begin_again(page.locator(CARD), walker, "decoding", "Walk it")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("at .437 of the way")


def test_where_nothing_is_computed_it_says_so_and_where_the_way_would_lead(
    page: Page, serve_app: Callable[..., Session], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=change&part=morph")
    expect(page.locator(f"{CARD} .empty")).to_contain_text("This server computes nothing.")
    expect(page.locator(f"{CARD} .note")).to_contain_text("its label, that the teacher recognizes")


def test_what_names_no_step_shows_none(page: Page, session: Session, made: Any, walker: HeldEngine) -> None:
    (view,) = (view for view in session.linker.views if isinstance(view, MorphView))
    sample = made.fitted[1]
    wrong: list[Any] = [None, 3, "x", [], {}, {"sample": sample}, {"step": 1}, {"sample": None, "step": 1}]
    steps: list[Any] = [-1, 11, 10**30, 1.5, float("nan"), "1", True, [1]]
    for value in wrong + [{"sample": sample, "step": step} for step in steps]:
        for action in ("show", "steps", "way", "again"):
            view.component._handle_msg({"action": action, "value": value})
        assert not session.edited
    for step in steps[:4]:
        view.component._handle_msg({"action": "steps", "value": step})
    assert len(walker.asked) == 1
    view.component._handle_msg({"action": "show", "value": {"sample": sample, "step": 3}})
    assert session.edited[sample].name == "morph .30"
