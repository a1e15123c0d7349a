"""Units on the Network page: two sets of images held against each other, and one unit in full."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from looks import PIXEL, column, commit_layers, layers_group, unit_arrays
from playwright.sync_api import Locator, Page, expect
from resting import rested
from tab_stops import tab_stops

from dashboards.session.gestures import Response
from dashboards.session.selection import Mode
from dashboards.session.session import Session
from deepvid.store import open_run

pytestmark = pytest.mark.browser

TRAIN, CLASSES = 20, 4
SEEN = {axis: {"size": 5, "stride": 2, "offset": -2} for axis in "yx"}
COLUMNS = (
    column("pixels", 0.6, shape=[12, 12, 1], parameters=0, units=0, receptive_field=PIXEL),
    column("conv", 0.7, shape=[6, 6, 3], units=3, receptive_field=SEEN),
    column("hidden", 0.8, shape=[8], units=8),
    column("logits", 0.8, shape=[4], parameters=36, units=0),
)
CELL = 3, 1
RING_FOR_SQUARE = f'[["replace","cells",[[{CELL[0]},{CELL[1]}]]]]'
SILENCED = np.random.default_rng(5).normal(0, 1, (11, CLASSES, CLASSES)).round(2)

Opened = Callable[..., Session]
Wait = Callable[..., Any]


def hidden(made: Any) -> np.ndarray:
    """(test image, unit): unit k answers what is taken for class k mod 4, the second four half as much."""
    says, noise = made.predicted[TRAIN:], np.random.default_rng(3).uniform(0, 0.5, (400, 8))
    return noise + (says[:, None] == np.arange(8) % 4) * np.where(np.arange(8) < 4, 4.0, 2.0)


def conv(made: Any) -> np.ndarray:
    """(test image, unit): unit 0 rises with the number of the image, unit 1 falls, unit 2 never answers."""
    rising = np.linspace(0.1, 4, 400)
    return np.stack([rising, rising[::-1], np.zeros(400)], axis=1)


@pytest.fixture
def layered(made: Any, store: Path) -> Path:
    """A copy of the finished run that was looked into, with what each unit does."""
    samples = np.arange(TRAIN, len(made.label))
    peak = np.zeros((400, 3), "u2")
    peak[:, 0] = np.arange(400) % 36  # another place in every image
    driven = np.zeros((11, 11))
    driven[3:, :3] = [0.4, -0.6, 0]
    group = layers_group(
        np.stack([made.predicted[TRAIN:]] * 4),
        samples,
        columns=COLUMNS,
        silenced={"images": 400, "of_class": [100] * 4},
    )
    arrays = unit_arrays({1: conv(made), 2: hidden(made)}, 0.67, {1: peak}, SILENCED, driven)
    commit_layers(store, made.run, group.assign(arrays))
    return store


@pytest.fixture
def opened(layered: Path, serve_app: Callable[..., Session], page: Page) -> Opened:
    """`opened(query)` opens the page, and waits until units are drawn."""

    def opened(query: str = f"&select={RING_FOR_SQUARE}") -> Session:
        session = serve_app(layered, f"?page=network{query}")
        expect(stage(page)).to_have_attribute("data-layer", re.compile("."))
        expect(page.locator(".unit-card [data-unit].column")).to_be_visible()
        return session

    return opened


def stage(page: Page) -> Locator:
    return page.get_by_role("slider", name="Unit shown in full")


def order(page: Page) -> list[int]:
    return [int(unit) for unit in (stage(page).get_attribute("data-units") or "").split()]


def row_names(page: Page) -> Locator:
    return page.locator("div.names:has(+ .stage[role=slider]) .name")


def title(page: Page) -> Locator:
    return page.locator("h2.title", has_text="against")


def expected(made: Any, first: np.ndarray, second: np.ndarray, unit: int) -> tuple[float, float]:
    """The difference of two sets of test images in one hidden unit, and its standard error, in sd of all."""
    response = hidden(made)[:, unit].astype("f2").astype(float)
    standard = (response - response.mean()) / response.std()
    one, other = standard[first], standard[second]
    error = np.hypot(one.std(ddof=1) / np.sqrt(len(one)), other.std(ddof=1) / np.sqrt(len(other)))
    return one.mean() - other.mean(), error


def cells(made: Any, true: int, predicted: int) -> np.ndarray:
    return (made.label[TRAIN:] == true) & (made.predicted[TRAIN:] == predicted)


def point(page: Page, column: int, share: float) -> tuple[float, float]:
    """The middle of a column, at a share of the height."""
    box = stage(page).bounding_box()
    assert box is not None
    wide = min(64, (box["width"] - 4) / len(order(page)))
    return box["x"] + 1 + (column + 0.5) * wide, box["y"] + share * box["height"]


def signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def test_e11_two_sets_are_held_against_each_other_with_an_error_of_each_unit(
    page: Page, opened: Opened, made: Any
) -> None:
    opened()
    first, second = cells(made, *CELL), cells(made, 3, 3)
    assert first.sum() > 3
    value, error = zip(*(expected(made, first, second, unit) for unit in range(8)), strict=True)
    assert order(page) == np.argsort(-np.array(value), kind="stable").tolist()
    most = int(np.abs(value).argmax())
    expect(title(page)).to_contain_text(
        f"{first.sum()} ring taken for square against {second.sum()} recognized ring, "
        f"unit {most} most: {signed(value[most])} ± {error[most]:.2f} sd"
    )
    tip = page.locator(".tip")
    page.mouse.move(*point(page, 0, 0.05))  # the bar of the first one
    unit = order(page)[0]
    expect(tip).to_contain_text(
        f"Unit {unit}: {signed(value[unit])} ± {error[unit]:.2f} sd, {first.sum()} images less {second.sum()}"
    )
    expect(tip).to_contain_text("classes explain 67 %")


def test_e11_what_is_compared_with_is_chosen_and_stands_in_the_address(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    opened()
    others = 400 - cells(made, *CELL).sum()
    page.get_by_label("against").select_option("rest")
    expect(title(page)).to_contain_text(f"against {others} other images")
    expect(page).to_have_url(re.compile("compare=rest"))
    page.get_by_label("against").select_option("class:2")
    expect(title(page)).to_contain_text("against 100 images of cross")
    expect(page.locator(".name.side").nth(1)).to_have_text("cross")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("button", name="Hold")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")  # everything
    expect(page.locator(".name.side").first).to_have_text("misclassified")
    page.locator('[data-at="b:4:0"]').click()  # what the teacher takes for a circle
    taken = made.predicted[TRAIN:] == 0
    kept = f"against {(cells(made, *CELL) & ~taken).sum()} images kept before"
    expect(title(page)).to_contain_text(f"{taken.sum()} images that are taken for circle {kept}")
    wait_until(lambda: "compare=kept" in page.url and "probe" in page.url)
    link = page.url
    opened("&" + link.split("page=network")[1].lstrip("&"))
    expect(title(page)).to_contain_text(kept)
    page.get_by_role("button", name="Hold").click()
    expect(title(page)).not_to_contain_text("kept before")


def test_e11_a_column_opens_its_unit_by_a_click_and_by_keys(page: Page, opened: Opened) -> None:
    opened()
    rested(page)
    units = order(page)
    page.mouse.click(*point(page, 3, 0.6))
    expect(page.get_by_role("heading", name=f"Unit {units[3]} of hidden")).to_be_visible()
    expect(page).to_have_url(re.compile(f"unit={units[3]}(&|$)"))
    expect(stage(page)).to_have_attribute("aria-valuetext", re.compile(rf"Unit {units[3]}: .* sd"))
    stage(page).press("ArrowRight")
    expect(page.get_by_role("heading", name=f"Unit {units[4]} of hidden")).to_be_visible()
    stage(page).press("Home")
    expect(stage(page)).to_have_attribute("data-unit", str(units[0]))


def test_e10_units_stand_like_beside_like_or_by_number_and_cells_are_painted(
    page: Page, opened: Opened
) -> None:
    opened()
    page.get_by_label("units", exact=True).select_option("alike")
    expect(stage(page)).to_have_attribute("data-units", "7 6 5 4 3 2 1 0")  # by the stored order
    expect(page).to_have_url(re.compile("order=alike"))
    page.get_by_label("units", exact=True).select_option("index")
    expect(stage(page)).to_have_attribute("data-units", "0 1 2 3 4 5 6 7")
    names = row_names(page).all_inner_texts()
    assert names[0] == "selected"
    assert {name.strip() for name in names[2:]} == {"circle", "square", "cross", "ring"}
    row = names.index("square")
    tip = page.locator(".tip")
    box = row_names(page).nth(row).bounding_box()
    assert box is not None
    painted = {}
    for unit in (0, 1):
        page.mouse.move(point(page, unit, 0)[0], box["y"] + box["height"] / 2)
        expect(tip).to_have_text(re.compile(rf"Unit {unit}, square: [+−]\d\.\d\d ± 0\.\d\d sd, 100 images"))
        painted[unit] = page.evaluate(
            """([x, y]) => {
              const canvas = document.querySelector("body").ownerDocument && (function find(root) {
                for (const one of root.querySelectorAll("*")) {
                  if (one.matches(".stage[role=slider] canvas")) return one
                  const inner = one.shadowRoot && find(one.shadowRoot)
                  if (inner) return inner
                }
              })(document)
              const {left, top} = canvas.getBoundingClientRect()
              const at = [x - left, y - top].map((side) => Math.round(side * devicePixelRatio))
              return [...canvas.getContext("2d").getImageData(...at, 1, 1).data]
            }""",
            [point(page, unit, 0)[0] + 5, box["y"] + box["height"] / 2],
        )
    assert painted[1][2] > painted[1][0]  # squares raise unit 1: blue
    assert painted[0][0] > painted[0][2]  # and not unit 0: orange


def test_e3_nine_patches_are_cut_by_what_the_unit_sees(page: Page, opened: Opened, made: Any) -> None:
    opened("&column=conv&unit=0")
    patches = page.locator(".patch")
    expect(patches).to_have_count(9)
    assert [int(each.get_attribute("data-sample") or 0) for each in patches.all()] == list(
        range(419, 410, -1)
    )
    page.get_by_label("patches").select_option("class:1")
    squares = [sample for sample in range(419, 0, -1) if made.label[sample] == 1][:9]
    expect(patches.first).to_have_attribute("data-sample", str(squares[0]))
    assert [int(each.get_attribute("data-sample") or 0) for each in patches.all()] == squares
    expect(page).to_have_url(re.compile("patches=class"))
    expect(page.get_by_text("sees 5x5 of 12x12 px")).to_be_visible()
    place = (squares[0] - TRAIN) % 36
    top, left = (2 * at - 2 for at in divmod(place, 6))
    images = open_run(made.path / made.run).stages["dataset"].open()["image"].to_numpy()
    pixels = patches.first.locator("canvas").evaluate(
        """(canvas) => Array.from({length: 25}, (_, k) => {
          const at = (n) => Math.floor((n + .5) * canvas.width / 5)
          return canvas.getContext("2d").getImageData(at(k % 5), at(Math.floor(k / 5)), 1, 1).data[0]
        })"""
    )
    seen = 0
    for k, painted in enumerate(pixels):
        y, x = top + k // 5, left + k % 5
        if 0 <= y < 12 and 0 <= x < 12:
            assert abs(painted - int(images[squares[0], y, x, 0])) <= 1
            seen += 1
    assert seen >= 9


def test_e3_patches_are_of_the_selection_and_a_click_studies_one(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened(f"&column=conv&unit=1&select={RING_FOR_SQUARE}")
    chosen = TRAIN + np.flatnonzero(cells(made, *CELL))
    patch = page.locator(".patch").first
    expect(patch).to_have_attribute("data-sample", str(chosen[0]))  # it falls with the number
    patch.click()
    wait_until(lambda: session.navigation.focus == chosen[0])
    page.get_by_label("patches").select_option("all")
    expect(patch).to_have_attribute("data-sample", str(TRAIN))
    page.mouse.move(0, 0)


def test_e3_a_unit_that_never_answers_has_no_patches(page: Page, opened: Opened) -> None:
    opened("&column=conv&unit=2")
    expect(page.get_by_text("It answers no image of the run.")).to_be_visible()
    expect(page.get_by_text("1 never change")).to_be_visible()


def test_b_f3_silencing_is_told_per_class_of_the_selection(page: Page, opened: Opened) -> None:
    opened(f"&unit=2&select={RING_FOR_SQUARE}")
    rows = page.locator(".effects tr")
    expect(rows).to_have_count(4)
    unit = 3 + 2  # behind the three of the convolution
    for logit in range(4):
        value = float(np.float16(SILENCED[unit, 3, logit]))
        expect(rows.nth(logit).locator(".number")).to_have_text(signed(value))
        expect(rows.nth(logit)).to_have_attribute("title", re.compile(r"± 0\.10 on 100 images of ring"))
    expect(page.get_by_text("silenced, logits on 100 % ring")).to_be_visible()


def test_e10_the_inputs_that_drive_a_unit_open_it_in_its_layer(page: Page, opened: Opened) -> None:
    opened("&unit=2")
    expect(page.get_by_text("driven by conv")).to_be_visible()
    chips = page.locator("[data-source]")
    expect(chips.first).to_have_text("1 −0.60")
    expect(chips.nth(1)).to_have_text("0 +0.40")
    chips.first.click()
    expect(page.get_by_role("heading", name="Unit 1 of conv")).to_be_visible()
    expect(page).to_have_url(re.compile("column=conv"))
    expect(page.get_by_text("The first layer with units")).to_be_visible()


def test_d_4_responses_are_brushed_and_undo_and_links_keep_it(
    page: Page, opened: Opened, made: Any, wait_until: Wait
) -> None:
    session = opened("&column=conv&unit=0")
    strip = page.locator(".responses .strip")
    box = strip.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], y, steps=6)
    page.mouse.up()
    wait_until(lambda: session.selection.count > 0)
    ((mode, gesture),) = session.selection.steps
    assert isinstance(gesture, Response)
    assert mode == Mode.REPLACE
    assert (gesture.layer, gesture.index) == ("conv", 0)
    response = conv(made)[:, 0].astype("f2").astype(float)
    inside = (response >= gesture.low) & (response <= gesture.high)
    assert session.selection.count == inside.sum()
    assert 90 <= inside.sum() <= 110  # a quarter of 400, evenly spread
    expect(page.locator(".responses .band")).to_be_visible()
    expect(title(page)).to_contain_text(f"{inside.sum()} images that unit 0 of conv answers with 2.")
    wait_until(lambda: "response" in page.url)
    link = page.url
    page.keyboard.press("Control+z")
    wait_until(lambda: session.selection.count == 0)
    page.get_by_role("button", name="strongest", exact=True).click()
    wait_until(lambda: session.selection.count == 40)
    expect(title(page)).to_contain_text("40 images")  # drawn, and so pressed where it stays
    page.get_by_role("button", name="weakest", exact=True).click(modifiers=["Shift"])
    wait_until(lambda: session.selection.count == 80)
    again = opened("&" + link.split("page=network")[1].lstrip("&"))
    wait_until(lambda: again.selection.count == inside.sum())


def test_the_images_are_a_tab_beside_the_units(page: Page, opened: Opened) -> None:
    opened()
    page.get_by_role("tab", name="Images", exact=True).click()
    expect(page).to_have_url(re.compile("reading=images"))
    expect(page.get_by_role("button", name="What Images shows")).to_have_count(1)
    expect(stage(page)).to_be_hidden()


def test_a_stage_of_the_first_version_shows_units_and_says_what_it_lacks(
    page: Page, made: Any, store: Path, serve_app: Callable[..., Session]
) -> None:
    samples = np.arange(TRAIN, len(made.label))
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 4), samples, columns=COLUMNS)
    arrays = unit_arrays({1: conv(made), 2: hidden(made)})
    arrays.pop("unit_leaf")
    commit_layers(store, made.run, group.assign(arrays))
    serve_app(store, "?page=network")
    expect(stage(page)).to_have_attribute("data-layer", "hidden")
    expect(page.get_by_text("What it does was not measured yet: look into the layers again.")).to_be_visible()
    assert page.get_by_label("units", exact=True).locator("option").all_inner_texts() == [
        "by difference",
        "by number",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_with_units_is_accessible(page: Page, opened: Opened, theme: str) -> None:
    opened(f"&theme={theme}&focus=31&unit=2&select={RING_FOR_SQUARE}")
    page.wait_for_timeout(500)
    assert violations(page, stylesheets=False) == []
    stops = tab_stops(page)
    assert [stop for stop in stops if not (stop.told and stop.seen)] == []
    names = " | ".join(stop.name for stop in stops)
    assert "Unit shown in full" in names
    assert "strongest" in names
