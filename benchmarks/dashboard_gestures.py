"""What a person does with the mouse on the map and on readings of the confusions; part of `dashboard.py`."""

import numpy as np
from dashboard_page import Frame, frame, listen
from playwright.sync_api import Page


def lasso(page: Page, turn: int) -> None:
    """Encircles one side of the ring and ends in its empty middle, where nothing is hovered."""
    inside = frame(page, "map")
    angle = 2 * np.pi * turn / 7
    center = np.array([0.5 + 0.25 * np.cos(angle), 0.5 + 0.25 * np.sin(angle)])
    around = np.linspace(0, 2 * np.pi, 24)
    path = center + 0.17 * np.stack([np.cos(around), np.sin(around)], axis=1)
    _press_in_the_middle(page, inside)
    for right, down in path:
        page.mouse.move(*inside.at(right, down))
    page.mouse.move(*inside.at(0.5, 0.5))
    _release(page)


def box(page: Page, turn: int) -> None:
    """A box from the empty middle of the ring to a corner."""
    inside = frame(page, "map")
    _press_in_the_middle(page, inside)
    page.mouse.move(*inside.at(0.05 + 0.9 * (turn % 2), 0.05 + 0.9 * (turn // 2 % 2)), steps=8)
    _release(page)


def cell(page: Page, turn: int) -> None:
    """A click on the diagonal of the confusion matrix."""
    share = (turn % 10 + 0.5) / 10
    page.mouse.move(*frame(page, "confusion").at(share, share))
    _click(page)


def sector(page: Page, turn: int) -> None:
    """A click on a class at the rim of the sunburst."""
    _click_in_circle(page, frame(page, "sunburst"), 0.93, (turn % 10 + 0.5) / 10)


def ribbon(page: Page, turn: int) -> None:
    """A click on a ribbon of the chord diagram, where it leaves the middle of what a class sent."""
    _click_in_circle(page, frame(page, "chord"), 0.89, (turn % 10 + 0.27) / 10)


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
    _click(page)


def _on_the_ring(inside: Frame, turn: int) -> tuple[float, float]:
    angle = 2 * np.pi * (turn % 10) / 10
    return inside.at(0.5 + 0.3 * np.cos(angle), 0.5 - 0.3 * np.sin(angle))


def _click_in_circle(page: Page, inside: Frame, radius: float, share: float) -> None:
    """`radius` of 1, and `share` of the circle clockwise from the top."""
    pixels = radius * min(inside.height / 2 - 14, inside.width / 2 - 76)  # as the plot leaves room for names
    x, y = inside.at(0.5, 0.5)
    page.mouse.move(x + pixels * np.sin(2 * np.pi * share), y - pixels * np.cos(2 * np.pi * share))
    _click(page)


def _press_in_the_middle(page: Page, inside: Frame) -> None:
    page.mouse.move(*inside.at(0.5, 0.5))
    page.wait_for_timeout(150)
    page.mouse.down()


def _release(page: Page) -> None:
    listen(page, "pointerup")
    page.mouse.up()


def _click(page: Page) -> None:
    page.wait_for_timeout(400)  # apart from the last click, and after what hovering brings
    page.mouse.down()
    _release(page)
