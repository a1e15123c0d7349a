"""The map of the Time travel page, as browser tests see it and use the mouse on it."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from dashboards.theme import CLASS_COLORS

WIDE = 20  # of the map that `travels` makes


class Stage(NamedTuple):
    """The map, on which a test uses the mouse."""

    page: Page

    @property
    def element(self) -> Locator:
        return self.page.locator(".stage")

    @property
    def time(self) -> float:
        return float(self.element.get_attribute("data-time") or "nan")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Page pixels of a point of the map."""
        box = self.element.bounding_box()
        assert box is not None
        side = (min(box["width"], box["height"]) - 8) / WIDE
        return box["x"] + box["width"] / 2 + x * side, box["y"] + box["height"] / 2 - y * side

    def color(self, x: float, y: float, around: int = 0) -> np.ndarray:
        """uint8 (y, x, 3): what is painted there."""
        left, top = self.at(x, y)
        clip = {"x": left - around, "y": top - around, "width": 2 * around + 1, "height": 2 * around + 1}
        picture = self.page.screenshot(clip=clip)  # type: ignore[arg-type]
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def amount(self, x: float, y: float, index: int, around: int = 60) -> int:
        """How many pixels around a point have the color of a class."""
        return int(
            (np.abs(self.color(x, y, around).astype(int) - rgb(CLASS_COLORS[index])) < 12).all(-1).sum()
        )

    def lasso(self, *corners: tuple[float, float]) -> None:
        first, *others = [self.at(*corner) for corner in (*corners, corners[0])]
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for corner in others:
            self.page.mouse.move(*corner, steps=8)
        self.page.mouse.up()


def rgb(text: str) -> np.ndarray:
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)])
