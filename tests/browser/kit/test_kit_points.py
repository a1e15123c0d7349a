"""Names, cameras, the nearest point and a cursor of keys, on which maps of points stand, in a browser."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cards import served
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

# A stage of 400 x 300 pixels, on which a map of two units lies; a point is near its middle.
STAGE = """async () => {
  const modules = ["stage", "flat_camera", "hand", "cursor", "nearest", "tip", "moving"]
  const loaded = await Promise.all(modules.map((name) => import(`/kit/points/${name}.js`)))
  const {Stage, FlatCamera, Hand, cursor, nearest, tipOn, Moving} = Object.assign({}, ...loaded)
  const removed = []
  window.said = []
  const model = {
    send_msg: ({action, value}) => window.said.push([action, value]),
    on: (_, call) => removed.push(call),
  }
  const stage = new Stage(model, {below: 1, label: "A map", paint: () => {
    points.project({before: 0, after: 1, share: window.share ?? 0}, camera)
    keys.paint()
    keys.tell(hand.pointed === null ? null : [`point ${hand.pointed}`])
  }})
  const camera = new FlatCamera(stage, 50)
  camera.fit([-1, -1, 1, 1])
  const position = new Uint16Array([32767, 32767, 65535, 65535, 65534, 32767, 0, 0])
  const points = new Moving(position.buffer, 2, [-1, -1, 1, 1])
  const hand = new Hand(model, stage, camera, {
    number: () => 7, nearest: (at) => nearest(points.seen, at), where: () => ({map: "flat"}),
  })
  const keys = cursor(stage, camera, hand, {begins: () => null, moment: () => 0})
  stage.element.addEventListener("keydown", (event) => keys.key(event) || hand.key(event, keys.spot()))
  const place = document.querySelector("#card")
  document.adoptedStyleSheets = await Promise.all(["base", "points/points"].map(async (name) => {
    const sheet = new CSSStyleSheet()
    return sheet.replace(await (await fetch(`/kit/${name}.css`)).text())
  }))
  Object.assign(stage.element.style, {position: "relative", width: "400px", height: "300px"})
  stage.mount(place)
  Object.assign(window, {stage, camera, points, hand, keys, tip: tipOn(stage)})
  window.remove = () => removed.forEach((call) => call())
  await window.drawn()
}"""
DRAWN = (
    "() => { window.drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))) }"
)
Run = Callable[..., Any]


@pytest.fixture
def run(page: Page) -> Run:
    """Evaluates an expression on a page that can import the modules; `drawn` waits for a frame."""
    served(page)
    page.evaluate(DRAWN)
    return page.evaluate


@pytest.fixture
def stage(run: Run) -> Run:
    """The same, where there is a stage."""
    run(STAGE)
    return run


def layout(run: Run, names: list[tuple[str, float, float]]) -> list[Any]:
    """Where names stand in 400 x 300 pixels."""
    spots = [{"text": text, "at": [x, y]} for text, x, y in names]
    loads = "async (names) => (await import('/kit/points/labels.js')).layout(names, [400, 300])"
    return list(partial(run, loads)(spots))


def test_names_make_room_for_those_before_them_and_stay_inside(run: Run) -> None:
    one, below, above, none = layout(run, [("cat", 200, 100)] * 3 + [("a long name", 900, 100)])
    assert (one, below, above, none) == ([200, 100], [200, 120], [200, 80], None)
    assert layout(run, [("cat", 3, 100), ("dog", 30, 100)]) == [[16.5, 100], [30, 120]]
    assert layout(run, [("cat", 200, 5)]) == [[200, 25]]
    assert layout(run, [("cat", 200, 150)] * 6)[-1] is None  # five lines are full
    assert layout(run, [("cat", float("nan"), 5)]) == [None]


def test_a_camera_leads_to_the_screen_and_back(stage: Run) -> None:
    assert stage("camera.toScreen([0, 0])") == [200, 150]
    assert stage("camera.toScreen([1, 1])") == [300, 50]  # 200 pixels high inside of its margin
    stage("camera.approach(4, [250, 100])")
    assert stage("camera.toMap([250, 100])") == pytest.approx([0.5, 0.5])
    stage("camera.shift(40, -20)")
    assert stage("camera.toMap([290, 80])") == pytest.approx([0.5, 0.5])
    assert stage("camera.toScreen(camera.toMap([12, 34]))") == pytest.approx([12, 34])
    stage("camera.approach(0.01)")
    assert stage("[camera.zoom, camera.widest, ...camera.toScreen([0, 0])]") == [1, False, 200, 150]
    stage("camera.fit([-1, -1, 1, 1], [-4, -4, 4, 4]); camera.widen()")
    assert stage("[camera.zoom, camera.widest]") == [0.25, True]
    stage("camera.reset()")
    assert stage("camera.zoom") == 1


def test_the_nearest_point_is_the_one_of_the_least_rank_within_reach(run: Run) -> None:
    nearest = """async ([spots, at, weights]) => {
      const {nearest} = await import("/kit/points/nearest.js")
      const found = new Float32Array(spots.map((x) => x ?? NaN))
      return nearest(found, at, (away, point) => away * (weights?.[point] ?? 1))
    }"""
    spots = [10, 10, 16, 10, None, None, 100, 100]
    find = partial(run, nearest)
    assert find([spots, [12, 10], None]) == 0
    assert find([spots, [12, 10], [9, 1, 1, 1]]) == 1
    assert find([spots, [88.5, 100], None]) == 3
    assert find([spots, [87, 100], None]) is None


def test_points_lie_between_two_moments_or_nowhere(stage: Run) -> None:
    assert stage("[points.spot(0), points.spot(1), points.spot(9), points.spot(-1)]") == [
        pytest.approx([200, 150], abs=0.01),
        None,
        None,
        None,
    ]
    assert stage("points.place(0, {before: 0, after: 1, share: .5})") == pytest.approx([0.5, 0], abs=0.001)
    assert stage("points.place(1, {before: 0, after: 1, share: .5})") is None
    stage("async () => { window.share = 1; stage.draw(); await drawn() }")
    assert stage("points.spot(0)") == pytest.approx([300, 150], abs=0.01)


def test_a_cursor_of_keys_picks_and_draws_a_lasso_of_its_corners(stage: Run, page: Page) -> None:
    map_, words = page.locator(".stage"), page.locator(".under")
    map_.focus()
    expect(words).to_have_text("point 0")  # the middle
    expect(page.locator(".cursor")).to_be_visible()
    map_.press("Shift+Enter")
    map_.press("Shift+ArrowRight")
    expect(words).to_have_text("no image near here")
    map_.press("l")
    expect(words).to_have_text("Lasso of 1 corner, 3 close it · no image near here")
    map_.press("Enter")  # too few
    map_.press("Shift+ArrowUp")
    map_.press("L")
    map_.press("Shift+ArrowLeft")
    expect(words).to_have_text("Lasso of 3 corners · no image near here")
    expect(page.locator(".lasso")).to_have_attribute("d", "M260,150L260,90L200,90Z")
    map_.press("Control+Enter")
    lasso = {"map": "flat", "shift": False, "ctrl": True}
    picked = {"number": 7, "point": 0, "shift": True, "ctrl": False}
    actions = [value for action, value in stage("said") if action != "hover"]
    x, y = actions[1].pop("x"), actions[1].pop("y")
    assert actions == [picked, lasso]
    assert (x, y) == (pytest.approx([0.6, 0.6, 0]), pytest.approx([0, 0.6, 0.6]))
    expect(page.locator(".lasso")).to_have_attribute("d", "")
    map_.press("l")
    map_.press("Escape")
    expect(words).to_have_text("no image near here")
    map_.blur()
    expect(words).to_be_hidden()


def test_a_cursor_stays_in_sight_and_keys_come_nearer_to_it(stage: Run, page: Page) -> None:
    map_ = page.locator(".stage")
    map_.focus()
    for _ in range(6):
        map_.press("Shift+ArrowLeft")
    assert stage("keys.spot()") == [0, 150]
    before = stage("camera.toMap(keys.spot())")
    map_.press("+")
    assert stage("camera.zoom") == 1.25
    assert stage("camera.toMap(keys.spot())") == pytest.approx(before)


def test_what_is_pointed_at_is_said_once(stage: Run, page: Page) -> None:
    page.locator(".stage").hover(position={"x": 203, "y": 150})
    stage("async () => { for (const x of [199, 200, 201]) hand.point([x, 150]); await drawn() }")
    assert stage("said") == [["hover", [7, 0]]]
    page.mouse.move(900, 700)
    stage("async () => { await drawn() }")
    assert stage("said") == [["hover", [7, 0]], ["hover", None]]


def test_a_drag_is_a_lasso_and_a_press_a_click(stage: Run, page: Page) -> None:
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 200, box["y"] + 150)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    for x, y in ((300, 100), (300, 200), (100, 200)):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    page.mouse.up()
    (_, picked), (_, lasso) = (said for said in stage("said") if said[0] != "hover")
    assert (picked["number"], picked["point"]) == (7, 0)
    assert lasso["map"] == "flat"
    assert (min(lasso["x"]), max(lasso["x"]), min(lasso["y"]), max(lasso["y"])) == (-1, 1, -0.5, 0.5)
    page.mouse.wheel(0, -600)
    stage("async () => { await drawn() }")
    assert stage("camera.zoom") == pytest.approx(2.718, abs=0.001)


def test_a_tip_stands_beside_its_point_where_there_is_room(stage: Run, page: Page) -> None:
    shows = """async (at) => {
      tip(at, {tip: {lines: ["#7", "cat"], shape: [2, 2, 1]}, picture: new Uint8Array([0, 9, 9, 255]).buffer})
      await drawn()
    }"""
    show = partial(stage, shows)
    tip, area = page.locator(".tip"), page.locator(".stage").bounding_box()
    show([50, 50])
    expect(tip.locator("strong")).to_have_text("#7")
    expect(tip.locator("p")).to_have_text("cat")
    first = tip.bounding_box()
    show([390, 290])
    last = tip.bounding_box()
    assert area is not None
    assert first is not None
    assert last is not None
    assert (first["x"] - area["x"], first["y"] - area["y"]) == (64, 64)
    assert last["x"] + last["width"] == area["x"] + 376
    show(None)
    expect(tip).to_be_hidden()


def test_after_its_removal_a_stage_paints_no_more(stage: Run, page: Page) -> None:
    stage("() => { remove(); window.share = 1; document.querySelector('.stage').style.width = '300px' }")
    page.wait_for_timeout(100)
    assert stage("points.spot(0)") == pytest.approx([200, 150], abs=0.01)
