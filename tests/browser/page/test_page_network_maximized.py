"""E3 on the Network page: pictures that a unit answers most, beside the images that it does."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from engines import HeldEngine, cancel_and_begin_again, held
from looks import MLP, commit_layers, layers_group, unit_arrays, with_pictures
from playwright.sync_api import Locator, Page, expect

from dashboards.session import computing
from dashboards.session.session import Session
from deepvid.engine.requests import Maximize, MaximizedImages
from deepvid.network.switches import SHOWN

pytestmark = pytest.mark.browser

TRAIN, DEAD, MADE = 20, 2, 7
QUERY = "?page=network&column=hidden1&unit_tab=maximized&unit="

Wait = Callable[..., Any]


def answers() -> np.ndarray:
    """(test image, unit): unit 0 rises from .01 to 4 with the image's number, unit 2 never answers."""
    found = np.tile(np.linspace(0.01, 4, 400)[:, None], (1, 8))
    found[:, DEAD] = 0
    return found


@pytest.fixture
def pictured(made: Any, store: Path) -> Path:
    """A finished run that was looked into; pictures of units 0 and 2 are stored, white in latents."""
    group = layers_group(
        np.stack([made.predicted[TRAIN:]] * 3), np.arange(TRAIN, len(made.label)), columns=MLP
    ).assign(unit_arrays({1: answers()}))
    picture = np.zeros((2, 2, 12, 12, 1))
    picture[:, 0] = 255
    picture[:, 1, ::2] = 255
    # the ninth image is answered 3.92
    response, ratio = np.array([[3.53, 8.23], [0, 0]]), np.array([[0.9, 2.1], [np.nan, np.nan]])
    commit_layers(store, made.run, with_pictures(group, [0, DEAD], picture, response, ratio))
    return store


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    """Makes gray pictures, twice as strong as the ninth image."""

    def made(request: Maximize) -> MaximizedImages:
        count = len(request.made)
        return MaximizedImages(
            np.full((count, 12, 12, 1), 128, np.uint8), np.full(count, 7.84, np.float32), 3.92
        )

    with held(monkeypatch, made, "maximizing", go=False) as engine:
        yield engine


def card(page: Page) -> Locator:
    return page.locator(".maximized-card")


def tile(page: Page, name: str) -> Locator:
    return page.locator(f"[data-tile={name}]")


def mean_of(canvas: Locator) -> float:
    """Of what is painted, 0 to 255."""
    return float(
        canvas.evaluate(
            "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; "
            "let sum = 0; for (let i = 0; i < d.length; i += 4) sum += d[i]; return 4 * sum / d.length }"
        )
    )


def test_e3_pictures_stand_beside_the_images_and_switches_make_another(
    page: Page,
    made: Any,
    pictured: Path,
    serve_app: Callable[..., Session],
    maker: HeldEngine,
    wait_until: Wait,
) -> None:
    serve_app(pictured, f"{QUERY}0")
    expect(card(page).locator("h3")).to_have_text(
        "Unit 0 of hidden1: a picture in latents 0.9x and in pixels 2.1x as strong as its ninth image"
    )
    expect(tile(page, "images")).to_contain_text("1–1.0x")
    assert mean_of(tile(page, "latent").locator("canvas")) == 255
    assert mean_of(tile(page, "pixel").locator("canvas")) == pytest.approx(127.5)
    expect(tile(page, "latent").locator(".beyond")).to_have_count(0)
    expect(tile(page, "pixel").locator(".beyond")).to_have_text("2.1x")
    expect(card(page).locator(".foot")).to_contain_text("89 %")
    expect(tile(page, "held")).to_contain_text("It is being made")
    assert maker.asked[0].made == ("held",)
    assert maker.asked[0].switches == SHOWN
    cancel_and_begin_again(card(page), maker, "Maximizing", "Make it")
    expect(tile(page, "held").locator("b")).to_have_text("2.0x")
    assert mean_of(tile(page, "held").locator("canvas")) == 128
    blur = page.locator("[data-name=blur]")
    blur.focus()
    maker.go.clear()
    blur.press("ArrowRight")
    wait_until(lambda: maker.asked[-1].switches == SHOWN._replace(blur=0.6))
    expect(tile(page, "held").locator(".stale canvas")).to_be_visible()
    maker.go.set()
    expect(tile(page, "held").locator(".stale")).to_have_count(0)
    expect(tile(page, "held").locator("canvas")).to_be_visible()
    expect(page.locator("[data-name=blur]")).to_be_focused()


def test_e3_a_unit_that_never_answers_and_one_without_pictures_are_said(
    page: Page, made: Any, pictured: Path, serve_app: Callable[..., Session], maker: HeldEngine
) -> None:
    maker.go.set()
    session = serve_app(pictured, f"{QUERY}{DEAD}")
    expect(card(page).locator("h3")).to_have_text(
        re.compile("Unit 2 of hidden1 answers none of the pictures|Unit 2 .* nothing measures")
    )
    expect(tile(page, "images")).to_contain_text("It answers no image")
    expect(tile(page, "latent")).to_contain_text("no measure")
    with session.hold():
        session.pages["network"].unit = MADE  # type: ignore[attr-defined]
    expect(tile(page, "latent").locator("b")).to_have_text("2.0x")
    assert maker.asked[-1].made == ("latent", "pixel", "held")
    expect(page).to_have_url(re.compile("unit_tab=maximized"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_e3_without_computing_stored_pictures_are_there(
    page: Page, pictured: Path, serve_app: Callable[..., Session], monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    serve_app(pictured, f"{QUERY}0&theme={theme}")
    expect(tile(page, "pixel").locator("canvas")).to_be_visible()
    expect(tile(page, "held")).to_contain_text("Not stored. This server computes nothing.")
    expect(page.locator("[data-name=decay]")).to_be_disabled()
    assert violations(page, stylesheets=False) == []
