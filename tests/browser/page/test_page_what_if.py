"""Drawing on the image under study: a toy run, whose teacher sees bright pixels alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import commit_layers, layers_group
from playwright.sync_api import Page, expect

from dashboards.session import computing
from dashboards.session.gestures import Probe
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from deepvid.engine import handlers
from deepvid.engine.requests import ChangedUnit, EditImage, Voted, WhatIf
from deepvid.progress import Progress

pytestmark = pytest.mark.browser

TRAIN, SIDE = 20, 12
SAMPLE = TRAIN + 3

Opened = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The images that were asked about, oldest first: the teacher says square of what has bright pixels."""
    images: list[np.ndarray] = []

    def answer(request: EditImage, progress: Progress) -> WhatIf:
        image = np.frombuffer(request.image, np.uint8).reshape(SIDE, SIDE)
        images.append(image)
        bright = float((image == 255).sum())
        logits = np.array([[2, 0, 0, 0], [2, bright / 4, 0, 0]], "f4")
        said = int(logits[1].argmax())
        votes = tuple(Voted(name, (0, 5), (said, 4)) for name in ("pixels", "hidden1", "logits"))
        units = (ChangedUnit("hidden1", 3, 0.1, 0.4, bright / 10),) if bright else ()
        return WhatIf(request.sample, logits, votes, 5, units)

    monkeypatch.setitem(handlers.HANDLERS, EditImage, answer)
    return images


@pytest.fixture
def layered(made: Any, store: Path) -> Path:
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 3), np.arange(TRAIN, len(made.label)))
    commit_layers(store, made.run, group)
    return store


@pytest.fixture
def opened(layered: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    def opened() -> Session:
        session = serve_app(layered, f"?tab=try&focus={SAMPLE}")
        expect(easel(page)).to_be_visible()
        return session

    return opened


def easel(page: Page) -> Any:
    return page.locator("canvas[data-tool]")


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Along these places, in shares of the canvas."""
    box = easel(page).bounding_box()
    for number, (right, down) in enumerate(places):
        page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"], steps=4)
        if not number:
            page.mouse.down()
    page.mouse.up()


def sentence(page: Page) -> Any:
    return page.locator(".card:has(canvas[data-tool]) .sentence")


def test_d_5_what_is_painted_changes_probabilities_votes_and_units(
    page: Page, opened: Opened, made: Any, asked: list[np.ndarray], wait_until: Wait
) -> None:
    opened()
    expect(sentence(page)).to_have_text(
        re.compile(r"circle \.\d\d: draw on the image or silence a unit, and this follows")
    )
    assert len(asked) == 1
    stored = asked[0]
    drag(page, (0.1, 0.1), (0.9, 0.1))
    expect(sentence(page)).to_contain_text("square")
    expect(sentence(page)).to_contain_text("as drawn, circle")
    expect(sentence(page)).to_contain_text("the vote changes at 3 of 3 layers")
    expect(page.get_by_label("Units").locator(".row")).to_contain_text("3 · hidden1")
    expect(page.get_by_label("River").locator(".row").first).to_have_class(re.compile("changed"))
    wait_until(lambda: (asked[-1][:2] == 255).sum() >= 16)  # the brush is two pixels wide
    assert (asked[-1][3:] == stored[3:]).all()
    page.keyboard.press("Control+z")
    wait_until(lambda: (asked[-1] == stored).all())
    expect(sentence(page)).to_contain_text("draw on the image")


def test_d_5_a_stroke_outside_is_clipped_and_escape_takes_all_back(
    page: Page, opened: Opened, asked: list[np.ndarray], wait_until: Wait
) -> None:
    session = opened()
    wait_until(lambda: len(asked) == 1)
    stored = asked[0]
    drag(page, (0.95, 0.5), (1.6, 0.5), (1.6, 2.0), (-0.4, 2.0))
    wait_until(lambda: (asked[-1] != stored).any())
    assert (asked[-1][:, : SIDE - 2] == stored[:, : SIDE - 2]).all()
    easel(page).focus()
    page.keyboard.press("Escape")
    wait_until(lambda: (asked[-1] == stored).all())
    assert session.navigation.focus == SAMPLE


def test_d_5_the_image_is_erased_shifted_and_turned(
    page: Page, opened: Opened, asked: list[np.ndarray], wait_until: Wait
) -> None:
    opened()
    wait_until(lambda: len(asked) == 1)
    stored = asked[0].astype(int)
    border = np.concatenate([stored[0], stored[-1], stored[1:-1, 0], stored[1:-1, -1]])
    background = np.sort(border)[len(border) // 2]
    easel(page).focus()
    page.keyboard.press("ArrowRight")
    wait_until(lambda: (asked[-1][:, 1:] == stored[:, :-1]).all())
    assert (asked[-1][:, 0] == background).all()
    page.get_by_role("button", name="Shift", exact=True).click()
    drag(page, (0.5, 0.5), (0.5, 0.5 + 2.1 / SIDE))
    wait_until(lambda: (asked[-1][2:, 1:] == stored[:-2, :-1]).all())
    page.get_by_role("button", name="Reset").click()
    wait_until(lambda: (asked[-1] == stored).all())
    turn = page.get_by_label("Turn, in degrees")
    turn.fill("90")
    wait_until(lambda: (asked[-1] == np.rot90(stored, -1)).all())  # a quarter to the right
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Erase", exact=True).click()
    drag(page, (0.1, 0.5), (0.9, 0.5))
    wait_until(lambda: (asked[-1][5:7, 2:10] == background).all())


def test_d_5_another_image_begins_anew_and_a_selection_leaves_the_drawing(
    page: Page, opened: Opened, asked: list[np.ndarray], wait_until: Wait
) -> None:
    session = opened()
    wait_until(lambda: len(asked) == 1)
    drag(page, (0.1, 0.1), (0.9, 0.1))
    expect(sentence(page)).to_contain_text("as drawn")
    square = Step(Mode.REPLACE, Probe((("logits", (1,)),)))
    session.schedule(lambda: session.select(square))
    wait_until(lambda: session.selection.count)
    if session.navigation.focus == SAMPLE:
        expect(sentence(page)).to_contain_text("as drawn")
    session.schedule(lambda: session.focus(SAMPLE + 1))
    expect(sentence(page)).to_contain_text("draw on the image")
    expect(page.get_by_role("button", name="Reset")).to_be_disabled()


def test_without_an_engine_it_says_so_and_shows_what_is_stored(
    page: Page, opened: Opened, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    opened()
    expect(page.locator(".refusal")).to_have_text("Nothing can be drawn here. This server computes nothing.")
    names = ("circle", "square", "cross", "ring")
    expect(page.get_by_label("River").locator(".row").first).to_contain_text(names[made.predicted[SAMPLE]])
    expect(page.get_by_role("button", name="Reset")).to_have_count(0)
    drag(page, (0.1, 0.1), (0.9, 0.1))
    expect(sentence(page)).to_have_text(re.compile(r"\w+ \.\d\d, as stored"))


def test_what_cannot_be_answered_is_said(
    page: Page, layered: Path, serve_app: Callable[..., Session]
) -> None:
    """The toy's teacher has three parameters and no layers."""
    serve_app(layered, f"?tab=try&focus={SAMPLE}")
    expect(page.locator(".failed")).to_be_visible()
    expect(easel(page)).to_be_visible()
