"""What would change the mind of a toy run's teacher: distances that select, and strips."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from looks import commit_layers, layers_group, with_changes
from playwright.sync_api import Page, expect

from dashboards.session.gestures import FlipDistance
from dashboards.session.selection import Step
from dashboards.session.session import Session

pytestmark = pytest.mark.browser

TRAIN = 20
Opened = Callable[..., Session]
Wait = Callable[..., Any]


def distances(made: Any) -> np.ndarray:
    """(space, test image): right ones lie from .5 to 1.5, wrong ones from 0 to .5; half as far in pixels."""
    random = np.random.default_rng(4).uniform(size=len(made.label) - TRAIN)
    wrong = made.predicted[TRAIN:] != made.label[TRAIN:]
    distance = np.where(wrong, random / 2, 0.5 + random)
    distance[::7] = np.nan
    return np.stack([distance, distance / 2])


@pytest.fixture
def changed(made: Any, store: Path) -> Path:
    samples = np.arange(TRAIN, len(made.label))
    said = np.stack([made.label[TRAIN:]] * 3)
    flipped = np.stack([(made.predicted[TRAIN:] + 1) % 4] * 2)
    commit_layers(store, made.run, with_changes(layers_group(said, samples), distances(made), flipped))
    return store


@pytest.fixture
def opened(changed: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    def opened(query: str = "") -> Session:
        session = serve_app(changed, f"?page=network&tab=flip{query}")
        expect(bins(page).first).to_be_attached()
        return session

    return opened


def bins(page: Page) -> Any:
    return page.locator(".stage .bin")


def edge(page: Page, number: int) -> float:
    """The lower end of a bin, as it is told."""
    told = bins(page).nth(number).get_attribute("aria-label")
    return float(str(told).split(" to ")[0])


def test_g_9_brushing_distances_selects_and_undo_and_links_keep_it(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened(f"&focus={TRAIN + 1}")
    is_wrong = made.predicted[TRAIN:] != made.label[TRAIN:]
    right, wrong = (np.nanmedian(distances(made)[0][kind]) for kind in (~is_wrong, is_wrong))
    card = page.locator(".card", has=page.locator("svg .bin"))
    expect(card.locator("h3")).to_have_text(
        f"Median distance to another answer in latents: right {right:.3g}, wrong {wrong:.3f}".replace(
            " 0.", " ."
        )
    )
    expect(card.locator(".detection")).to_contain_text(
        re.compile(r"distance 1\.00 \[.*margin .*confidence .*")
    )
    expect(card.locator(".own")).to_contain_text(f"#{TRAIN + 1} is ")
    first, last = bins(page).nth(2).bounding_box(), bins(page).nth(5).bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 2, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + 30, steps=5)
    expect(page.locator(".brush")).to_be_visible()
    page.mouse.up()
    low, high = edge(page, 2), edge(page, 6)
    with np.errstate(invalid="ignore"):
        inside = (distances(made)[0] >= low) & (distances(made)[0] < high)
    wait_until(lambda: session.selection.count == inside.sum())
    assert 0 < inside.sum() < len(inside)
    ((_, gesture),) = session.selection.steps
    assert gesture == FlipDistance("latent", low, high)
    assert session.population is not None
    chosen = session.population.samples[session.selection.mask]
    assert sorted(chosen - TRAIN) == np.flatnonzero(inside).tolist()
    expect(card.locator("h3")).to_contain_text("selected")
    expect(page).to_have_url(re.compile("select=.*flip-distance"))
    link = page.url
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.steps == ())
    again = opened("&" + link.split("page=network")[1].lstrip("&"))
    wait_until(lambda: again.selection.count == inside.sum())


def test_g_9_the_space_is_chosen_and_stands_in_the_address(page: Page, opened: Opened) -> None:
    session = opened()
    page.get_by_role("button", name="pixels", exact=True).last.click()
    expect(page.get_by_text("Median distance to another answer in pixels")).to_be_visible()
    expect(page).to_have_url(re.compile("space=pixel"))
    assert session.pages["network"].space == "pixel"  # type: ignore[attr-defined]


def test_g_9_the_keyboard_stretches_and_selects(page: Page, opened: Opened, wait_until: Wait) -> None:
    session = opened()
    bins(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(bins(page).nth(1)).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    wanted = FlipDistance("latent", edge(page, 1), edge(page, 4))
    wait_until(lambda: [step.gesture for step in session.selection.steps] == [wanted])
    assert isinstance(session.selection.steps[0], Step)
    expect(bins(page).nth(3)).to_be_focused()


def test_a_run_of_an_earlier_version_says_what_to_do(
    page: Page, made: Any, store: Path, serve_app: Callable[..., Session]
) -> None:
    said = np.stack([made.label[TRAIN:]] * 3)
    commit_layers(store, made.run, layers_group(said, np.arange(TRAIN, len(made.label))))
    serve_app(store, "?page=network&tab=flip")
    expect(page.get_by_text("by an earlier version")).to_be_visible()
    expect(page.get_by_text(f"deepvid network {made.run} --store {store}")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_histogram_is_accessible(page: Page, opened: Opened, theme: str) -> None:
    opened(f"&theme={theme}&focus=31")
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]] == []
