"""The Time travel page on a toy run: four classes in four corners, that go outwards epoch by epoch."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page
from travels import Seen, commit_epochs, commit_events

from dashboards.session.session import Session
from dashboards.theme import CLASS_COLORS

Wait = Callable[..., Any]
TRAIN, EPOCHS = 20, 5
CENTERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]])  # as the quarters of `travels.epoch_group`
WIDE = 20  # of the map


def seen(label: np.ndarray, epoch: int) -> Seen:
    """A cloud a class, at 2, 3.25 .. 7 from the middle; every epoch a fifth more is right."""
    noise = np.random.default_rng(1).normal(0, 0.4, (len(label), 2))
    right = (np.arange(len(label)) // 4) % 5 <= epoch
    said = np.where(right, label, (label + 1) % 4)
    position = CENTERS[label] * (2 + 1.25 * epoch) + noise
    return Seen(position, said[:TRAIN], 3 * np.eye(4)[said[TRAIN:]])


def travelled(made: Any, store: Path, epochs: int = EPOCHS, *, planned: int = 0, events: bool = True) -> Path:
    """The finished run with time travel."""
    groups = [seen(made.label, epoch) for epoch in range(epochs)]
    commit_epochs(store, made.run, groups, np.arange(len(made.label)), planned=planned)
    if events:
        commit_events(store, made.run, [(2, 25, 0, 0.9), (2, 26, 1, 0.7), (3, 31, 0, 0.4), (3, 3, 2, 5.0)])
    return store


class Stage(NamedTuple):
    """The map, on which a test uses the mouse."""

    page: Page

    @property
    def element(self) -> Locator:
        return self.page.locator(".stage").first

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


def painted(page: Page, wait_until: Wait) -> Stage:
    """The first map of the page, once it is painted."""
    stage = Stage(page)
    stage.element.wait_for()
    wait_until(lambda: stage.time >= 0)
    return stage


def rgb(text: str) -> np.ndarray:
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)])


def epoch_of(session: Session) -> int | None:
    return session.pages["time-travel"].epoch  # type: ignore[attr-defined,no-any-return]


def title(page: Page) -> Locator:
    return page.locator(".plot-header h2").first
