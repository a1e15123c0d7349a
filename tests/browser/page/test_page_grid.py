"""The image grid: what is listed, what travels, and how hover, click and keys reach the other views."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboards.data.orders import ordered
from dashboards.session.gestures import Query, Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.theme import VERDICT_COLORS, class_color
from dashboards.views.grid import view as grid_view
from deepvid.store import RunWriter
from deepvid.trust import Verdict

pytestmark = pytest.mark.browser

Serve = Callable[..., Session]
Wait = Callable[..., Any]

PIXEL = """([x, y]) => {
  const find = (root) => { for (const e of root.querySelectorAll('*')) {
    if (e.matches('.image-grid')) return e
    const inner = e.shadowRoot && find(e.shadowRoot); if (inner) return inner } }
  const canvas = find(document).querySelector('canvas'), ratio = devicePixelRatio
  return [...canvas.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3)
}"""

CELL = 56  # px: a 12 x 12 image four times as large, two borders of 2 and a gap of 4


def rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def tile(page: Page, column: int, row: int = 0) -> tuple[float, float]:
    """Page pixels of the middle of a tile of the first screen."""
    box, left = frame(page), margin(page)
    return box["x"] + left + (column + 0.45) * CELL, box["y"] + 10 + (row + 0.45) * CELL


def frame(page: Page) -> Any:
    return page.locator(".image-grid .scroll").bounding_box()


def columns(page: Page) -> int:
    return int((page.locator(".image-grid .scroll").evaluate("e => e.clientWidth") - 16) // CELL)


def margin(page: Page) -> float:
    width = page.locator(".image-grid .scroll").evaluate("e => e.clientWidth")
    return max(10, (width - columns(page) * CELL + 4) / 2)


def order(session: Session, name: str = "explained") -> list[int]:
    assert session.population is not None
    return session.population.samples[
        ordered(session.population, name, session.selection.mask).rows()
    ].tolist()


@pytest.fixture
def session(serve_app: Serve, made: Any, page: Page, wait_until: Wait) -> Session:
    session = serve_app(made.path)
    expect(page.locator(".image-grid canvas")).to_be_visible()
    wait_until(lambda: page.evaluate(PIXEL, [margin(page) + 1, 30]) != [0, 0, 0])
    return session


def test_lists_the_worst_first_with_frames_in_the_true_class_color(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_label("Order of the images").select_option("worst")
    third = order(session, "worst")[2]  # the first is in focus and wears a ring
    assert third in made.wrong
    at = [margin(page) + 2 * CELL + 1, 10 + CELL / 2]
    wait_until(lambda: page.evaluate(PIXEL, at) == rgb(class_color(made.label[third])))
    corner = [margin(page) + 2 * CELL + 52 - 3, 10 + 3]
    assert page.evaluate(PIXEL, corner) == rgb(class_color(made.predicted[third]))


def test_lists_the_best_explained_first_with_a_badge_each(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    """Three of six students explain their image; of the others the copy is another class to the teacher."""
    listed = order(session)
    assert set(listed[:6]) == set(made.fitted)
    expect(page.get_by_label("Order of the images")).to_have_value("explained")
    explained, weak = rgb(VERDICT_COLORS[Verdict.EXPLAINED]), rgb(VERDICT_COLORS[Verdict.WEAK])
    for position, color in ((0, explained), (2, explained), (3, weak), (5, weak)):
        # The badge in the lower right corner, left of its middle and above it: there a half is filled.
        row, column = divmod(position, columns(page))
        at = [margin(page) + column * CELL + 40, 10 + row * CELL + 38]
        wait_until(lambda at=at, color=color: page.evaluate(PIXEL, at) == color)
    expect(page.locator(".image-grid .note")).to_contain_text("explainedweakcannot tell")
    page.mouse.move(*tile(page, 3))
    wait_until(lambda: " · weak" in (page.locator(".image-grid .scroll").get_attribute("title") or ""))


def test_an_image_that_nobody_chose_does_not_move_the_list(
    page: Page, session: Session, wait_until: Wait
) -> None:
    assert session.population is not None
    list_ = page.locator(".image-grid .scroll")
    last = order(session)[-1]
    session.schedule(lambda: session.opening.take(last))
    wait_until(lambda: session.navigation.focus == last)
    page.wait_for_timeout(300)
    assert list_.evaluate("list => list.scrollTop") == 0
    session.schedule(lambda: session.focus(order(session)[-2]))
    wait_until(lambda: list_.evaluate("list => list.scrollTop") > 0)


def test_click_and_keys_move_the_focus(page: Page, session: Session, wait_until: Wait) -> None:
    listed, wide = order(session), columns(page)
    page.mouse.click(*tile(page, 1))
    wait_until(lambda: session.navigation.focus == listed[1])
    expect(page.locator("h2 .index")).to_have_text(f"#{listed[1]}")
    for key, position in [
        ("ArrowRight", 2),
        ("ArrowDown", 2 + wide),
        ("ArrowLeft", 1 + wide),
        ("ArrowUp", 1),
        ("End", len(listed) - 1),
        ("Home", 0),
    ]:
        page.keyboard.press(key)
        wait_until(lambda position=position: session.navigation.focus == listed[position])
    page.keyboard.press("PageDown")
    wait_until(lambda: listed.index(session.navigation.focus) >= 3 * wide)


def test_a_t3_hover_goes_both_ways(page: Page, session: Session, wait_until: Wait) -> None:
    listed = order(session)
    page.mouse.move(*tile(page, 3))
    wait_until(lambda: session.navigation.hover == listed[3])
    page.mouse.move(5, 5)
    wait_until(lambda: session.navigation.hover is None)
    ring = [margin(page) + 2 * CELL + 26, 10]
    before = page.evaluate(PIXEL, ring)
    session.schedule(lambda: session.navigation.param.update(hover=listed[2]))
    wait_until(lambda: page.evaluate(PIXEL, ring) != before)


def test_a_hover_goes_with_its_tile(page: Page, session: Session, wait_until: Wait) -> None:
    def point() -> bool:
        page.mouse.move(*tile(page, 2, 1))
        page.mouse.move(*tile(page, 3, 1))
        return session.navigation.hover is not None  # not before the tile has come

    for gesture in (lambda: page.keyboard.press("End"), lambda: page.mouse.wheel(0, -40 * CELL)):
        page.locator(".image-grid .scroll").focus()
        wait_until(point)
        gesture()
        wait_until(lambda: session.navigation.hover is None)
    wait_until(point)


def test_a_hover_of_another_view_outlives_what_the_grid_does(
    page: Page, session: Session, wait_until: Wait
) -> None:
    sample = order(session)[3]
    session.schedule(lambda: session.navigation.param.update(hover=sample))
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("End")
    wait_until(lambda: session.navigation.focus == order(session)[-1])
    page.wait_for_timeout(200)
    assert session.navigation.hover == sample


def test_the_order_is_a_choice(page: Page, session: Session, wait_until: Wait) -> None:
    page.get_by_label("Order of the images").select_option("index")
    second = [margin(page) + CELL + 1, 10 + CELL / 2]
    wait_until(lambda: page.evaluate(PIXEL, second) == rgb(class_color(1)))  # labels are 0, 1, 2, 3, 0, ...
    page.mouse.click(*tile(page, 2))
    wait_until(lambda: session.navigation.focus == order(session, "index")[2])


def test_a_selection_lists_its_images_and_an_empty_one_says_so(
    page: Page, session: Session, wait_until: Wait
) -> None:
    chosen = [40, 41, 42]
    select = lambda samples: session.schedule(  # noqa: E731
        lambda: session.select(Step(Mode.REPLACE, Samples(tuple(samples))))
    )
    select(chosen)
    expect(page.locator(".image-grid h2")).to_contain_text("3 images selected")
    page.mouse.click(*tile(page, 2))
    wait_until(lambda: session.navigation.focus == order(session)[2])
    select([])
    expect(page.get_by_text("The selection is empty")).to_be_visible()


def test_only_what_is_visible_travels(page: Page, session: Session, wait_until: Wait) -> None:
    from dashboards.views.grid.image_grid import ImageGrid

    (grid,) = (grid for view in session.linker.views for grid in view.__panel__().select(ImageGrid))
    sent: list[tuple[int, int]] = []
    grid.param.watch(lambda event: sent.append((event.new["first"], len(event.new["sample"]))), "window")
    box = frame(page)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.wheel(0, 20 * CELL)
    wait_until(lambda: sent)
    first, count = sent[-1]
    visible = columns(page) * (int(box["height"]) // CELL + 2)
    assert first > 0
    assert count <= 2 * visible + columns(page)
    position = 20 * columns(page)
    wait_until(lambda: sent[-1][0] <= position < sum(sent[-1]))
    sample = order(session)[position]
    label = session.population.label[session.population.row_of(sample)]  # type: ignore[union-attr]
    wait_until(
        lambda: page.evaluate(PIXEL, [margin(page) + 1, 10 + CELL / 2]) == rgb(class_color(int(label)))
    )
    assert np.prod(grid.tiles.__len__()) == sent[-1][1] * 12 * 12


def menu(page: Page, column: int, item: str) -> None:
    page.mouse.click(*tile(page, column), button="right")
    page.get_by_role("menuitem", name=item).click()


def test_a_tiles_menu_studies_pins_and_selects(page: Page, session: Session, wait_until: Wait) -> None:
    samples = order(session)
    wait_until(lambda: page.locator(".image-grid").count())
    menu(page, 1, "Pin it beside")
    wait_until(lambda: session.navigation.pin == samples[1])
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    menu(page, 2, "Similar images")
    wait_until(lambda: session.navigation.focus == samples[2])
    expect(page.get_by_role("tab", name="Similar").first).to_have_attribute("aria-selected", "true")
    menu(page, 3, "Add to the selection")
    wait_until(lambda: session.selection.count == 1)
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: not session.selection.steps)
    menu(page, 0, "Take out of the selection")
    wait_until(lambda: session.selection.count == len(samples) - 1)


def test_a_tiles_menu_opens_by_key_and_closes_by_escape(
    page: Page, session: Session, wait_until: Wait
) -> None:
    page.mouse.click(*tile(page, 0))
    wait_until(lambda: session.navigation.focus == order(session)[0])
    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    page.keyboard.press("Shift+F10")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    wait_until(lambda: session.selection.count == len(order(session)))


def test_tiles_have_three_sizes_that_are_kept(page: Page, session: Session, wait_until: Wait) -> None:
    samples = order(session)
    x, y = tile(page, 3)

    def pointed() -> int:
        page.mouse.move(x, y - 200)
        page.mouse.move(x, y)
        wait_until(lambda: session.navigation.hover is not None)
        return samples.index(session.navigation.hover)

    assert pointed() == 3
    page.get_by_role("button", name="Size of the tiles").click()
    wait_until(lambda: pointed() < 3)
    page.get_by_role("button", name="Size of the tiles").click()
    wait_until(lambda: pointed() > 3)
    page.reload()
    expect(page.locator(".image-grid h2")).to_be_visible()
    assert page.evaluate("localStorage.getItem('deepvid-tiles')") == "small"


def test_a_button_leads_to_the_image_under_study_while_it_is_out_of_sight(
    page: Page, session: Session
) -> None:
    away, scroll = page.locator(".image-grid .away"), page.locator(".image-grid .scroll")
    page.get_by_label("Order of the images").select_option("index")
    session.schedule(lambda: session.opening.take(order(session, "index")[-1]))  # nobody chose it
    expect(away).to_have_text(f"↓ #{order(session, 'index')[-1]} under study")
    assert scroll.evaluate("e => e.scrollTop") == 0  # the list has not moved
    away.click()
    expect(away).to_be_hidden()
    assert scroll.evaluate("e => e.scrollTop") > 0
    expect(scroll).to_be_focused()
    session.schedule(lambda: session.opening.take(order(session, "index")[0]))
    expect(away).to_have_text(f"↑ #{order(session, 'index')[0]} under study")


def test_a_link_opens_the_list_at_its_image(page: Page, session: Session, wait_until: Wait) -> None:
    last = order(session)[-1]
    page.goto(page.url.split("?")[0] + f"?focus={last}")
    scroll = page.locator(".image-grid .scroll")
    wait_until(lambda: scroll.evaluate("e => e.scrollTop") > 0)
    expect(page.locator(".image-grid .away")).to_be_hidden()


def offered(page: Page) -> list[str]:
    return page.get_by_label("Order of the images").locator("option").all_inner_texts()


def distances(made: Any, sample: int) -> list[int]:
    """The test images by their distance, the image itself first."""
    features = made.logits[:, :2].astype(np.float64)
    distance = np.linalg.norm(features - features[sample], axis=1)
    distance[sample] = -1
    test = np.arange(20, len(made.label))
    return test[np.lexsort((test, distance[test]))].tolist()


def test_images_are_listed_by_distance_to_one_and_stay_so(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    first = session.navigation.focus
    assert first is not None
    page.get_by_label("Order of the images").select_option("distance")
    expect(page.get_by_label("Order of the images")).to_have_value(f"distance:{first}")
    assert f"by distance to #{first}" in offered(page)
    wanted = distances(made, first)
    page.mouse.click(*tile(page, 2))
    wait_until(lambda: session.navigation.focus == wanted[2])
    page.keyboard.press("ArrowRight")  # another image is under study, and the order is that of the first
    wait_until(lambda: session.navigation.focus == wanted[3])
    assert f"by distance to #{first}" in offered(page)
    page.mouse.click(*tile(page, 1), button="right")
    page.get_by_role("menuitem", name="List by distance to it").click()
    other = distances(made, wanted[1])
    wait_until(lambda: f"by distance to #{wanted[1]}" in offered(page))
    page.mouse.click(*tile(page, 1))
    wait_until(lambda: session.navigation.focus == other[1])


def test_a_link_lists_the_images_in_the_order_and_the_groups_of_the_other_page(
    page: Page, serve_app: Serve, made: Any, wait_until: Wait
) -> None:
    """Of a run whose images are not those any more it says nothing wrong: another order takes its place."""
    session = serve_app(made.path, "?sort=distance:25&group=predicted")
    wait_until(lambda: "by distance to #25" in offered(page))
    grouped = page.get_by_role("button", name="Group the images")
    assert (grouped.get_attribute("title") or "").startswith("Grouped by predicted class")
    page.get_by_label("Order of the images").select_option("index")
    wait_until(lambda: session.navigation.sort == "index")
    wait_until(lambda: "sort=index" in page.evaluate("location.search"))
    page.goto(page.url.replace("sort=index", "sort=distance:99999999"))
    expect(page.locator(".image-grid h2")).to_be_visible()
    assert not [text for text in offered(page) if "#9" in text]


def test_an_order_chosen_while_distances_are_sorted_stays(
    page: Page, session: Session, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, ended, sort = Event(), Event(), Event(), grid_view.by_image

    def slow(*asked: Any) -> Any:
        begun.set()
        go.wait(30)
        try:
            return sort(*asked)
        finally:
            ended.set()

    monkeypatch.setattr(grid_view, "by_image", slow)
    orders = page.get_by_label("Order of the images")
    orders.select_option("distance")
    wait_until(begun.is_set)
    orders.select_option("index")
    expect(orders).to_have_value("index")
    go.set()
    wait_until(ended.is_set)
    (view,) = (view for view in session.linker.views if isinstance(view, grid_view.GridView))
    wait_until(lambda: not view._sorting.busy)
    expect(orders).to_have_value("index")
    assert session.navigation.sort == "index"


HEADING = 24  # px


def test_images_are_grouped_by_class_under_headings(
    page: Page, session: Session, made: Any, wait_until: Wait
) -> None:
    page.get_by_label("Order of the images").select_option("index")
    group = page.get_by_role("button", name="Group the images")
    group.click()
    expect(group).to_have_attribute("aria-pressed", "true")
    expect(group).to_have_attribute("title", "Grouped by true class: a click groups by predicted class")
    box, left, across = frame(page), margin(page), columns(page)
    heading = [margin(page) + 4, 10 + HEADING / 2]
    wait_until(lambda: page.evaluate(PIXEL, heading) == rgb(class_color(0)))
    circles = [sample for sample in range(20, 420) if made.label[sample] == 0]
    page.mouse.click(box["x"] + left + 20, box["y"] + 10 + HEADING + 20)
    wait_until(lambda: session.navigation.focus == circles[0])
    page.keyboard.press("ArrowDown")
    wait_until(lambda: session.navigation.focus == circles[across])
    last_row = (len(circles) - 1) // across * across
    squares = [sample for sample in range(20, 420) if made.label[sample] == 1]
    for _ in range(last_row // across):
        page.keyboard.press("ArrowDown")
    wait_until(lambda: session.navigation.focus == squares[0])  # below the last row of circles
    page.keyboard.press("ArrowUp")
    wait_until(lambda: session.navigation.focus == circles[last_row])
    group.click()
    expect(group).to_have_attribute("title", "Grouped by predicted class: a click groups by nothing")
    page.keyboard.press("Tab")
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("Home")
    taken = [sample for sample in range(20, 420) if made.predicted[sample] == 0]
    wait_until(lambda: session.navigation.focus == taken[0])
    group.click()
    expect(group).to_have_attribute("aria-pressed", "false")


def test_groups_are_of_what_is_selected(page: Page, session: Session, made: Any, wait_until: Wait) -> None:
    page.get_by_label("Order of the images").select_option("index")
    page.get_by_role("button", name="Group the images").click()
    squares = [sample for sample in range(20, 420) if made.label[sample] == 1][:3]
    rings = [sample for sample in range(20, 420) if made.label[sample] == 3][:2]
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Samples((*rings, *squares)))))
    heading = [margin(page) + 4, 10 + HEADING / 2]
    wait_until(lambda: page.evaluate(PIXEL, heading) == rgb(class_color(1)))
    second = [margin(page) + 4, 10 + HEADING + CELL + HEADING / 2]
    assert page.evaluate(PIXEL, second) == rgb(class_color(3))
    page.locator(".image-grid .scroll").focus()
    page.keyboard.press("End")
    wait_until(lambda: session.navigation.focus == rings[1])


def test_an_image_whose_file_is_of_another_class_wears_a_sign_and_says_so(
    page: Page,
    serve_app: Serve,
    begin_run: Callable[..., RunWriter],
    groups: Any,
    made: Any,
    tmp_path: Path,
    wait_until: Wait,
) -> None:
    """The second and the fourth test image: to the model their files are rings."""
    first, teacher = 20, groups.teacher()
    of_file = made.predicted.astype(np.int32)
    of_file[[first + 1, first + 3]] = 3
    others = [n for n in (0, 1, 2, 3) if of_file[first + n] != made.predicted[first + n]]
    with begin_run(tmp_path) as writer:
        writer.commit_stage("dataset", "a" * 12, groups.dataset(), summary={"source": "drawn"})
        writer.commit_stage("projection-tsne-features-2d", "b" * 12, groups.projection())
        writer.commit_stage("teacher", "c" * 12, teacher.assign(class_of_file=("sample", of_file)))
        writer.finish()
    session = serve_app(tmp_path, f"?focus={first + others[0]}")
    expect(page.locator(".focus-card .of-file")).to_have_text("≠ of the file itself: ring")
    expect(page.locator(".image-grid .note")).to_contain_text("≠: file differs")
    page.get_by_label("Order of the images").select_option("index")
    white = [255, 255, 255]

    def corner(column: int) -> list[int]:
        """The lower left of a tile's image, where the ground of a sign begins."""
        return page.evaluate(PIXEL, [margin(page) + column * CELL + 4, 10 + 48])

    wait_until(lambda: [n for n in range(4) if corner(n) == white] == others)
    session.schedule(lambda: session.select(Step(Mode.REPLACE, Query('of_file == "ring"'))))
    wait_until(lambda: session.selection.count == int((of_file[first:] == 3).sum()))
