"""Silenced units in What if, the layer map's frame and keys: the toy's teacher hears one unit alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from looks import commit_layers, layers_group, unit_arrays
from playwright.sync_api import Locator, Page, expect

from dashboards.session.gestures import LayerPolygon
from dashboards.session.session import Session
from deepvid.engine import handlers
from deepvid.engine.requests import ChangedUnit, EditImage, Voted, WhatIf
from deepvid.progress import Progress

pytestmark = pytest.mark.browser

TRAIN = 20
SAMPLE, LATER = TRAIN + 3, TRAIN + 200
FAR = 7  # the test image that lies far out on the layer map

Opened = Callable[..., Session]
Wait = Callable[..., Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, made: Any) -> list[EditImage]:
    """Requests, oldest first: with unit 3 silent the teacher says cross."""
    requests: list[EditImage] = []
    was = int(made.predicted[SAMPLE])

    def answer(request: EditImage, progress: Progress) -> WhatIf:
        stored = not requests or request.image == requests[0].image
        requests.append(request)
        silent = ("hidden1", 3) in request.silenced
        now = (was + 1) % 4 if silent else was
        logits = np.stack([np.eye(4)[was], np.eye(4)[now]]).astype("f4") * 2
        votes = tuple(Voted(name, (was, 5), (now, 4)) for name in ("pixels", "hidden1", "logits"))
        units = (ChangedUnit("hidden1", 1, 0.1, 0.4, 1.5),) if silent else ()
        return WhatIf(request.sample, logits, votes, 5, units, request.silenced, not stored)

    monkeypatch.setitem(handlers.HANDLERS, EditImage, answer)
    return requests


@pytest.fixture
def opened(made: Any, store: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    """`opened(query)` opens the page of a run whose 8 hidden units answer, unit 3 differing most."""
    said = np.stack([made.predicted[TRAIN:]] * 3)
    angle = 2 * np.pi * made.label[TRAIN:] / 4
    place = np.stack([np.stack([np.cos(angle), np.sin(angle)], axis=1)] * 3)
    place[:, FAR] = [200.0, 0]  # all others are within 1
    group = layers_group(said, np.arange(TRAIN, len(made.label)), place)
    response = np.random.default_rng(0).random((400, 8))
    commit_layers(store, made.run, group.assign(unit_arrays({1: response})))

    def opened(query: str = f"&focus={SAMPLE}&unit=3") -> Session:
        session = serve_app(store, f"?page=network{query}")
        expect(page.locator(".stage[data-column]").first).to_be_visible()
        return session

    return opened


def sentence(page: Page) -> Locator:
    return page.locator(".card:has(canvas[data-tool]) .sentence")


def test_d_5_silencing_a_unit_changes_probabilities_votes_and_units(
    page: Page, opened: Opened, asked: list[EditImage], wait_until: Wait
) -> None:
    session = opened()
    way = page.locator(".way")
    expect(way).to_have_count(0)
    page.get_by_role("button", name="Silence in What if").click()  # of the unit shown on Network
    expect(page.get_by_role("tab", name="Try it")).to_have_attribute("aria-selected", "true")
    expect(sentence(page)).to_contain_text("with unit 3 of hidden1 silenced")
    expect(sentence(page)).to_contain_text("the vote changes at 3 of 3 layers")
    expect(page.get_by_label("Units", exact=True).locator(".row")).to_contain_text("1 · hidden1")
    assert asked[-1].silenced == (("hidden1", 3),)
    expect(page).to_have_url(re.compile("silenced=hidden1%3A3"))
    page.locator("canvas[data-tool]").focus()
    page.keyboard.press("ArrowRight")  # and with the image as it is drawn
    expect(sentence(page)).to_contain_text("as drawn with unit 3 of hidden1 silenced")
    assert asked[-1].silenced == (("hidden1", 3),)
    page.get_by_role("button", name="Network", exact=True).click()
    expect(way.locator("circle.after")).to_have_count(4)  # the river has followed, to the teacher
    before, after = (way.locator(f"path.{kind}").last.get_attribute("d") for kind in ("before", "after"))
    assert before != after
    page.get_by_role("button", name="Diagnose", exact=True).click()
    page.locator("canvas[data-tool]").focus()
    page.keyboard.press("Escape")
    expect(sentence(page)).to_contain_text("draw on the image or silence a unit")
    assert asked[-1].silenced == ()
    assert asked[-1].image == asked[0].image
    assert session.navigation.silenced == ""
    assert session.navigation.trail is None


def test_d_5_several_are_silenced_by_an_address_and_one_answers_again(
    page: Page, opened: Opened, asked: list[EditImage], wait_until: Wait
) -> None:
    opened(f"&focus={SAMPLE}&unit=5&silenced=hidden1:3,hidden1:1")
    page.get_by_role("button", name="Diagnose", exact=True).click()
    page.get_by_role("tab", name="Try it").click()
    expect(sentence(page)).to_contain_text("with 2 units silenced")
    page.get_by_role("button", name="Let unit 3 of hidden1 answer again").click()
    expect(sentence(page)).to_contain_text("with unit 1 of hidden1 silenced")
    wait_until(lambda: asked[-1].silenced == (("hidden1", 1),))


def test_d_2_what_lies_far_out_is_said_and_does_not_make_the_map_small(page: Page, opened: Opened) -> None:
    opened("&column=hidden1")
    stage = page.locator(".stage[data-column]")
    area = stage.bounding_box()
    assert area is not None
    names = stage.locator(".names span:visible")
    expect(names).to_have_count(4)
    across = [box["x"] for box in map(Locator.bounding_box, names.all()) if box is not None]
    assert max(across) - min(across) > area["height"] / 4
    beyond = page.get_by_role("button", name="1 image beyond the frame")
    beyond.click()
    expect(page.get_by_role("button", name="back to the frame")).to_be_visible()
    expect(beyond).to_have_count(0)
    stage.press("Home")
    expect(beyond).to_be_visible()


def test_d_4_keys_study_an_image_of_the_layer_map_and_draw_a_lasso(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened(f"&column=hidden1&focus={LATER}")
    stage, under = page.locator(".stage[data-column]"), page.locator(".under")
    expect(page.get_by_role("button", name="1 image beyond the frame")).to_be_visible()
    area = stage.bounding_box()
    assert area is not None
    down, right = round(area["height"] / 60) + 1, round(area["width"] / 60) + 1

    def far(key: str, times: int) -> None:
        for _ in range(times):
            stage.press(f"Shift+{key}")

    stage.focus()
    for key in ("ArrowLeft", "ArrowRight"):  # from the image under study and back: many lie there
        stage.press(key)
    expect(under).to_have_text(re.compile(r"#\d+ "))
    stage.press("Enter")
    wait_until(lambda: session.navigation.focus not in (None, LATER))
    assert session.navigation.focus is not None
    assert made.label[session.navigation.focus] == made.label[LATER]
    far("ArrowUp", down)
    far("ArrowLeft", right)
    expect(under).to_have_text("no image near here")
    stage.press("l")
    expect(under).to_have_text("Lasso of 1 corner, 3 close it · no image near here")
    far("ArrowRight", right)
    stage.press("l")
    far("ArrowDown", down)
    expect(under).to_contain_text("Lasso of 3 corners ·")
    stage.press("Enter")
    wait_until(lambda: session.selection.count > 0)
    ((_, gesture),) = session.selection.steps
    assert isinstance(gesture, LayerPolygon)
    assert gesture.map == "hidden1"
    assert session.population is not None
    chosen = session.population.label[session.selection.mask]
    assert {0, 1} <= set(chosen.tolist()) <= {0, 1, 3}  # right and above, not left
