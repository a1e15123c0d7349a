"""Gestures of a person in a page of ours, or of plain HoloViz beside it; part of `dashboard.py`."""

import numpy as np
from dashboard_page import Frame, frame, frame_of, listen
from playwright.sync_api import Page


def lasso(page: Page, turn: int) -> None:
    """Encircles one side of the ring and ends in its empty middle, where nothing is hovered."""
    encircle(page, frame(page, "map"), turn)


def lasso_3d(page: Page, turn: int) -> None:
    """The same path where the first turn has put the picture of three dimensions in the map's place."""
    if not turn:
        page.get_by_role("button", name="3-D", exact=True).click()
        page.get_by_role("button", name="Lasso", exact=True).click()
        page.wait_for_timeout(1500)  # points have been sent and painted
    encircle(page, frame_of(page, ".cloud .stage"), turn)


def box(page: Page, turn: int) -> None:
    """A box from the empty middle of the ring to a corner."""
    inside = frame(page, "map")
    _press_in_the_middle(page, inside)
    page.mouse.move(*inside.at(0.05 + 0.9 * (turn % 2), 0.05 + 0.9 * (turn // 2 % 2)), steps=8)
    _release(page)


def cell(page: Page, turn: int) -> None:
    """A click on the diagonal of the confusion matrix."""
    rows = page.locator(".matrix .beside").count()
    row = (2 * (turn % 10) + 1) * rows // 20
    page.mouse.move(*frame_of(page, f"[data-cell='{row},{row}']").at(0.5, 0.5))
    click_here(page)


def sector(page: Page, turn: int) -> None:
    """A click on a class at the rim of the sunburst."""
    _click_in_circle(page, frame(page, "sunburst"), 0.93, (turn % 10 + 0.5) / 10)


def ribbon(page: Page, turn: int) -> None:
    """A click on a ribbon of the chord diagram, where it leaves the middle of what a class sent."""
    _click_in_circle(page, frame(page, "chord"), 0.89, (turn % 10 + 0.27) / 10)


def query(page: Page, turn: int) -> None:
    """A class and a confidence typed as a query, which Enter asks for."""
    box = page.get_by_label("Query", exact=True)
    box.fill(f'true == "class {turn % 10}" and confidence > 0.9')
    page.wait_for_timeout(150)
    listen(page, "keydown")
    box.press("Enter")


def part(page: Page, turn: int) -> None:
    """A click on one of the parts of the bar of causes."""
    parts = page.locator(".causes-bar .names .part")
    parts.nth(turn % parts.count()).hover()
    click_here(page)


def kind(page: Page, turn: int) -> None:
    """A click on the name of a kind of mistakes."""
    page.locator(".modes-card .name").nth(turn % 2).hover()
    click_here(page)


def tick(page: Page, turn: int) -> None:
    """A click on a class in the column of filters: a clause comes, or goes."""
    page.locator(".filter-card [data-name=true] .item").nth(turn // 2 % 5).hover()
    click_here(page)


def step(page: Page, turn: int) -> None:
    """A key that leads to the next label under review, or back."""
    page.wait_for_timeout(400)
    listen(page, "keyup")  # the review keeps keydown to itself
    page.keyboard.press("ArrowLeft" if turn % 4 == 3 else "ArrowRight")


def tile(page: Page, turn: int) -> None:
    """A click on one of ten images of the grid."""
    inside = frame_of(page, ".image-grid .scroll")
    page.mouse.move(*inside.at(0.1 + 0.2 * (turn % 5), 0.4 + 0.3 * (turn // 5 % 2)))
    click_here(page)


def hover(page: Page, turn: int) -> None:
    """From the empty middle of the ring to a point on it."""
    inside = frame(page, "map")
    page.mouse.move(*inside.at(0.5, 0.5))
    page.wait_for_timeout(200)
    listen(page, "pointermove")
    page.mouse.move(*_on_the_ring(inside, turn))


def click(page: Page, turn: int) -> None:
    """A click on a point of the map."""
    page.mouse.move(*_on_the_ring(frame(page, "map"), turn))
    click_here(page)


def latent(page: Page, turn: int) -> None:
    """The first latent is taken hold of, and from then on moved up and down."""
    plot = frame_of(page, ".latent-card .plot")
    _drag(page, turn, ".latent-card .handle", plot.at(0.5, _elsewhere(turn)))


def way(page: Page, turn: int) -> None:
    """A click on another image of the grid while the way from the image under study is shown."""
    said = page.locator(".morph-card .note")
    before = said.inner_text()
    tile(page, turn)
    said.filter(has_not_text=before).wait_for()
    page.locator(".morph-card .strip").wait_for()  # what is under way is painted, and then the way


def slide(page: Page, turn: int) -> None:
    """The handle of the first slider is taken hold of, and from then on moved to and fro."""
    _drag(page, turn, ".noUi-handle", frame_of(page, ".noUi-base").at(_elsewhere(turn), 0.5))


def press(page: Page, turn: int) -> None:
    """A click on one of all buttons."""
    buttons = page.locator(".bk-btn")
    buttons.nth((turn + 1) % buttons.count()).hover()  # the first one is chosen
    click_here(page)


def _drag(page: Page, turn: int, handle: str, to: tuple[float, float]) -> None:
    if not turn:
        page.mouse.move(*frame_of(page, handle).at(0.5, 0.5))
        page.mouse.down()
    page.wait_for_timeout(150)
    listen(page, "pointermove")
    page.mouse.move(*to)


def _elsewhere(turn: int) -> float:
    """A share that is another one each turn."""
    return 0.2 + 0.6 * (3 * turn % 7) / 6


def encircle(page: Page, inside: Frame, turn: int) -> None:
    """A lasso around a seventh of the way along a ring, which ends in the middle."""
    angle = 2 * np.pi * turn / 7
    center = np.array([0.5 + 0.25 * np.cos(angle), 0.5 + 0.25 * np.sin(angle)])
    around = np.linspace(0, 2 * np.pi, 24)
    path = center + 0.17 * np.stack([np.cos(around), np.sin(around)], axis=1)
    _press_in_the_middle(page, inside)
    for right, down in path:
        page.mouse.move(*inside.at(right, down))
    page.mouse.move(*inside.at(0.5, 0.5))
    _release(page)


def _on_the_ring(inside: Frame, turn: int) -> tuple[float, float]:
    angle = 2 * np.pi * (turn % 10) / 10
    return inside.at(0.5 + 0.3 * np.cos(angle), 0.5 - 0.3 * np.sin(angle))


def _click_in_circle(page: Page, inside: Frame, radius: float, share: float) -> None:
    """`radius` of 1, and `share` of the circle clockwise from the top."""
    pixels = radius * min(inside.height / 2 - 14, inside.width / 2 - 76)  # as the plot leaves room for names
    x, y = inside.at(0.5, 0.5)
    page.mouse.move(x + pixels * np.sin(2 * np.pi * share), y - pixels * np.cos(2 * np.pi * share))
    click_here(page)


def _press_in_the_middle(page: Page, inside: Frame) -> None:
    page.mouse.move(*inside.at(0.5, 0.5))
    page.wait_for_timeout(150)
    page.mouse.down()


def _release(page: Page) -> None:
    listen(page, "pointerup")
    page.mouse.up()


def click_here(page: Page) -> None:
    """A click where the pointer is."""
    page.wait_for_timeout(400)  # apart from the last click, and after what hovering brings
    page.mouse.down()
    _release(page)
