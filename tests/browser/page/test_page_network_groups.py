"""Groups of units on the Network page: the switch, what they are held to, and their answers, which select."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from looks import PIXEL, column, commit_layers, layers_group, unit_arrays, with_groups
from playwright.sync_api import Locator, Page, expect

from dashboards.session.gestures import GroupResponse
from dashboards.session.selection import Mode
from dashboards.session.session import Session
from deepvid.store import open_run

pytestmark = pytest.mark.browser

TRAIN = 20
SEEN = {axis: {"size": 5, "stride": 2, "offset": -2} for axis in "yx"}
COLUMNS = (
    column("pixels", 0.6, shape=[12, 12, 1], parameters=0, units=0, receptive_field=PIXEL),
    column("conv", 0.8, shape=[6, 6, 3], units=3, receptive_field=SEEN),
    column("pool", 0.8, shape=[3], parameters=0, units=0),
    column("logits", 0.8, shape=[4], parameters=16, units=0),
)
RING_FOR_SQUARE = '[["replace","cells",[[3,1]]]]'
MEMBERS = np.array([[0.75, 0.25, 0], [0, 0, 1]])
ADDS = np.array([[0.5, -0.25, 0, 1], [0, 0, 0.1, 0]])

Wait = Callable[..., Any]


def answers(made: Any) -> np.ndarray:
    """(test image, group): the first rises with the number of the image, the second tells square."""
    rising = np.linspace(0.1, 4, 400)
    return np.stack([rising, 1 + 2 * (made.predicted[TRAIN:] == 1) + rising / 10], axis=1)


@pytest.fixture
def opened(made: Any, store: Path, serve_app: Callable[..., Session], page: Page) -> Callable[..., Session]:
    """`opened(query, grouped=True)` opens the page of a run, and waits until something is drawn."""
    samples = np.arange(TRAIN, len(made.label))
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 4), samples, columns=COLUMNS)
    group = group.assign(unit_arrays({1: np.random.default_rng(0).uniform(0, 1, (400, 3))}))

    def opened(query: str = f"&select={RING_FOR_SQUARE}", *, grouped: bool = True) -> Session:
        if "network" not in open_run(store / made.run).stages:
            found = with_groups(group, {1: answers(made)}, {1: MEMBERS}, adds={1: ADDS}) if grouped else group
            commit_layers(store, made.run, found)
        session = serve_app(store, f"?page=network{query}")
        expect(stage(page)).to_have_attribute("data-layer", "conv")
        expect(page.locator(".unit-card [data-unit].column")).to_be_visible()
        return session

    return opened


def stage(page: Page) -> Locator:
    return page.get_by_role("slider", name=re.compile("shown in full"))


def signed(value: float) -> str:
    return f"{value + 0:+.2f}".replace("-", "−")


def test_e4_a_layer_is_shown_as_groups_with_what_they_are_held_to(
    page: Page, opened: Callable[..., Session], made: Any
) -> None:
    opened()
    expect(stage(page)).to_have_attribute("data-units", re.compile(r"^\d \d \d$"))
    page.get_by_role("button", name="Groups", exact=True).click()
    expect(page).to_have_url(re.compile("grouped=yes"))
    expect(stage(page)).to_have_attribute("data-units", re.compile(r"^\d \d$"))
    expect(page.get_by_role("slider", name="Group shown in full")).to_be_visible()
    for text in ("93 % of predictions stay (floor 11 %)", "error 51 %", "stability 0.90 (chance 0.39)"):
        expect(page.get_by_text(text).last).to_be_visible()
    chosen = (made.label[TRAIN:] == 3) & (made.predicted[TRAIN:] == 1)
    against = (made.label[TRAIN:] == 3) & (made.predicted[TRAIN:] == 3)
    standard = answers(made).astype("f2").astype(float)
    standard = (standard - standard.mean(axis=0)) / standard.std(axis=0)
    apart = standard[chosen].mean(axis=0) - standard[against].mean(axis=0)
    assert abs(apart[1]) > abs(apart[0])
    expect(page.locator("h2.title", has_text="against")).to_contain_text(f"group 1 most: {signed(apart[1])}")
    expect(page.get_by_role("heading", name="Group 1 of conv")).to_be_visible()
    stage(page).focus()
    page.keyboard.press("End" if apart[1] > apart[0] else "Home")
    expect(page.get_by_role("heading", name="Group 0 of conv", exact=True)).to_be_visible()
    mean = answers(made).astype("f2").astype(float)[chosen, 0].mean()
    whose = f"on {chosen.sum()} selected images"
    rows = page.get_by_role("table", name=f"Change of each logit without it, {whose}")
    for logit, adds in enumerate(ADDS[0]):
        expect(rows.locator("tr").nth(logit).locator(".number")).to_have_text(signed(-mean * adds))
    expect(page.locator(".patch")).to_have_count(min(9, int(chosen.sum())))
    assert violations(page, stylesheets=False) == []
    chips = page.locator("[data-source]")
    expect(chips).to_have_text(["0 75 %", "1 25 %"])
    chips.first.click()
    expect(page.get_by_role("heading", name="Unit 0 of conv")).to_be_visible()
    expect(page).not_to_have_url(re.compile("grouped"))


def test_e4_answers_of_a_group_are_brushed_and_undo_and_links_keep_it(
    page: Page, opened: Callable[..., Session], made: Any, wait_until: Wait
) -> None:
    session = opened("&grouped=yes&unit_group=0")
    box = page.locator(".responses .strip").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], y, steps=6)
    page.mouse.up()
    wait_until(lambda: session.selection.count > 0)
    ((mode, gesture),) = session.selection.steps
    assert isinstance(gesture, GroupResponse)
    assert (mode, gesture.layer, gesture.index) == (Mode.REPLACE, "conv", 0)
    said = answers(made)[:, 0].astype("f2").astype(float)
    inside = int(((said >= gesture.low) & (said <= gesture.high)).sum())
    assert session.selection.count == inside
    assert 90 <= inside <= 110  # a quarter of 400, evenly spread
    expect(page.locator(".responses .band")).to_be_visible()
    expect(page.locator("h2.title", has_text="against")).to_contain_text(
        f"{inside} images that group 0 of conv answers with 2."
    )
    wait_until(lambda: "group-response" in page.url)
    link = page.url
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.count == 0)
    said_of_it = [each for each in link.split("?")[1].split("&") if not each.startswith("page=")]
    again = opened("&" + "&".join(said_of_it))
    wait_until(lambda: again.selection.count == inside)
    expect(page.get_by_role("heading", name="Group 0 of conv", exact=True)).to_be_visible()


def test_a_run_whose_units_are_not_grouped_says_so_and_shows_units(
    page: Page, opened: Callable[..., Session]
) -> None:
    opened("&grouped=yes", grouped=False)
    expect(page.get_by_text("units are not grouped yet: look into the layers again")).to_be_visible()
    expect(page.get_by_role("slider", name="Unit shown in full")).to_be_visible()
