"""The map in a real browser: every gesture, on the state and on the pixels."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dashboards.session.gestures import Polygon, Samples
from dashboards.session.selection import Mode, Step
from deepvid.errors import DamagedError

pytestmark = pytest.mark.browser

RIGHT = [(10, -20), (32, -20), (32, 20), (10, 20), (10, -20)]  # around classes 0, 1 and 9 of the ring
LEFT = [(-10, -20), (-32, -20), (-32, 20), (-10, 20), (-10, -20)]
OUTLINES = "figure.renderers.find((r) => r.data_source.name == 'outlines').data_source.data"
RINGS, PICTURE = (
    f"figure.renderers.find((r) => r.data_source.name == '{name}').data_source.data.x"
    for name in ("rings", "tip")
)
CURSOR = "figure.renderers.filter((r) => r.glyph.type == 'Scatter').at(-1).data_source.data"
BOTH = [(-26, -5), (26, -5), (26, 5), (-26, 5), (-26, -5)]


def _colored(figure):
    """The share of saturated pixels left and right of the middle."""
    pixels = figure.pixels().astype(int)
    saturated = (pixels.max(axis=2) - pixels.min(axis=2)) > 40
    middle = saturated.shape[1] // 2
    return saturated[:, :middle].mean(), saturated[:, middle:].mean()


def _border(figure):
    """Corners just inside the frame: outside of it a drag does not begin."""
    left, right, bottom, top = figure.range()
    x, y = 0.01 * (right - left), 0.01 * (top - bottom)
    return [(left + x, bottom + y), (right - x, bottom + y), (right - x, top - y), (left + x, top - y)]


def _inside(session, corners):
    chosen = session.population.default_map
    x, y = (np.array(side, float) for side in zip(*corners, strict=True))
    return chosen.inside(x, y)


@pytest.fixture
def map_view(open_views, synthetic_run, figure, wait_until):
    session = open_views(synthetic_run)
    view = figure("map")
    wait_until(lambda: min(_colored(view)) > 0.05)
    return session, view


@pytest.fixture
def cursor(page):
    return page.get_by_role("group", name=re.compile("^Images as points: arrow keys"))


def test_a_lasso_selects_what_it_encloses_and_greys_the_rest(map_view, wait_until, page):
    session, view = map_view
    view.drag(RIGHT)
    wait_until(lambda: session.selection.count)
    expected = _inside(session, RIGHT)
    differs = np.count_nonzero(session.selection.mask ^ expected)
    assert differs <= 0.01 * expected.sum()  # the mouse moves by whole pixels
    wait_until(lambda: _colored(view)[0] < 0.01 < 0.05 < _colored(view)[1])
    page.get_by_text(f"{session.selection.count:,} images in the lasso").wait_for()


def test_a_gesture_is_one_message_to_the_browser(open_views, synthetic_run, figure, wait_until, page):
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))
    session = open_views(synthetic_run)
    view = figure("map")
    wait_until(lambda: min(_colored(view)) > 0.05)
    from_the_middle = [(0, 0), *RIGHT, (0, 0)]  # where no sample is near: nothing is hovered
    page.mouse.move(*view.at(0, 0))
    page.wait_for_timeout(500)
    received.clear()
    view.drag(from_the_middle)
    wait_until(lambda: session.selection.count)
    page.wait_for_timeout(500)
    patches = [str(frame) for frame in received if '"PATCH-DOC"' in str(frame)]
    assert len(patches) == 1


def test_shift_adds_control_subtracts_and_both_intersect(map_view, wait_until, page):
    session, view = map_view
    everything = session.population.rows
    view.drag(RIGHT)
    wait_until(lambda: session.selection.count)
    for keys, corners, mode in (
        (["Shift"], LEFT, Mode.ADD),
        (["Control"], BOTH, Mode.SUBTRACT),
        (["Shift", "Control"], LEFT, Mode.INTERSECT),
    ):
        before = len(session.selection.steps)
        for key in keys:
            page.keyboard.down(key)
        view.drag(corners)
        for key in keys:
            page.keyboard.up(key)
        wait_until(lambda before=before: len(session.selection.steps) == before + 1)
        assert session.selection.steps[-1].mode is mode
    right, left, both = (_inside(session, corners) for corners in (RIGHT, LEFT, BOTH))
    expected = ((right | left) & ~both) & left
    assert np.count_nonzero(session.selection.mask ^ expected) <= 0.02 * everything


def test_the_mode_of_the_page_applies_without_keys(map_view, wait_until):
    session, view = map_view
    view.drag(RIGHT)
    wait_until(lambda: session.selection.count)
    session.selection.mode = Mode.ADD
    first = session.selection.count
    view.drag(LEFT)
    wait_until(lambda: session.selection.count > 1.5 * first)


def test_a_box_selects_too(map_view, wait_until, page):
    session, view = map_view
    view.model("(figure.toolbar.tools.find((tool) => tool.type == 'BoxSelectTool').active = true)")
    view.drag([(10, -20), (32, 20)])
    wait_until(lambda: session.selection.count)
    expected = _inside(session, RIGHT)
    assert np.count_nonzero(session.selection.mask ^ expected) <= 0.01 * expected.sum()


def test_a_lasso_leaves_its_outline_and_undo_takes_it_back(map_view, wait_until, page):
    session, view = map_view
    edge = view.at(10, 0)  # between the clusters, where nothing is but the lasso's left side
    around = {"x": edge[0] - 4, "y": edge[1] - 4, "width": 8, "height": 8}

    def darkest():
        return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=around))).convert("L")).min()

    assert darkest() > 200
    view.drag(RIGHT)
    wait_until(lambda: view.model(f"{OUTLINES}.xs.length") == 1)
    assert tuple(view.model(f"{OUTLINES}.xs[0]")) == session.selection.steps[0].gesture.x
    page.mouse.move(1, 1)
    wait_until(lambda: darkest() < 100)
    page.keyboard.down("Control")
    view.drag(BOTH)
    page.keyboard.up("Control")
    wait_until(lambda: view.model(f"{OUTLINES}.dash") == ["solid", "dashed"])
    page.get_by_label("map").select_option("pca-pixels-2d")  # they are not of this map
    wait_until(lambda: view.model(f"{OUTLINES}.xs.length") == 0)
    page.get_by_label("map").select_option("tsne-features-2d")
    wait_until(lambda: view.model(f"{OUTLINES}.xs.length") == 2)
    session.schedule(session.undo)
    wait_until(lambda: view.model(f"{OUTLINES}.dash") == ["solid"])
    session.schedule(session.clear)
    wait_until(lambda: view.model(f"{OUTLINES}.xs.length") == 0)
    assert darkest() > 200


def test_hover_names_the_nearest_sample_and_shows_its_picture(map_view, wait_until):
    session, view = map_view
    chosen = session.population.default_map
    row = 700
    x, y = float(chosen.x[row]), float(chosen.y[row])
    before = view.pixels()
    view.hover(x, y)
    hovered = wait_until(lambda: session.navigation.hover is not None and session.navigation.hover)
    near = session.population.row_of(hovered)
    assert np.hypot(chosen.x[near] - x, chosen.y[near] - y) < 0.1
    wait_until(
        lambda: np.abs(view.pixels().astype(int) - before).max(axis=2).astype(bool).sum() > 84 * 84 / 2
    )
    view.hover(0, 0)  # the middle of the ring is empty
    wait_until(lambda: session.navigation.hover is None)


def test_no_picture_of_another_image_stays_where_one_cannot_be_read(map_view, wait_until, monkeypatch):
    session, view = map_view
    chosen = session.population.default_map
    picture = "figure.renderers.filter((r) => r.glyph.type == 'ImageURL')[0].data_source.data.x.length"
    view.hover(float(chosen.x[700]), float(chosen.y[700]))
    wait_until(lambda: view.model(picture) == 1)

    def fail(*_):
        raise DamagedError("Images are as they were committed", "one that is cut", "Verify the run")

    monkeypatch.setattr("dashboards.data.population.Population.images", fail)
    first = session.navigation.hover
    view.hover(float(chosen.x[1400]), float(chosen.y[1400]))
    wait_until(lambda: session.navigation.hover not in (None, first))
    wait_until(lambda: session.notice)
    wait_until(lambda: view.model(picture) == 0)


def test_a_click_focuses_the_nearest_sample_and_rings_it(map_view, wait_until):
    session, view = map_view
    chosen = session.population.default_map
    x, y = float(chosen.x[300]), float(chosen.y[300])
    view.click(x, y)

    def distance():
        near = session.population.row_of(session.navigation.focus)
        return np.hypot(chosen.x[near] - x, chosen.y[near] - y)

    wait_until(lambda: distance() < 0.1)
    wait_until(lambda: view.model(f"{RINGS}.length") >= 1)


def test_a_hover_from_another_view_rings_the_sample_without_its_picture(map_view, wait_until):
    session, view = map_view
    view.page.mouse.move(1, 1)
    sample = int(session.population.samples[42])
    session.schedule(lambda: session.navigation.param.update(hover=sample, focus=None))
    wait_until(lambda: view.model(f"{RINGS}.length") == 1)
    assert view.model(f"{PICTURE}.length") == 0


def test_arrows_move_a_cursor_and_enter_studies_the_image_there(map_view, wait_until, page, cursor):
    session, view = map_view
    session.schedule(lambda: session.focus(None))
    cursor.focus()
    expect(cursor).to_have_text("no image near here")  # in the middle of the ring
    left, right, *_ = view.range()
    step = 12 * (right - left) / view.box["width"]
    at = view.model(f"{CURSOR}.x[0]")
    cursor.press("ArrowRight")
    wait_until(lambda: view.model(f"{CURSOR}.x[0]") == pytest.approx(at + step, rel=0.05))
    for _ in range(20):
        if session.navigation.hover is not None:
            break
        cursor.press("Shift+ArrowRight")
        page.wait_for_timeout(150)
    hovered = session.navigation.hover
    chosen, row = session.population.default_map, session.population.row_of(hovered)
    x, y = (view.model(f"{CURSOR}.{side}[0]") for side in "xy")
    assert np.hypot(chosen.x[row] - x, chosen.y[row] - y) <= step
    expect(cursor).to_contain_text(f"#{hovered} ")
    wait_until(lambda: view.model(f"{PICTURE}.length") == 1)
    cursor.press("Enter")
    wait_until(lambda: session.navigation.focus == hovered)
    cursor.press("Shift+Enter")
    wait_until(lambda: session.selection.steps == (Step(Mode.ADD, Samples((hovered,))),))
    cursor.press("Tab")
    wait_until(lambda: view.model(f"{CURSOR}.x.length") == 0)
    assert session.navigation.hover is None
    cursor.focus()  # again where it was
    wait_until(lambda: session.navigation.hover == hovered)


def test_keys_draw_a_lasso_as_the_pointer_does(map_view, wait_until, cursor):
    session, view = map_view
    cursor.focus()
    wait_until(lambda: view.model(f"{CURSOR}.x.length") == 1)
    for key, times in (("Up", 9), ("Right", 9), ("Down", 9)):
        cursor.press("l")
        for _ in range(times):
            cursor.press(f"Shift+Arrow{key}")
    wait_until(lambda: view.model(f"{OUTLINES}.dash") == ["dotted"])
    expect(cursor).to_contain_text("Lasso of 4 corners")
    x, y = (view.model(f"{OUTLINES}.{side}[0]") for side in ("xs", "ys"))
    cursor.press("Shift+Enter")
    wait_until(lambda: session.selection.count)
    assert session.selection.steps == (Step(Mode.ADD, Polygon.drawn("tsne-features-2d", x, y)),)
    wait_until(lambda: view.model(f"{OUTLINES}.dash") == ["solid"])
    cursor.press("l")
    wait_until(lambda: len(view.model(f"{OUTLINES}.dash")) == 2)
    cursor.press("Escape")
    wait_until(lambda: view.model(f"{OUTLINES}.dash") == ["solid"])
    assert session.selection.count


def test_keys_zoom_at_the_cursor_and_show_all_again(map_view, wait_until, cursor):
    session, view = map_view
    whole = view.range()
    row = 700
    session.schedule(lambda: session.focus(int(session.population.samples[row])))
    wait_until(lambda: session.navigation.focus is not None)
    cursor.focus()
    x = float(session.population.default_map.x[row])
    wait_until(lambda: view.model(f"{CURSOR}.x") == [pytest.approx(x)])
    before = view.at(x, 0)[0]
    cursor.press("+")
    cursor.press("+")
    wait_until(lambda: view.range()[1] - view.range()[0] < 0.7 * (whole[1] - whole[0]))
    assert view.at(x, 0)[0] == pytest.approx(before, abs=1)
    width = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data.dw[0]"
    wait_until(lambda: view.model(width) == pytest.approx(view.range()[1] - view.range()[0]))
    cursor.press("Home")
    wait_until(lambda: view.range() == pytest.approx(whole))


def test_the_wheel_zooms_and_what_is_seen_is_shaded_anew(map_view, wait_until, page):
    session, view = map_view
    x0, x1, *_ = view.range()
    page.mouse.move(*view.at(20, 0))
    page.mouse.wheel(0, -600)
    wait_until(lambda: view.range()[1] - view.range()[0] < 0.8 * (x1 - x0))
    width = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data.dw[0]"
    wait_until(lambda: abs(view.model(width) - (view.range()[1] - view.range()[0])) < 1e-6)
    view.drag([(19, -1), (21, -1), (21, 1), (19, 1)])
    wait_until(lambda: session.selection.count)
    assert abs(view.model(width) - (view.range()[1] - view.range()[0])) < 1e-6  # a gesture keeps the zoom


def test_what_is_remembered_of_a_picture_is_of_the_map_and_the_part_in_sight(map_view, wait_until, page):
    session, view = map_view
    shown = session.linker.views[0]

    def pixels_are_those_of_a_view_that_remembers_nothing():
        scene = replace(session.linker.scene, own=shown.local_state())
        forgetful = replace(scene, own=scene.own._replace(counted=None))
        pixels, anew = (shown.prepare(each).drawn.shaded.pixels for each in (scene, forgetful))
        np.testing.assert_array_equal(pixels, anew)

    view.drag(RIGHT)
    wait_until(lambda: session.selection.count)
    pixels_are_those_of_a_view_that_remembers_nothing()
    whole = view.range()
    page.mouse.move(*view.at(20, 0))
    page.mouse.wheel(0, -600)
    wait_until(lambda: view.range()[1] - view.range()[0] < 0.8 * (whole[1] - whole[0]))
    page.wait_for_timeout(500)  # for the server to hear of it
    pixels_are_those_of_a_view_that_remembers_nothing()
    page.get_by_label("map").select_option("pca-pixels-2d")
    wait_until(lambda: view.range()[1] - view.range()[0] > whole[1] - whole[0])
    pixels_are_those_of_a_view_that_remembers_nothing()
    table = session.population  # as when the run has grown: the same axes, other positions
    moved = {name: replace(each, x=each.x / 2) for name, each in table.maps.items()}
    session.linker.scene = replace(session.linker.scene, table=replace(table, maps=moved))
    pixels_are_those_of_a_view_that_remembers_nothing()


def test_another_map_and_another_color_are_drawn(map_view, wait_until, page):
    session, view = map_view
    span = view.range()
    page.get_by_label("map").select_option("pca-pixels-2d")
    wait_until(lambda: view.range() != span)
    assert session.navigation.projection == "pca-pixels-2d"
    page.get_by_label("color", exact=True).select_option("error")
    page.get_by_text("misclassified", exact=True).wait_for()
    assert session.navigation.color == "error"


def test_another_map_keeps_its_own_axes_when_the_page_is_resized(map_view, wait_until, page):
    _, view = map_view
    span = view.range()
    page.mouse.move(*view.at(20, 0))
    page.mouse.wheel(0, -600)
    wait_until(lambda: view.range()[1] - view.range()[0] < 0.8 * (span[1] - span[0]))
    page.wait_for_timeout(500)  # for the server to hear of it
    page.get_by_label("map").select_option("pca-pixels-2d")
    wait_until(lambda: view.range()[1] - view.range()[0] > span[1] - span[0])
    whole = view.range()
    page.set_viewport_size({"width": 1000, "height": 900})
    wait_until(lambda: view.box["width"] < 500)
    picture = "figure.renderers.find((r) => r.glyph.type == 'Image').data_source.data"
    wait_until(lambda: view.model(f"{picture}.image[0].shape[1]") < 500)
    left, width = view.model(f"[{picture}.x[0], {picture}.dw[0]]")
    assert view.range() == whole
    assert (left, left + width) == pytest.approx(whole[:2])


def test_quality_is_one_line_whose_question_mark_has_its_chance(map_view, page):
    page.get_by_role("button", name="What the line of its worth shows").click()
    page.get_by_text("neighborhood hit 0.82 [0.81–0.83] (chance 0.10)").wait_for()


def test_dark_and_light_are_two_pictures_of_one_selection(map_view, wait_until):
    session, view = map_view
    view.drag(RIGHT)
    wait_until(lambda: session.selection.count)
    light = view.model("figure.renderers.find((r) => r.glyph.type == 'Image').glyph.color_mapper.palette[1]")
    session.schedule(lambda: session.navigation.param.update(theme="dark"))
    palette = "figure.renderers.find((r) => r.glyph.type == 'Image').glyph.color_mapper.palette[1]"
    wait_until(lambda: view.model(palette) != light)
    assert session.selection.count


def test_before_there_is_a_map_the_page_says_when_it_comes_and_then_it_is_there(
    open_views, synthetic, figure, wait_until, page, tmp_path
):
    shape = synthetic.Shape(300)
    random = np.random.default_rng(0)
    label = random.integers(0, 10, 300, dtype=np.int32)
    with synthetic.open_writer(tmp_path, "growing", config={"name": "growing"}, provenance={}) as writer:
        synthetic.write_images(writer, shape, label, random)
        session = open_views(tmp_path / "growing")
        page.get_by_text("the map appears when the first projection is computed").wait_for()
        page.get_by_text("appears after the teacher's first epoch").wait_for()
        position = random.normal(size=(300, 2)).astype(np.float32)
        synthetic.write_map(writer, "pca-pixels-2d", "pca", "pixels", position)
        synthetic.write_teacher(writer, shape, label, random)
        session.schedule(session.poll)
        view = figure("map")
        view.drag(_border(view))
        wait_until(lambda: session.selection.count == 300)
        expect(page.locator(".matrix .beside")).to_have_count(10)


def test_another_run_with_a_map_of_the_same_name_gets_axes_of_its_own(
    open_views, synthetic, figure, wait_until, tmp_path
):
    first = synthetic.write_run(tmp_path, synthetic.Shape(200))
    with synthetic.open_writer(tmp_path, "wide", config={"name": "wide"}, provenance={}) as writer:
        random = np.random.default_rng(0)
        label = random.integers(0, 10, 200, dtype=np.int32)
        synthetic.write_images(writer, synthetic.Shape(200), label, random)
        far = 1000 + random.normal(size=(200, 2)).astype(np.float32)
        synthetic.write_map(writer, "tsne-features-2d", "tsne", "features", far)
    session = open_views(first)
    view = figure("map")
    session.schedule(lambda: session.navigation.param.update(run="wide"))
    wait_until(lambda: 990 < view.range()[0] < view.range()[1] < 1010)
    view.drag(_border(view))
    wait_until(lambda: session.selection.count == 200)
