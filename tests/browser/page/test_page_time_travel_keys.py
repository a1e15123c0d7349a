"""The Time travel page by its keys, and what it says of the image under study."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from engines import held
from playwright.sync_api import Page, expect
from stages import Stage, painted
from travels import Seen, commit_epochs

from dashboards.session.gestures import EpochPolygon, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.engine.requests import Decoded, DecodeSample

pytestmark = pytest.mark.browser

Wait = Callable[..., Any]
TRAIN, STUDIED = 20, 24
NEAR = range(25, 40)  # in the features; the last four of them are near on the map, too
PLACED = range(36, 51)  # on the map
LOW = 60  # with all others at the bottom
LEFT, RIGHT = (-5.0, 5.0), (5.0, 5.0)  # where those are, and the others of NEAR


def epochs(label: np.ndarray) -> list[Seen]:
    """Two epochs; in the first everybody is where the studied image is."""
    number = np.arange(len(label))
    step = 0.02 * (number - STUDIED)
    position = np.stack([np.zeros(len(label)), -7 + 0.001 * number], axis=1)
    position[35:51] = np.array(LEFT) + np.stack([step, 2 * step], axis=1)[35:51]
    position[25:36] = RIGHT + np.stack([step, step], axis=1)[25:36]
    position[STUDIED] = LEFT
    feature = np.where(np.isin(number, NEAR), step, 100.0 + number)
    feature[STUDIED] = 0
    logits, features = 3 * np.eye(4)[label[TRAIN:]], np.stack([feature, 0 * feature], axis=1)[TRAIN:]
    together = np.tile(np.array(LEFT), (len(label), 1))
    return [Seen(place, label[:TRAIN], logits, features) for place in (together, position)]


@pytest.fixture
def opened(
    page: Page, made: Any, store: Path, serve_app: Callable[..., Session], wait_until: Wait
) -> Callable[..., Any]:
    """`opened(query)`: the session and its map, once that is painted."""

    def open_page(query: str = "", *, decodable: bool = False) -> tuple[Session, Stage]:
        commit_epochs(store, made.run, epochs(made.label), np.arange(len(made.label)), decodable=decodable)
        session = serve_app(store, f"?page=time-travel&trails=no{query}")
        return session, painted(page, wait_until)

    return open_page


def walk(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def test_c_r3_neighbors_in_the_features_and_on_the_map_are_drawn_together(
    page: Page, opened: Any, wait_until: Wait
) -> None:
    _, stage = opened(f"&focus={STUDIED}")
    note, between = page.locator(".landscape .note"), (0, 5)
    plain = stage.color(*between, 6).astype(int)
    ring = stage.color(-5 + 0.02 * 15, 5 + 0.04 * 15, 9).astype(int)
    page.get_by_role("button", name="Neighbors", exact=True).click()
    expect(note).to_have_text("4 of its 15 nearest in the features are among its 15 nearest on the map")
    expect(page.locator(".legend")).to_contain_text("in the features alone")
    wait_until(lambda: np.abs(stage.color(*between, 6) - plain).max() > 60)  # a line leads across
    assert np.abs(stage.color(-5 + 0.02 * 15, 5 + 0.04 * 15, 9) - ring).max() > 60
    wait_until(lambda: "neighbors=yes" in page.url)
    stage.element.press("ArrowLeft")  # of this epoch others are drawn: all are in one place
    wait_until(lambda: stage.time == 0 and "of its 15" in note.inner_text())
    assert np.abs(stage.color(*between, 6) - plain).max() < 60
    page.get_by_label("Speed").select_option("0.5")
    stage.element.press("Space")
    wait_until(lambda: 0.3 < stage.time < 1)
    expect(note).to_have_text("")  # while it plays
    wait_until(lambda: np.abs(stage.color(*between, 6) - plain).max() > 60)  # and when it stands


def test_c_u4_the_way_to_the_map_and_back_is_told_of_the_image_under_study(
    page: Page, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine says .97 before, and .60 after the way; in the first epoch of another class."""

    def answer(request: DecodeSample) -> Decoded:
        before, after = np.array([0.97, 0.01, 0.01, 0.01]), np.array([0.6, 0.4, 0.0, 0.0])
        return Decoded(before, after if request.epoch == 2 else after[::-1])

    with held(monkeypatch, answer, "decoding", go=True) as engine:
        _, stage = opened(f"&focus={STUDIED}", decodable=True)
        lines = page.locator(".epoch-card .lines")
        expect(lines).to_contain_text("decoded from the map: circle .60 (was .97)")
        expect(lines).to_contain_text(f"{STUDIED % 16} of its 15 nearest kept on the map")
        request = engine.asked[-1]
        assert (request.sample, request.form, request.epoch) == (STUDIED, "parametric", 2)
        stage.element.press("ArrowLeft")
        expect(lines).to_contain_text("decoded from the map: ring .60 (was circle .97)")
        engine.fails = True
        stage.element.press("ArrowRight")
        expect(lines).to_contain_text("decoded from the map: failed")
        expect(lines.locator("p").first).to_have_attribute("title", re.compile("the models are gone"))


def test_c_u4_without_what_decodes_the_card_says_what_it_needs(page: Page, opened: Any) -> None:
    opened(f"&focus={STUDIED}")
    expect(page.locator(".epoch-card .lines")).to_contain_text("needs the map's own networks")


def test_keys_walk_over_the_map_and_study_what_is_there(page: Page, opened: Any, wait_until: Wait) -> None:
    session, stage = opened(f"&focus={LOW}")
    told = page.locator(".stage .under")
    stage.element.focus()
    expect(told).to_be_hidden()
    page.keyboard.press("Shift+ArrowLeft")
    expect(told).to_contain_text("a test image")  # it begins where the image under study is
    expect(told).to_have_attribute("aria-live", "polite")
    assert stage.time == 1  # arrows with Shift are not those of time
    (x, y), (x0, y0) = stage.at(*LEFT), stage.at(0, -7)
    walk(page, "Shift+ArrowLeft", round((x0 - x) / 12))
    walk(page, "Control+Shift+ArrowUp", int((y0 - y) // 60))
    walk(page, "Shift+ArrowUp", round((y0 - y) % 60 / 12))
    expect(told).to_contain_text(re.compile(r"#\d+, a test image"))
    expect(page.locator(".tip")).to_contain_text("a test image")
    page.keyboard.press("Enter")
    wait_until(lambda: session.navigation.focus in range(STUDIED, 51))
    found = session.navigation.focus
    page.keyboard.press("Shift+Enter")
    wait_until(lambda: session.selection.steps == (Step(Mode.ADD, Samples((found,))),))
    page.keyboard.press("Control+Enter")
    wait_until(lambda: session.selection.count == 0 or len(session.selection.steps) == 2)
    page.keyboard.press("Tab")
    expect(told).to_be_hidden()


def test_keys_begin_at_the_image_under_study_and_draw_a_lasso(
    page: Page, opened: Any, made: Any, wait_until: Wait
) -> None:
    session, stage = opened(f"&focus={STUDIED}")
    told, outline = page.locator(".stage .under"), page.locator(".stage .lasso")
    stage.element.focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(told).to_contain_text("a test image")
    around = [("ArrowUp", 2), ("ArrowLeft", 2), ("ArrowDown", 4), ("ArrowRight", 4), ("ArrowUp", 4)]
    for key, times in around[:2]:
        walk(page, f"Shift+{key}", times)
    page.keyboard.press("l")
    expect(told).to_contain_text("Lasso of 1 corner, 3 close it")
    page.keyboard.press("Enter")  # too few
    page.keyboard.press("Escape")
    expect(told).not_to_contain_text("Lasso")
    assert not session.selection.steps
    for key, times in around[2:]:
        page.keyboard.press("l")
        walk(page, f"Shift+{key}", times)
    expect(told).to_contain_text("Lasso of 4 corners ·")
    expect(outline).to_have_attribute("d", re.compile("^M.*Z$"))
    page.keyboard.press("Enter")
    wait_until(lambda: session.selection.count)
    (step,) = session.selection.steps
    assert isinstance(step.gesture, EpochPolygon)
    assert step.gesture.epoch == 2
    assert session.population is not None
    chosen = session.population.samples[session.selection.mask]
    assert STUDIED in chosen
    assert set(chosen) <= {STUDIED, *range(35, 51)}
    expect(outline).to_have_attribute("d", "")


def test_keys_say_what_is_there_in_the_epoch_that_stands(page: Page, opened: Any) -> None:
    _, stage = opened(f"&focus={LOW}")
    told = page.locator(".stage .under")
    stage.element.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(told).to_contain_text("a test image")
    page.keyboard.press("+")  # nearer, and what is under it stays there
    expect(told).to_contain_text("a test image")
    page.keyboard.press("ArrowLeft")  # there all are elsewhere
    expect(told).to_have_text("no image near here")
    page.keyboard.press("ArrowRight")
    expect(told).to_contain_text("a test image")


def test_keys_of_the_map_are_listed_and_it_stays_accessible(page: Page, opened: Any) -> None:
    _, stage = opened(f"&focus={STUDIED}&neighbors=yes")
    stage.element.focus()
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_timeout(300)
    assert violations(page, stylesheets=False) == []
    page.keyboard.press("?")
    expect(page.locator(".shortcuts")).to_contain_text("set a corner of a lasso")
