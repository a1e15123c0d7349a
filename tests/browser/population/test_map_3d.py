"""B-I4 in a real browser: a map of three dimensions is turned, picked from and lassoed as it is seen."""

import numpy as np
import pytest
from PIL import Image

from dashboards.session.selection import Mode

pytestmark = pytest.mark.browser

ROWS, LONE = 600, 7
RIGHT_HALF = [(0.5, 0.02), (0.98, 0.02), (0.98, 0.98), (0.5, 0.98)]
WITHOUT_WEBGL = """() => {
  const get = HTMLCanvasElement.prototype.getContext
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind.startsWith("webgl") ? null : get.call(this, kind, ...rest)
  }
}"""


class Stage:
    """The picture of three dimensions, in shares of its width and height."""

    def __init__(self, page):
        self.page, self.element = page, page.locator(".cloud .stage")

    def at(self, across, down):
        box = self.element.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    def drag(self, points):
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=8)
        self.page.mouse.up()

    def lasso(self, points=RIGHT_HALF):
        self.page.get_by_role("button", name="Lasso", exact=True).click()
        self.drag(points)

    def pixel(self, view, position):
        """Where a matrix that a lasso brought along has a position: page pixels."""
        a, b, w = np.reshape(view, (3, 4)) @ [*position, 1]
        box = self.element.bounding_box()
        half = min(box["width"], box["height"]) / 2
        return box["x"] + box["width"] / 2 + a / w * half, box["y"] + box["height"] / 2 - b / w * half

    def colored(self, tmp_path):
        """The share of saturated pixels left and right of the middle, below the tools and without names."""
        self.page.locator(".cloud .names").evaluate("names => { names.style.visibility = 'hidden' }")
        file = tmp_path / "stage.png"
        self.page.screenshot(path=file, clip=self.element.bounding_box())
        pixels = np.asarray(Image.open(file).convert("RGB")).astype(int)[40:]
        saturated = (pixels.max(axis=2) - pixels.min(axis=2)) > 40
        middle = saturated.shape[1] // 2
        return saturated[:, :middle].mean(), saturated[:, middle:].mean()


def write(synthetic, folder):
    """Classes 0 to 4 stand on the right of the x axis and the others on its left, one image far above."""
    random, shape = np.random.default_rng(0), synthetic.Shape(ROWS)
    label = random.integers(0, 10, ROWS, dtype=np.int32)
    side = np.where(label < 5, 20, -20)
    deep = np.stack([side, np.zeros(ROWS), np.zeros(ROWS)], axis=1) + random.normal(0, 2, (ROWS, 3))
    deep[LONE] = [side[LONE], 18, 0]
    with synthetic.open_writer(folder, "deep", config={"name": "deep"}, provenance={}) as writer:
        synthetic.write_images(writer, shape, label, random)
        synthetic.write_teacher(writer, shape, label, random)
        flat = deep[:, :2] + random.normal(0, 1, (ROWS, 2))
        synthetic.write_map(writer, "tsne-features-2d", "tsne", "features", flat.astype(np.float32))
        synthetic.write_map(writer, "tsne-features-3d", "tsne", "features", deep.astype(np.float32))
    return folder / "deep"


@pytest.fixture
def stage(open_views, synthetic, tmp_path, page, wait_until):
    """The session, and its picture of three dimensions once it is painted."""
    session = open_views(write(synthetic, tmp_path))
    page.get_by_role("button", name="3-D", exact=True).click()
    seen = Stage(page)
    wait_until(lambda: min(seen.colored(tmp_path)) > 0.002)
    return session, seen


@pytest.fixture
def plain(page):
    """A browser without WebGL."""
    page.add_init_script(f"({WITHOUT_WEBGL})()")
    yield
    page.close()  # or the next test would have none


def on_the_right(session):
    return session.population.label < 5


def test_b_i4_a_lasso_in_3d_selects_what_is_seen_inside(stage, wait_until, tmp_path, page):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    np.testing.assert_array_equal(session.selection.mask, on_the_right(session))
    wait_until(lambda: seen.colored(tmp_path)[0] < 0.002 < seen.colored(tmp_path)[1])
    page.get_by_text(f"{session.selection.count:,} images in the lasso").first.wait_for()
    session.schedule(session.undo)
    wait_until(lambda: session.selection.mask is None)


def test_b_i4_a_lasso_in_3d_selects_in_a_browser_without_webgl(plain, stage, wait_until, tmp_path):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    np.testing.assert_array_equal(session.selection.mask, on_the_right(session))
    wait_until(lambda: seen.colored(tmp_path)[0] < 0.002 < seen.colored(tmp_path)[1])


def test_b_i4_a_lasso_with_keys_adds_and_takes_away(stage, wait_until, page):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    page.keyboard.down("Control")
    seen.lasso([(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)])
    page.keyboard.up("Control")
    wait_until(lambda: len(session.selection.steps) == 2)
    assert session.selection.steps[1].mode is Mode.SUBTRACT
    assert session.selection.count == 0


def test_b_i4_a_lasso_takes_what_is_seen_there_after_turning(stage, wait_until, page):
    """From behind, what was on the right is on the left: 24 keys of an arrow turn by half a turn."""
    session, seen = stage
    seen.element.focus()
    for _ in range(24):
        page.keyboard.press("ArrowRight")
    seen.lasso()
    wait_until(lambda: session.selection.count)
    np.testing.assert_array_equal(session.selection.mask, ~on_the_right(session))


def test_b_i4_how_it_is_turned_stays_when_the_run_grows(stage, synthetic, wait_until, page):
    session, seen = stage
    seen.element.focus()
    for _ in range(24):
        page.keyboard.press("ArrowRight")
    before = session.population
    folder = session.run.path
    with synthetic.open_writer(folder.parent, folder.name, config={"name": "deep"}, provenance={}) as writer:
        position = np.random.default_rng(1).normal(size=(ROWS, 2)).astype(np.float32)
        synthetic.write_map(writer, "pca-pixels-2d", "pca", "pixels", position)
    session.schedule(session.poll)
    wait_until(lambda: session.population is not before and "pca-pixels-2d" in session.population.maps)
    seen.lasso()
    wait_until(lambda: session.selection.count)
    np.testing.assert_array_equal(session.selection.mask, ~on_the_right(session))


def test_b_i4_a_click_picks_the_nearest_image_and_with_shift_selects_it(stage, wait_until, page):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    view = session.selection.steps[-1].gesture.view
    row = session.population.row_of(LONE)
    at = seen.pixel(view, session.population.maps_3d["tsne-features-3d"].position[row])
    page.mouse.click(at[0] + 3, at[1] - 3)
    wait_until(lambda: session.navigation.focus == LONE)
    ring = page.locator(".cloud .ring:not(.hover)")
    ring.wait_for()

    def off():
        box = ring.bounding_box()
        return np.hypot(box["x"] + box["width"] / 2 - at[0], box["y"] + box["height"] / 2 - at[1])

    wait_until(lambda: off() < 2)  # it is drawn with the next frame
    wait_until(lambda: session.navigation.hover == LONE)
    page.locator(".cloud .tip canvas").wait_for()
    page.keyboard.down("Control")
    page.mouse.click(*at)
    page.keyboard.up("Control")
    wait_until(lambda: len(session.selection.steps) == 2)
    assert not session.selection.mask[row]


def test_b_i4_orbit_keeps_selection(stage, wait_until, tmp_path, page):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    steps = session.selection.steps
    wait_until(lambda: seen.colored(tmp_path)[0] < 0.002)
    page.get_by_role("button", name="Turn", exact=True).click()
    names = page.locator(".cloud .names span")
    before = names.first.evaluate("element => element.style.translate")
    seen.drag([(0.3, 0.5), (0.62, 0.55)])
    page.mouse.wheel(0, -200)
    wait_until(lambda: names.first.evaluate("element => element.style.translate") != before)
    assert session.selection.steps == steps
    wait_until(lambda: max(seen.colored(tmp_path)) > 0.002)
    assert session.navigation.focus != LONE  # a drag is no click


def test_b_i4_another_projection_keeps_the_selection(stage, wait_until, figure, page, tmp_path):
    session, seen = stage
    seen.lasso()
    wait_until(lambda: session.selection.count)
    mask = session.selection.mask
    page.get_by_role("button", name="2-D", exact=True).click()
    flat = figure("map")
    assert session.selection.mask is mask

    def colored():
        pixels = flat.pixels().astype(int)
        saturated = (pixels.max(axis=2) - pixels.min(axis=2)) > 40
        left, right = np.array_split(saturated, 2, axis=1)
        return left.mean(), right.mean()

    wait_until(lambda: 2 * colored()[0] < colored()[1])  # names have colored frames on either side
    page.get_by_role("button", name="3-D", exact=True).click()
    wait_until(lambda: seen.colored(tmp_path)[0] < 0.002 < seen.colored(tmp_path)[1])
    assert session.selection.mask is mask


def test_b_i4_the_answer_stands_under_the_picture(stage, page):
    page.get_by_role("button", name="What the line of its worth shows").click()
    said = page.get_by_text("3-D separates no better")  # both have the same hits
    said.wait_for()
    assert "3-D .820 [.810–.830]" in said.inner_text()
