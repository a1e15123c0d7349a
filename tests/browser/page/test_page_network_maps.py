"""A unit of a toy run in one image: what covering parts of it changes, and its maps beside other images."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accessible import violations
from engines import HeldEngine, cancel_and_begin_again, held
from looks import PIXEL, column, commit_layers, layers_group, unit_arrays, with_maps
from playwright.sync_api import Locator, Page, expect

from dashboards.session.session import Session
from deepvid.engine.requests import Mapped, MapUnits, Occluded, OccludeImage

pytestmark = pytest.mark.browser

TRAIN, TESTED, UNITS = 20, 400, 3
STORED = 390  # test images whose maps are kept
SEEN = {axis: {"size": 5, "stride": 2, "offset": -2} for axis in "yx"}
COLUMNS = (
    column("pixels", 0.6, shape=[12, 12, 1], parameters=0, units=0, receptive_field=PIXEL),
    column("conv", 0.7, shape=[6, 6, UNITS], units=UNITS, receptive_field=SEEN),
    column("hidden", 0.8, shape=[8], units=8),
    column("logits", 0.8, shape=[4], parameters=36, units=0),
)

Opened = Callable[..., Session]
Wait = Callable[..., Any]


def maps() -> np.ndarray:
    """(test image, place, unit): unit 1 answers image n by n / 16 at place 7, unit 0 always, unit 2 never.

    Stored in tenths.
    """
    values = np.zeros((TESTED, 49, UNITS + 8))
    values[:, :36, 0] = 2
    values[:, 7, 1] = np.arange(TESTED) / 16
    return values


def covered(sample: int) -> Occluded:
    """Unit 1 loses half a deviation and the first class two where row 2, column 3 are covered; 25 patches."""
    unit, logit = np.zeros((UNITS + 8, 5, 5), "f4"), np.zeros((4, 5, 5), "f4")
    unit[1, 1, 2], unit[5, 4, 0] = 0.5, -0.8
    logit[0, 1, 2] = 2
    places = tuple((("conv", number)) for number in range(UNITS)) + tuple(
        ("hidden", number) for number in range(8)
    )
    starts = (0, 2, 4, 6, 8)
    return Occluded(sample, 4, starts, starts, places, unit, logit, np.full(4, 3, "f4"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    def answered(request: OccludeImage | MapUnits) -> Occluded | Mapped:
        if isinstance(request, OccludeImage):
            return covered(request.sample)
        samples = (request.sample, *request.others)
        return Mapped(samples, maps()[np.array(samples) - TRAIN][..., :UNITS].astype("f4"))

    with held(monkeypatch, answered, "asking the teacher", go=False) as engine:
        yield engine


@pytest.fixture
def layered(made: Any, store: Path) -> Path:
    samples = np.arange(TRAIN, len(made.label))
    responses = {1: maps()[..., :UNITS].mean(axis=1), 2: np.random.default_rng(3).uniform(size=(TESTED, 8))}
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 4), samples, columns=COLUMNS)
    grids = {"conv": [6, 6], "hidden": None}
    group = with_maps(group.assign(unit_arrays(responses)), samples[:STORED], maps()[:STORED], grids)
    commit_layers(store, made.run, group)
    return store


@pytest.fixture
def opened(layered: Path, serve_app: Callable[..., Session]) -> Opened:
    return lambda query: serve_app(layered, f"?page=network&column=conv&{query}")


def card(page: Page, kind: str) -> Locator:
    return page.locator(".card", has=page.locator(kind))


def test_b_f3_what_covering_changes_of_a_unit_and_of_every_class_on_one_scale(
    page: Page, opened: Opened, engine: HeldEngine, made: Any, wait_until: Wait
) -> None:
    sample = TRAIN + 30
    session = opened(f"unit_tab=occlusion&unit=1&focus={sample}")
    waiting = page.locator(".occlusion-card")
    cancel_and_begin_again(waiting, engine, "asking the teacher", "Cover it")
    expect(waiting.locator("h3")).to_have_text(
        "Unit 1 of conv falls most, −.50 sd, where rows 3–6, columns 5–8 are covered"
    )
    tiles = waiting.locator("figure[data-name]")
    expect(tiles).to_have_count(1 + 4)  # the unit, and every class by itself
    first = page.locator("figure[data-name='circle'] figcaption")
    assert {request.sample for request in engine.asked} == {sample}
    expect(waiting.locator(".scale")).to_contain_text("falls, to 2.0 sd")
    assert first.count() == 1
    unit = tiles.first.locator("canvas")
    box = unit.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2.5 / 5 * box["width"], box["y"] + 1.5 / 5 * box["height"])
    expect(waiting.locator(".told")).to_have_text("Rows 3–6, columns 5–8 covered: unit 1 −.50 sd")
    expect(waiting.locator(".mark")).to_be_visible()
    strong = unit.evaluate("(canvas) => [...canvas.getContext('2d').getImageData(2, 1, 1, 1).data]")
    empty = unit.evaluate("(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]")
    assert strong[2] > strong[0] + 20  # blue: covering it takes from the unit
    assert max(empty[:3]) - min(empty[:3]) < 3
    waiting.get_by_role("button", name=re.compile("Unit 2 of hidden: \\+.80 sd")).click()
    wait_until(lambda: (session.pages["network"].unit, session.pages["network"].column) == (2, "hidden"))  # type: ignore[attr-defined]
    expect(waiting.locator("h3")).to_contain_text("Unit 2 of hidden rises most, +.80 sd")
    expect(page).to_have_url(re.compile("unit_tab=occlusion"))


def test_d_7_maps_of_up_to_four_images_by_their_difference(
    page: Page, opened: Opened, engine: HeldEngine, wait_until: Wait
) -> None:
    sample = TRAIN + 160
    session = opened(f'unit_tab=maps&focus={sample}&select=[["replace","cells",[[3,1]]]]')
    shown = card(page, ".list .channel")
    units = shown.locator(".channel")
    expect(shown.locator("[data-sample]")).to_have_count(4)
    expect(units.nth(0)).to_have_attribute("data-unit", "1")
    studied = [int(str(one.get_attribute("data-sample"))) for one in shown.locator("[data-sample]").all()]
    assert studied[0] == sample
    values = (np.round(10 * maps()[np.array(studied) - TRAIN, 7, 1]) / 10).astype("f4")
    far = np.sqrt(values.var(ddof=1) / 36)
    expect(shown.locator("h3")).to_have_text(
        f"These 4 images differ most in unit 1 of conv: {far:.1f}x the usual difference"
    )
    picture = units.nth(0).locator("canvas").first
    box = picture.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1.5 / 6 * box["width"], box["y"] + 1.5 / 6 * box["height"])
    expect(shown.locator(".told")).to_contain_text(": 10 at row 2, column 2 of 6x6")
    ends = [float(str(one.get_attribute("data-end"))) for one in units.all()]
    assert ends[0] == pytest.approx(values.max())
    assert ends[1] != ends[0]
    shown.get_by_label("Scale of the colors").select_option("all")
    expect(units.nth(1)).to_have_attribute("data-end", str(max(ends)))
    units.nth(1).click()
    wait_until(lambda: session.pages["network"].unit == int(str(units.nth(1).get_attribute("data-unit"))))  # type: ignore[attr-defined]
    shown.locator(f"[data-keep='{sample}']").click()
    expect(shown.locator("[data-sample]")).to_have_count(1)  # what a person keeps, and no others
    session.schedule(lambda: session.focus(TRAIN + STORED + 1))
    expect(shown.locator("[data-sample]")).to_have_count(2)
    expect(shown.locator(".channel .unknown").first).to_be_visible()  # its maps are not stored, and asked for
    engine.go.set()
    expect(shown.locator(".channel .unknown")).to_have_count(0)
    assert engine.asked[-1] == MapUnits(engine.asked[-1].run, TRAIN + STORED + 1, (), "conv")
    expect(page).to_have_url(re.compile(f"mapped={sample}.*map_scale=all|map_scale=all.*mapped={sample}"))
    session.schedule(lambda: session.pages["network"].param.update(column="logits"))
    expect(page.get_by_text("Logits have no places: there are no maps to compare")).to_be_visible()
    page.locator(".layers").get_by_role("button", name="conv").click()
    expect(units.first).to_be_visible()


@pytest.mark.parametrize("tab", ["occlusion", "maps"])
def test_both_are_accessible(page: Page, opened: Opened, engine: HeldEngine, tab: str) -> None:
    engine.go.set()
    opened(f"unit_tab={tab}&focus={TRAIN + 40}&theme={'dark' if tab == 'maps' else 'light'}")
    expect(page.locator(".tile.unit, .channel").first).to_be_visible()
    assert violations(page, stylesheets=False) == []


def test_a_run_of_an_earlier_version_says_what_to_do(
    page: Page, made: Any, store: Path, serve_app: Callable[..., Session]
) -> None:
    samples = np.arange(TRAIN, len(made.label))
    responses = {1: np.random.default_rng(3).uniform(size=(TESTED, UNITS))}
    group = layers_group(np.stack([made.predicted[TRAIN:]] * 4), samples, columns=COLUMNS)
    commit_layers(store, made.run, group.assign(unit_arrays(responses)))
    serve_app(store, "?page=network&unit_tab=maps&column=conv")
    expect(page.get_by_text("without keeping maps of its units: by an earlier version")).to_be_visible()
    expect(page.get_by_text(f"deepvid network {made.run} --store {store}")).to_be_visible()
