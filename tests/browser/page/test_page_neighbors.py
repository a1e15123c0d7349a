"""The neighbors that an image's student is fitted on, drawn by an engine that answers what a test says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from engines import HeldEngine, cancel_and_begin_again, held
from playwright.sync_api import Page, expect

from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS
from dashboards.views.neighbors.view import NeighborsView
from deepvid.engine.requests import DrawNeighbors, NeighborPositions, Neighbors, PlaceNeighbors

pytestmark = pytest.mark.browser

COUNT, HELD = 40, 8
CONFIDENCE = np.linspace(0.3, 0.94, COUNT)[::-1]  # of neighbor i
CARD = ".neighbors-card"
PIXEL = "e => e.getContext('2d').getImageData(6, 6, 1, 1).data[0]"


def drawn(sample: int) -> Neighbors:
    """Neighbor i is as bright as 5 i; every fourth is a square, the others circles."""
    image = np.broadcast_to(np.arange(COUNT, dtype=np.uint8)[:, None, None, None] * 5, (COUNT, 12, 12, 1))
    label = (np.arange(COUNT) % 4 == 3).astype(int)
    probability = np.tile(((1 - CONFIDENCE) / 3)[:, None], (1, 4))
    probability[np.arange(COUNT), label] = CONFIDENCE
    return Neighbors(image.copy(), np.log(probability).astype("f4"), HELD, 2.0)


def placed(request: PlaceNeighbors) -> NeighborPositions:
    """Of all neighbors every fourth, on a line."""
    number = np.arange(0, COUNT, 3)
    return NeighborPositions(number, np.stack([number / 4, np.zeros(len(number))], axis=1).astype("f4"))


def answer(request: Any) -> Any:
    return placed(request) if isinstance(request, PlaceNeighbors) else drawn(request.sample)


def drawings(painter: HeldEngine) -> list[DrawNeighbors]:
    return [request for request in painter.asked if isinstance(request, DrawNeighbors)]


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldEngine]:
    with held(monkeypatch, answer, "drawing and labeling", go=True) as engine:
        yield engine


@pytest.fixture
def session(serve_app: Callable[..., Session], made: Any, page: Page, painter: HeldEngine) -> Session:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=neighbors")
    expect(page.locator(f"{CARD} .chips .chip").first).to_be_visible()
    return session


def first(page: Page) -> str:
    """Text of the first tile."""
    scroll = page.locator(f"{CARD} .scroll")
    top = 50 if page.get_by_label("Order of the neighbors").input_value() == "class" else 24
    scroll.hover(position={"x": 200, "y": 24})
    scroll.hover(position={"x": 24, "y": top})
    return (scroll.get_attribute("title") or "").split("\n")[0]


def order(page: Page, name: str) -> None:
    page.get_by_label("Order of the neighbors").select_option(name)
    page.wait_for_timeout(150)  # a frame


def test_a_v4_neighbors_are_sorted_by_distance_confidence_and_class(
    page: Page, session: Session, painter: HeldEngine, made: Any, wait_until: Any
) -> None:
    (request,) = drawings(painter)
    assert (request.sample, request.settings.neighbors) == (made.fitted[1], 500)
    expect(page.locator(f"{CARD} .sentence")).to_have_text("Of its 40 neighbors 30 are circle and 10 square.")
    expect(page.locator(f"{CARD} .notes")).to_contain_text("Always saying circle would be right for 75 %.")
    expect(page.locator(f"{CARD} .notes")).to_contain_text("within 1.2 sd of each latent")
    table = session.population
    assert table is not None
    image = table.images_of(np.array([made.fitted[1]]))[0] / 255
    distance = [np.sqrt(((one / 255 - image) ** 2).mean()) for one in drawn(0).image]
    nearest = int(np.argmin(distance))
    wait_until(lambda: first(page).startswith(f"Neighbor {nearest}: "))
    assert f"distance {distance[nearest]:.3f}".replace("0.", ".") in first(page)
    order(page, "sure")
    wait_until(lambda: first(page).startswith("Neighbor 0: circle .94"))
    order(page, "unsure")
    wait_until(lambda: first(page).startswith("Neighbor 39: square .30"))
    assert "held out of the fit" in first(page)
    order(page, "class")
    wait_until(lambda: first(page).startswith("Neighbor 0: circle"))


def test_a_class_and_the_held_out_ones_can_be_shown_alone(
    page: Page, session: Session, wait_until: Any
) -> None:
    order(page, "sure")
    page.locator(CARD).get_by_role("button", name="square 10").click()
    wait_until(lambda: first(page).startswith("Neighbor 3: square"))
    page.locator(CARD).get_by_role("button", name="held out 8").click()
    wait_until(lambda: first(page).startswith("Neighbor 32: circle"))
    page.locator(CARD).get_by_role("button", name="held out 8").click()
    wait_until(lambda: first(page).startswith("Neighbor 0: circle"))


def test_a_click_shows_a_neighbor_in_the_place_of_the_image(page: Page, session: Session) -> None:
    picture, badge = page.locator(".focus-card .picture"), page.locator(".focus-card .partial")
    page.locator(".focus-card .answers summary").click()
    values = page.locator(".focus-card .bars .value")
    before, told = picture.evaluate(PIXEL), values.all_inner_texts()
    order(page, "sure")
    scroll = page.locator(f"{CARD} .scroll")
    scroll.click(position={"x": 24, "y": 24})
    expect(badge).to_have_text("neighbor")
    expect(values.first).to_have_text(".94")
    assert picture.evaluate(PIXEL) == 0  # neighbor 0 is black
    page.keyboard.press("ArrowRight")
    expect(values.first).to_have_text(f"{CONFIDENCE[1]:.2f}".removeprefix("0"))
    assert picture.evaluate(PIXEL) == 5
    page.keyboard.press("Escape")
    expect(badge).to_have_count(0)
    expect(values).to_have_text(told)
    assert picture.evaluate(PIXEL) == before
    scroll.click(position={"x": 24, "y": 24})
    expect(badge).to_have_text("neighbor")
    page.keyboard.press("1")  # another tab
    expect(badge).to_have_count(0)
    expect(values).to_have_text(told)


def test_another_image_is_asked_for_when_it_is_seen_and_no_image_twice(
    page: Page, session: Session, painter: HeldEngine, made: Any, wait_until: Any
) -> None:
    page.keyboard.press("1")
    expect(page.locator(".explain-card .methods")).to_be_visible()
    session.schedule(lambda: session.focus(made.fitted[2]))
    expect(page.locator("h2 .index")).to_have_text(f"#{made.fitted[2]}")
    assert len(drawings(painter)) == 1
    page.keyboard.press("2")
    wait_until(lambda: [request.sample for request in drawings(painter)] == list(made.fitted[1:3]))
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.wait_for_timeout(300)
    assert len(drawings(painter)) == 2


def test_of_a_pair_neither_cancels_the_other(
    page: Page, serve_app: Callable[..., Session], made: Any, painter: HeldEngine
) -> None:
    serve_app(made.path, f"?focus={made.fitted[2]}&pin={made.fitted[1]}&tab=similar&part=neighbors")
    expect(page.locator(f"{CARD} .sentence")).to_have_count(2)
    assert len({*painter.sessions}) == 2


def test_drawing_is_cancelled_and_begun_again(
    page: Page, serve_app: Callable[..., Session], made: Any, painter: HeldEngine
) -> None:
    painter.go.clear()
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=neighbors")
    cancel_and_begin_again(page.locator(CARD), painter, "drawing and labeling", "Draw them")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("Of its 40 neighbors")


def test_a_student_is_fitted_with_them_where_there_is_none(
    page: Page, serve_app: Callable[..., Session], made: Any, painter: HeldEngine, wait_until: Any
) -> None:
    other = next(sample for sample in range(20, 60) if sample not in made.fitted)
    serve_app(made.path, f"?focus={other}&tab=similar&part=neighbors")
    expect(page.locator(f"{CARD} .notes")).to_contain_text("A student would be fitted on 32 of them")
    painter.go.clear()
    page.get_by_role("button", name="Fit a student with these").click()
    wait_until(lambda: type(painter.asked[-1]).__name__ == "FitStudent")
    assert painter.asked[-1].sample == other
    expect(page.locator(f"{CARD} .work")).to_contain_text(f"Fitting #{other}")
    page.locator(CARD).get_by_role("button", name="Cancel").click()
    expect(page.locator(f"{CARD} .work")).to_be_hidden()


def test_where_nothing_is_computed_it_says_what_is_stored(
    page: Page, serve_app: Callable[..., Session], made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "refusal", lambda: "This server computes nothing.")
    serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=neighbors")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("fitted on 500 neighbors. 71 % of them are")
    expect(page.locator(f"{CARD} .sentence")).to_contain_text("within 1.2 sd")
    expect(page.locator(f"{CARD} .empty")).to_contain_text(
        re.compile("not stored.*rings on the map.*This server computes nothing")
    )


AROUND = "figure.renderers.find((r) => r.data_source.name == 'around').data_source.data"
NOTE = "[...figure.below, ...figure.center].find((r) => r.type == 'Label')"


def test_a_v4_neighbors_are_rings_on_the_map(
    page: Page, session: Session, painter: HeldEngine, made: Any, figure: Any, wait_until: Any
) -> None:
    view = figure("map")
    wait_until(lambda: len(view.model(f"{AROUND}.x")) == 14)
    (request,) = (request for request in painter.asked if isinstance(request, PlaceNeighbors))
    assert (request.sample, request.map, request.most) == (made.fitted[1], "tsne-features-2d", 100)
    assert view.model(f"{AROUND}.x") == [number / 4 for number in range(0, COUNT, 3)]
    # Numbers 0, 3, 6, ...: 3 and every fourth after it is a square.
    squares = [number % 4 == 3 for number in range(0, COUNT, 3)]
    assert view.model(f"{AROUND}.color") == [CLASS_COLORS[int(square)] for square in squares]
    assert view.model(f"{NOTE}.text") == f"rings: 14 of 40 neighbors of #{made.fitted[1]}, places approximate"
    expect(page.locator(f"{CARD} .notes")).to_contain_text("14 of them are rings on the map")
    rings = page.locator(CARD).get_by_role("button", name="On the map")
    rings.click()
    wait_until(lambda: view.model(f"{AROUND}.x") == [])
    assert not view.model(f"{NOTE}.visible")
    wait_until(lambda: "rings=no" in page.url)
    rings.click()
    wait_until(lambda: len(view.model(f"{AROUND}.x")) == 14)
    page.keyboard.press("1")  # another tab
    wait_until(lambda: view.model(f"{AROUND}.x") == [])
    page.keyboard.press("2")
    wait_until(lambda: len(view.model(f"{AROUND}.x")) == 14)
    asked = len(painter.asked)
    painter.go.clear()
    session.schedule(lambda: session.focus(made.fitted[2]))
    wait_until(lambda: view.model(f"{AROUND}.x") == [])  # they are the other image's
    painter.go.set()
    wait_until(lambda: view.model(f"{NOTE}.text").endswith(f"#{made.fitted[2]}, places approximate"))
    assert [type(request) for request in painter.asked[asked:]] == [DrawNeighbors, PlaceNeighbors]


def test_a_chosen_neighbor_stays_when_the_rings_arrive(
    page: Page, serve_app: Callable[..., Session], made: Any, painter: HeldEngine, wait_until: Any
) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=neighbors&rings=no")
    rings = page.locator(CARD).get_by_role("button", name="On the map")
    expect(rings).to_have_attribute("aria-pressed", "false")
    assert not any(isinstance(request, PlaceNeighbors) for request in painter.asked)
    painter.go.clear()
    rings.click()
    expect(page.locator(f"{CARD} .work")).to_contain_text("Placing them on the map")
    page.locator(f"{CARD} .scroll").click(position={"x": 24, "y": 24})
    expect(page.locator(".focus-card .partial")).to_have_text("neighbor")
    painter.go.set()
    wait_until(lambda: session.neighbor_rings is not None)
    expect(page.locator(f"{CARD} .work")).to_be_hidden()
    expect(page.locator(".focus-card .partial")).to_have_text("neighbor")
    expect(page.locator(CARD).get_by_role("button", name="Back")).to_be_visible()


def test_placing_that_was_given_up_is_begun_again_by_the_switch(
    page: Page, serve_app: Callable[..., Session], made: Any, painter: HeldEngine, wait_until: Any
) -> None:
    session = serve_app(made.path, f"?focus={made.fitted[1]}&tab=similar&part=neighbors&rings=no")
    rings = page.locator(CARD).get_by_role("button", name="On the map")
    expect(rings).to_be_visible()
    painter.go.clear()
    rings.click()
    expect(page.locator(f"{CARD} .work")).to_contain_text("Placing them on the map")
    page.locator(CARD).get_by_role("button", name="Cancel").click()
    expect(page.locator(f"{CARD} .notes")).to_contain_text("They are not placed on the map.")
    painter.go.set()
    for pressed in ("false", "true"):  # a second click before the first is answered says the same again
        rings.click()
        expect(rings).to_have_attribute("aria-pressed", pressed)
    wait_until(lambda: session.neighbor_rings is not None)


NUMBERS = (-1, COUNT, 10**30, 1.5, float("nan"), "1", True, [1])


def test_what_names_no_neighbor_shows_none(page: Page, session: Session, made: Any) -> None:
    (view,) = (view for view in session.linker.views if isinstance(view, NeighborsView))
    sample = made.fitted[1]
    wrong: list[Any] = [None, 3, "x", [], {}, {"sample": 1}, {"number": 0}, {"sample": None, "number": 0}]
    for value in wrong + [{"sample": sample, "number": number} for number in NUMBERS]:
        for action in ("show", "again", "fit"):
            view.component._handle_msg({"action": action, "value": value})
        assert not session.edited
    view.component._handle_msg({"action": "show", "value": {"sample": sample, "number": 7}})
    assert session.edited[sample].name == "neighbor"
